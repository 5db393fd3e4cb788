import type { Json } from './wire.ts'

/** Data appear this much later than they happen (contract section 2, rule 3), unless the seed's `order_lag_ms` says otherwise. */
export const LATENCY_MS = 2 * 60_000

export type FulfillmentStatus =
  | 'PENDING_AVAILABILITY'
  | 'PENDING'
  | 'UNSHIPPED'
  | 'PARTIALLY_SHIPPED'
  | 'SHIPPED'
  | 'CANCELLED'
  | 'UNFULFILLABLE'

export const STATUSES: readonly FulfillmentStatus[] = [
  'PENDING_AVAILABILITY',
  'PENDING',
  'UNSHIPPED',
  'PARTIALLY_SHIPPED',
  'SHIPPED',
  'CANCELLED',
  'UNFULFILLABLE',
]

export interface Gift {
  readonly message: string | undefined
  readonly wrap: string | undefined
  /** For the line, like tax, discount and shipping. */
  readonly price: string
}

export interface OrderItem {
  readonly id: string
  readonly asin: string
  readonly sku: string | undefined
  readonly title: string | undefined
  readonly quantity: number
  readonly unitPrice: string
  readonly tax: string
  readonly discount: string
  readonly shipping: string
  readonly gift: Gift | undefined
  readonly programs: readonly string[]
  readonly promotionId: string | undefined
  readonly customizedUrl: string | undefined
  shipped: number
  cancelled: number
  /** The buyer wishes to cancel; the text is the reason. */
  cancelRequest: string | undefined
  cancelledBy: string | undefined
}

export interface PackageItem {
  readonly itemId: string
  readonly quantity: number
  readonly transparencyCodes: readonly string[]
}

export interface Package {
  readonly referenceId: string
  readonly createdAt: number
  readonly tracking: string
  readonly carrier: string
  readonly carrierName: string | undefined
  readonly method: string | undefined
  readonly shippedAt: number
  readonly items: readonly PackageItem[]
  /** How often confirmShipment named it; 0 when another tool made it. */
  confirmCalls: number
}

export interface Address {
  readonly name: string | undefined
  readonly company: string | undefined
  readonly line1: string | undefined
  readonly line2: string | undefined
  readonly line3: string | undefined
  readonly city: string | undefined
  readonly state: string | undefined
  readonly postal: string | undefined
  readonly country: string | undefined
  readonly phone: string | undefined
  readonly type: string | undefined
}

export interface Buyer {
  readonly name: string | undefined
  readonly email: string | undefined
  readonly company: string | undefined
  readonly purchaseOrder: string | undefined
}

export interface Window {
  readonly earliest: number
  readonly latest: number
}

export interface Order {
  readonly id: string
  readonly sellerId: string
  readonly marketplaceId: string
  readonly currency: string
  readonly fulfilledBy: 'MERCHANT' | 'AMAZON'
  readonly createdAt: number
  /** Not shown by any operation before this. */
  readonly visibleAt: number
  readonly items: readonly OrderItem[]
  readonly buyer: Buyer
  readonly programs: readonly string[]
  readonly serviceLevel: string
  readonly sellerOrderId: string | undefined
  readonly shipBy: Window
  readonly deliverBy: Window
  readonly instruction: string | undefined
  readonly dropOff: string | undefined
  readonly replaces: string | undefined
  readonly tip: string
  readonly paymentMethod: string
  /** Whether proceeds are also broken down at order level; often they are not (contract section 8). */
  readonly orderBreakdowns: boolean
  /** Merged into the v2026 form, for odd cases. */
  readonly wire: Json | undefined
  status: FulfillmentStatus
  updatedAt: number
  shipTo: Address | undefined
  packages: Package[]
  /** Searches by change have lost it, or all searches; the report and getOrder have not. */
  omitted?: 'changes' | 'searches'
}

/** Payment is not authorised: no price, tax, gift or address (contract section 2, rule 2). */
export function isPending(order: Order): boolean {
  return order.status === 'PENDING' || order.status === 'PENDING_AVAILABILITY'
}

export function unfulfilled(item: OrderItem): number {
  return item.quantity - item.shipped - item.cancelled
}

/** What the quantities say, once something was shipped or cancelled. */
export function statusByQuantities(order: Order): FulfillmentStatus {
  const open = order.items.some((item) => unfulfilled(item) > 0)
  const shipped = order.items.some((item) => item.shipped > 0)
  if (shipped) return open ? 'PARTIALLY_SHIPPED' : 'SHIPPED'
  return open ? 'UNSHIPPED' : 'CANCELLED'
}
