import { CENTERS, type Center } from './center.ts'
import type { Kind } from './odata-kind.ts'
import { utcText } from './wire.ts'

export const UPDATE_TYPES = ['Absolute', 'Relative', 'Available', 'InStock', 'UnShipped'] as const
export type UpdateType = (typeof UPDATE_TYPES)[number]

/** Who changed a quantity. */
export type Writer = UpdateType | 'seed' | 'buyer' | 'person' | 'upload'

/** One number that was told: what it was, and what could be bought from then on in that distribution center. */
export interface Told {
  readonly at: number
  readonly by: UpdateType | 'upload'
  readonly app: string
  readonly centerId: number
  readonly quantity: number
  readonly left: number
}

export interface Product {
  readonly id: number
  readonly profileId: number
  readonly sku: string
  readonly title: string
  readonly price: string
  readonly createdAt: number
  updatedAt: number
  /** What can be bought, by distribution center. */
  readonly stock: Map<Center, number>
  /** In open auctions and the like. */
  readonly allocated: number
  isDeleted: boolean
  refusal: { readonly status: number; readonly message: string; left: number } | undefined
  /** Epoch milliseconds, what could be bought in all from then on, and whose doing it was. */
  readonly history: (readonly [at: number, live: number | null, by: Writer])[]
  readonly told: Told[]
  bought: number
  /** Orders for more than there was, let through on purpose. */
  readonly oversold: number[]
}

/** What a buyer can have now; undefined where nothing is for sale. */
export function liveQuantity(product: Product): number | undefined {
  if (product.isDeleted) return undefined
  return [...product.stock.values()].reduce((sum, units) => sum + units, 0)
}

export function setStock(product: Product, center: Center, units: number, at: number, by: Writer): void {
  product.stock.set(center, Math.max(0, units))
  product.updatedAt = Math.max(at, product.updatedAt + 1)
  remember(product, at, by)
}

export function remember(product: Product, at: number, by: Writer): void {
  product.history.push([at, liveQuantity(product) ?? null, by])
}

/** What a product shows; what waits in orders is counted when somebody looks. */
export interface Shelf {
  readonly product: Product
  readonly pending: () => Pending
}

/** Units in the account's own orders, by what they wait for. */
export interface Pending {
  readonly checkout: number
  readonly payment: number
  readonly shipment: number
}

const DC_QUANTITIES: Kind<{ readonly product: Product; readonly center: Center; readonly units: number }> = {
  set: 'DCQuantities',
  fields: {
    ProductID: { type: 'int', of: ({ product }) => product.id },
    ProfileID: { type: 'int', of: ({ product }) => product.profileId },
    DistributionCenterID: { type: 'int', of: ({ center }) => center.id },
    AvailableQuantity: { type: 'int', of: ({ units }) => units },
  },
  links: { DistributionCenter: { to: () => CENTERS, of: ({ center }) => [center] } },
}

export const PRODUCTS: Kind<Shelf> = {
  set: 'Products',
  fields: {
    ID: { type: 'int', of: ({ product }) => product.id },
    ProfileID: { type: 'int', of: ({ product }) => product.profileId },
    CreateDateUtc: { type: 'date', of: ({ product }) => utcText(product.createdAt, product.id) },
    UpdateDateUtc: { type: 'date', of: ({ product }) => utcText(product.updatedAt, product.id) },
    QuantityUpdateDateUtc: { type: 'date', of: ({ product }) => utcText(product.updatedAt, product.id) },
    Sku: { type: 'string', of: ({ product }) => product.sku },
    Title: { type: 'string', of: ({ product }) => product.title },
    BuyItNowPrice: { type: 'decimal', of: ({ product }) => product.price },
    IsParent: { type: 'boolean', of: () => false },
    ParentProductID: { type: 'int', of: () => null },
    TotalAvailableQuantity: { type: 'int', of: ({ product }) => liveQuantity(product) ?? 0 },
    OpenAllocatedQuantity: { type: 'int', of: ({ product }) => product.allocated },
    PendingCheckoutQuantity: { type: 'int', of: ({ pending }) => pending().checkout },
    PendingPaymentQuantity: { type: 'int', of: ({ pending }) => pending().payment },
    PendingShipmentQuantity: { type: 'int', of: ({ pending }) => pending().shipment },
    TotalQuantity: { type: 'int', of: ({ product, pending }) => totalOf(product, pending()) },
  },
  links: {
    DCQuantities: {
      to: () => DC_QUANTITIES,
      of: ({ product }) => [...product.stock].map(([center, units]) => ({ product, center, units })),
      path: ({ product }) => `Products(${product.id})/DCQuantities`,
    },
  },
}

/** On the shelf in all: what can be bought and what is promised. */
function totalOf(product: Product, { checkout, payment, shipment }: Pending): number {
  return (liveQuantity(product) ?? 0) + product.allocated + checkout + payment + shipment
}
