import { type Center, isExternal } from './center.ts'

export const CHECKOUTS = [
  'NotVisited',
  'Completed',
  'Visited',
  'Disabled',
  'CompletedAndVisited',
  'CompletedOffline',
  'OnHold',
] as const
export const PAYMENTS = ['NotYetSubmitted', 'Cleared', 'Submitted', 'Failed', 'Deposited'] as const
export const SHIPPINGS = ['Unshipped', 'Shipped', 'PartiallyShipped', 'PendingShipment', 'Canceled', 'ThirdPartyManaged'] as const
export const ROLLUPS = ['SellerManaged', 'ExternallyManaged', 'Mixed'] as const
export const TAX_TYPES = ['NoTax', 'Standard', 'ExclusiveVat', 'InclusiveVat'] as const
export const DELIVERIES = ['NoChange', 'InTransit', 'ReadyForPickup', 'Complete', 'Canceled', 'ThirdPartyManaged'] as const
export const FULFILLMENT_TYPES = ['Ship', 'Pickup', 'ShipToStore', 'Courier'] as const

export type Checkout = (typeof CHECKOUTS)[number]
export type Payment = (typeof PAYMENTS)[number]
export type Shipping = (typeof SHIPPINGS)[number]
export type Delivery = (typeof DELIVERIES)[number]
export type FulfillmentType = (typeof FULFILLMENT_TYPES)[number]

/** Shipped as far as the platform is concerned. */
const GONE: readonly Delivery[] = ['InTransit', 'ReadyForPickup', 'Complete', 'ThirdPartyManaged']

export interface Address {
  readonly first: string | null
  readonly last: string | null
  readonly company: string | null
  readonly phone: string | null
  readonly line1: string | null
  readonly line2: string | null
  readonly city: string | null
  readonly state: string | null
  readonly stateName: string | null
  readonly postal: string | null
  readonly country: string | null
}

export interface Promotion {
  readonly code: string
  readonly amount: string
}

export interface Line {
  readonly id: number
  readonly productId: number | null
  readonly sku: string | null
  readonly title: string | null
  readonly quantity: number
  readonly price: string
  /** For all units, as is the shipping. */
  readonly tax: string
  readonly shipping: string
  readonly giftMessage: string | null
  readonly giftNotes: string | null
  readonly isBundle: boolean
  readonly promotions: readonly Promotion[]
  /** At the marketplace. */
  readonly siteItemId: string
}

export interface Fulfillment {
  readonly id: number
  readonly createdAt: number
  type: FulfillmentType
  updatedAt: number
  delivery: Delivery
  tracking: string | null
  trackingUrl: string | null
  carrier: string | null
  shippingClass: string | null
  center: Center
  shippedAt: number | null
  sellerId: string | null
  /** Units by line, with the ID of the entry. */
  items: Map<Line, { readonly id: number; quantity: number }>
  /** Who shipped it; undefined: nobody yet. */
  by: 'Ship' | 'PATCH' | 'seed' | 'person' | undefined
  /** What became of the news at the marketplace. */
  marketplace: 'not yet' | 'sent' | 'prevented' | 'rejected'
}

export interface Order {
  readonly id: number
  readonly profileId: number
  readonly siteId: number
  readonly siteName: string
  readonly siteAccountId: number
  readonly siteOrderId: string
  /** Where the first one is the account's own. */
  readonly secondarySiteOrderId: string | null
  readonly sellerOrderId: string | null
  readonly currency: string
  /** At the marketplace. */
  readonly createdAt: number
  /** When the account got it; nobody sees it before. */
  readonly importedAt: number
  readonly buyerId: string
  readonly email: string | null
  readonly publicNotes: string | null
  readonly privateNotes: string | null
  readonly instructions: string | null
  readonly shippingPrice: string
  readonly shippingTax: string
  readonly taxType: (typeof TAX_TYPES)[number]
  readonly promotion: Promotion | undefined
  readonly carrier: string | null
  readonly shippingClass: string | null
  readonly estimatedShipAt: number | null
  readonly deliverByAt: number | null
  readonly customFields: readonly { readonly id: number; readonly value: string }[]
  readonly lines: readonly Line[]
  /** Laid over its form, last. */
  readonly wire: unknown
  updatedAt: number
  /** Searches by change have lost it. */
  omitted?: boolean
  checkout: Checkout
  payment: Payment
  /** Instead of what follows from the fulfillments. */
  shipping: Shipping | undefined
  shipTo: Address
  /** When buyer and address are taken out of it. */
  userDataEndsAt: number
  fulfillments: Fulfillment[]
}

export function isGone(fulfillment: Fulfillment): boolean {
  return GONE.includes(fulfillment.delivery)
}

/** Nobody has done anything about it yet. */
export function isWaiting({ delivery }: Fulfillment): boolean {
  return delivery === 'NoChange'
}

export function shippedUnits(order: Order, line: Line): number {
  return order.fulfillments.filter(isGone).reduce((units, { items }) => units + (items.get(line)?.quantity ?? 0), 0)
}

export function openUnits(order: Order, line: Line): number {
  return Math.max(0, line.quantity - shippedUnits(order, line))
}

export function shippingStatus(order: Order): Shipping {
  if (order.shipping !== undefined) return order.shipping
  const open = order.lines.filter((line) => openUnits(order, line) > 0)
  if (open.length === 0) return 'Shipped'
  return order.lines.some((line) => shippedUnits(order, line) > 0) ? 'PartiallyShipped' : 'Unshipped'
}

/** Over the distribution centers of all fulfillments. */
export function rollup(order: Order): (typeof ROLLUPS)[number] {
  const external = order.fulfillments.filter(({ center }) => isExternal(center)).length
  if (external === 0) return 'SellerManaged'
  return external === order.fulfillments.length ? 'ExternallyManaged' : 'Mixed'
}

export function isCancelled(order: Order): boolean {
  return order.shipping === 'Canceled'
}

export function isCheckedOut(order: Order): boolean {
  return order.checkout === 'Completed' || order.checkout === 'CompletedAndVisited' || order.checkout === 'CompletedOffline'
}

export function hasUserData(order: Order, now: number): boolean {
  return now < order.userDataEndsAt
}
