import type { ChannelCode } from './channel.ts'
import type { BuyerAccount } from './trigger.ts'

export const orderStatuses = [
  'pending',
  'awaiting_acceptance',
  'open',
  'partially_shipped',
  'shipped',
  'cancelled',
  'on_hold',
  'poison',
] as const

/**
 * - `pending`: not payable or not shippable yet; comes back when it is
 * - `awaiting_acceptance`: the seller must say yes first (Mirakl OR21)
 * - `open`: may ship; `partially_shipped`: some units may still ship
 * - `on_hold`: a buyer's wish to cancel, an incident, an open question: a person decides
 * - `poison`: could not be normalized; stored raw with its error
 */
export type OrderStatus = (typeof orderStatuses)[number]

export interface Address {
  readonly name: string
  readonly company?: string
  readonly address1: string
  readonly address2?: string
  readonly city: string
  readonly state?: string
  readonly postal: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly phone?: string
  readonly residential?: boolean
}

export interface Buyer {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
}

/** Money is in minor units of the order's currency. */
export interface OrderLine {
  readonly externalLineId: string
  readonly sku: string
  readonly name: string
  /** Units ordered, without those cancelled. */
  readonly qty: number
  /** Units that may ship now: ordered, less shipped, cancelled or held. 0 keeps the line out of ShipStation. */
  readonly qtyToShip: number
  /** Units the channel counts as shipped already. Default 0. */
  readonly qtyShipped?: number
  /** One unit. */
  readonly price: number
  /** The whole line. */
  readonly tax: number
  /** The whole line, as a positive number. */
  readonly discount: number
}

/** Minor units of the order's currency. */
export interface Totals {
  readonly items: number
  readonly shipping: number
  readonly tax: number
  readonly discount: number
  readonly total: number
}

/** A sale that reaches us through a channel that is not the place where it was made. */
export interface SoldOn {
  /** The vendor's own name of the place: `Amazon Seller Central - US`, a retailer's name. */
  readonly site: string
  /** The number of the order there: what the same order would go by if that place were a channel of its own. */
  readonly orderId: string
}

export interface Gift {
  readonly isGift: boolean
  readonly message?: string
}

/**
 * - `prime`, `premium`, `business`, `preorder`, `replacement`: shipped like any other, shown to the packer
 * - `pickup_point`: the address is a locker or shop
 * - `no_label`: the marketplace arranges the label, or the buyer collects: never pushed, never confirmed
 * - `cancel_requested`, `incident`: reasons for `on_hold`
 */
export type OrderFlag =
  | 'prime'
  | 'premium'
  | 'business'
  | 'preorder'
  | 'replacement'
  | 'pickup_point'
  | 'no_label'
  | 'cancel_requested'
  | 'incident'

/** The one internal order shape (SPEC 4.0). Times are epoch milliseconds UTC, money minor units of `currency`. */
export interface NormalizedOrder {
  readonly channel: ChannelCode
  readonly externalOrderId: string
  readonly sellerOrderId?: string
  /** Where the order was placed, when one account sells in several (Amazon). */
  readonly marketplaceId?: string
  /** Where the buyer ordered, when the channel carries orders of other marketplaces (Rithum). */
  readonly soldOn?: SoldOn
  readonly status: OrderStatus
  readonly fulfilledBy: 'seller' | 'marketplace'
  readonly createdAt: number
  readonly updatedAt: number
  readonly shipBy?: number
  readonly deliverBy?: number
  readonly buyer: Buyer
  /** By what the channel knows the buyer, where it tells when accounts are deleted. Kept as keyed digests only. */
  readonly buyerAccount?: BuyerAccount
  /** Null until the vendor shows it. An `open` order always has one. */
  readonly shipTo: Address | null
  readonly lines: readonly OrderLine[]
  /** ISO 4217. */
  readonly currency: string
  readonly totals: Totals
  /** What the buyer has got back so far, where the order tells it; a positive number. */
  readonly refunded?: number
  readonly shippingMethodRequested?: string
  readonly gift: Gift
  readonly notes?: string
  readonly specialInstructions?: string
  readonly flags: readonly OrderFlag[]
  /** The vendor's own document, for the encrypted payload store. */
  readonly raw: unknown
}

/** An order that could not be normalized: kept raw, with the reason. The page goes on without it. */
export interface PoisonOrder {
  readonly channel: ChannelCode
  /** The vendor's order id where one could be read, else a digest of the document. */
  readonly externalOrderId: string
  /** Names fields and shapes, never values of personal fields. */
  readonly reason: string
  readonly raw: unknown
}

/**
 * Whether the prices and the shipping hold the tax, by the way of adding that gives the total: marketplaces differ, and one marketplace
 * differs from country to country. Null where there is no tax, or where the amounts do not tell.
 */
export function isTaxIncluded({ items, shipping, tax, discount, total }: Totals): boolean | null {
  if (tax === 0) return null
  const sums = [items + shipping - discount, items + shipping]
  const inside = sums.includes(total)
  const onTop = sums.includes(total - tax)
  return inside === onTop ? null : inside
}

/** An order we may hand to ShipStation: paid, ours to ship, with an address and something left to ship. */
export function mayShip(order: NormalizedOrder): boolean {
  return isReady(order) && order.shipTo !== null
}

/** Whether the order may ship as far as can be told without its address, which not every list shows. */
export function isReady(order: NormalizedOrder): boolean {
  return (
    (order.status === 'open' || order.status === 'partially_shipped') &&
    order.fulfilledBy === 'seller' &&
    !order.flags.includes('no_label') &&
    order.lines.some((line) => line.qtyToShip > 0)
  )
}
