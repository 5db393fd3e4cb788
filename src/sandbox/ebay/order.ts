/** Checkout and payment, as far as they differ on the wire (contract section 2.3). */
export type Payment = 'PAID' | 'UNPAID' | 'PENDING' | 'IN_PROCESS' | 'FAILED' | 'OFFLINE' | 'REVIEW'

export const PAYMENTS: readonly Payment[] = ['PAID', 'UNPAID', 'PENDING', 'IN_PROCESS', 'FAILED', 'OFFLINE', 'REVIEW']

// biome-ignore format: a word list
export const CANCEL_STATUSES = [
  'NotApplicable', 'Invalid', 'CancelRequested', 'CancelPending', 'CancelRejected', 'CancelFailed', 'CancelComplete',
  'CancelClosedWithRefund', 'CancelClosedForCommitment', 'CancelClosedNoRefund', 'CancelClosedUnknownRefund',
] as const
export type CancelStatus = (typeof CANCEL_STATUSES)[number]

const CANCELLED: readonly CancelStatus[] = ['CancelComplete', 'CancelClosedWithRefund', 'CancelClosedForCommitment']
const CANCELLING: readonly CancelStatus[] = ['CancelRequested', 'CancelPending']

export interface Address {
  readonly name: string | undefined
  readonly street1: string | undefined
  readonly street2: string | undefined
  readonly city: string | undefined
  readonly state: string | undefined
  readonly postal: string | undefined
  readonly country: string | undefined
  readonly countryName: string | undefined
  /** Undefined: not given out. */
  readonly phone: string | undefined
}

/** Where the parcel goes instead of to the buyer (contract section 2.6). */
export interface Hub {
  readonly program: 'GSP' | 'EIS'
  readonly address: Address
  /** GSP: a field of its own that must be on the label. EIS: already inside the second street line. */
  readonly reference: string | undefined
  readonly service: string
  readonly importCharge: string
}

export interface Buyer {
  readonly userId: string
  readonly first: string
  readonly last: string
  readonly email: string
  readonly message: string | undefined
}

export interface Line {
  readonly itemId: string
  readonly transactionId: string
  /** The Fulfillment API's own id of the line. */
  readonly restId: string
  readonly sku: string | undefined
  readonly title: string
  /** By name of the aspect; undefined: no variation. */
  readonly variation: Readonly<Record<string, string>> | undefined
  readonly quantity: number
  /** Of one unit. */
  readonly price: string
  /** Collected and kept by eBay. */
  readonly ebayTax: string
  /** Paid out to the seller. */
  readonly sellerTax: string
  readonly digital: boolean
  readonly gift: boolean
  /** Marked as shipped without a package. */
  markedAt: number | undefined
}

export interface Package {
  readonly id: string
  readonly tracking: string | undefined
  readonly carrier: string | undefined
  readonly shippedAt: number
  /** Units by OrderLineItemID. */
  readonly contents: ReadonlyMap<string, number>
  readonly by: 'CompleteSale' | 'createShippingFulfillment' | 'seed' | 'person'
  /** Until then the Trading API does not show it. */
  readonly shownFrom?: number
}

export interface Order {
  readonly user: string
  readonly site: string
  /** From the payment on. */
  readonly paidId: string
  /** Until the payment; stays good for look-ups. */
  readonly unpaidId: string
  readonly createdAt: number
  readonly currency: string
  readonly buyer: Buyer
  readonly service: string
  readonly shippingCost: string
  readonly discount: string
  readonly hub: Hub | undefined
  /** The address is the authenticator's already. */
  readonly authenticated: boolean
  /** Every field of the address reads `Invalid Request`. */
  readonly vault: boolean
  /** InStorePickup or PickUpDropOff. */
  readonly pickup: string | undefined
  /** Reads as an error in lists of the Trading API. */
  readonly broken: boolean
  /** Laid over the Fulfillment API's form, last. */
  readonly wire: unknown
  lines: Line[]
  /** Hidden lines until then (contract section 2.1). */
  wholeAt: number
  payment: Payment
  paidAt: number | undefined
  updatedAt: number
  shipTo: Address
  cancel: CancelStatus
  cancelReason: string | undefined
  /** Its lines went into this order. */
  mergedInto: string | undefined
  refund: 'none' | 'part' | 'full'
  packages: Package[]
  completeSaleCalls: number
  /** Lists of changes have lost it. */
  omitted?: boolean
}

/** As lists of changes know it. */
export function changedAt(order: Order): number {
  return order.omitted === true ? Number.NEGATIVE_INFINITY : order.updatedAt
}

export function isPaid(order: Order): boolean {
  return order.payment === 'PAID' || order.payment === 'REVIEW' || order.payment === 'OFFLINE'
}

export function idOf(order: Order): string {
  return isPaid(order) ? order.paidId : order.unpaidId
}

export function lineIdOf(line: Line): string {
  return `${line.itemId}-${line.transactionId}`
}

/** OrderStatus of the Trading API. */
export function orderStatus(order: Order): string {
  if (order.mergedInto !== undefined) return 'Inactive'
  if (CANCELLED.includes(order.cancel)) return 'Cancelled'
  if (CANCELLING.includes(order.cancel)) return 'CancelPending'
  if (order.payment === 'IN_PROCESS') return 'InProcess'
  return isPaid(order) ? 'Completed' : 'Active'
}

export function isCancelled(order: Order): boolean {
  return orderStatus(order) === 'Cancelled'
}

/** What a search sees of the lines now. */
export function visibleLines(order: Order, now: number): readonly Line[] {
  return now < order.wholeAt ? order.lines.slice(0, 1) : order.lines
}

export function shippedUnits(order: Order, line: Line): number {
  if (line.markedAt !== undefined) return line.quantity
  const packed = order.packages.reduce((units, parcel) => units + (parcel.contents.get(lineIdOf(line)) ?? 0), 0)
  return Math.min(line.quantity, packed)
}

export function packagesOf(order: Order, line: Line): readonly Package[] {
  return order.packages.filter((parcel) => parcel.contents.has(lineIdOf(line)))
}

/** When the last unit of it left; undefined while any is here. */
export function lineShippedAt(order: Order, line: Line): number | undefined {
  if (line.markedAt !== undefined) return line.markedAt
  if (shippedUnits(order, line) < line.quantity) return undefined
  return Math.max(...packagesOf(order, line).map((parcel) => parcel.shippedAt))
}

/** Set when every line is shipped (contract section 2.3). */
export function orderShippedAt(order: Order): number | undefined {
  const times = order.lines.map((line) => lineShippedAt(order, line))
  return times.every((at) => at !== undefined) ? Math.max(...times) : undefined
}
