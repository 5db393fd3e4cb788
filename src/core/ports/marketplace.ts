import type { ConnectorError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { OpenOrder, OrderWindow } from '../model/open-order.ts'
import type { NormalizedOrder, PoisonOrder } from '../model/order.ts'
import type { Confirmation } from '../model/shipment.ts'
import type { Listing, QuantityUpdate } from '../model/stock.ts'
import type { BuyerAccount, OrderHint } from '../model/trigger.ts'

export type { OpenOrder, OrderWindow } from '../model/open-order.ts'
export type { OrderHint } from '../model/trigger.ts'

/** A place in a channel's stream of changes. */
export interface Cursor {
  /** High-water mark: every change before this instant (epoch ms, the vendor's clock) has been stored. */
  readonly at: number
  /** The connector's own note to go on in the middle of a search after a crash. It may be stale: then the search starts over. */
  readonly resume?: string
}

export interface OrderPage {
  readonly orders: readonly NormalizedOrder[]
  readonly poison: readonly PoisonOrder[]
  /** Orders seen and left out because the marketplace ships them itself (AFN). */
  readonly skipped: number
  /** To be stored with this page, in the same transaction. `at` moves only with the last page of a search. */
  readonly next: Cursor
}

/** Exactly one per batch item, in the batch's order. */
export type ItemOutcome =
  | { readonly status: 'accepted'; readonly note?: string } // "already confirmed" is accepted
  | { readonly status: 'failed'; readonly error: ConnectorError }

/** An order that the seller accepts, or has taken. */
export interface Acknowledgement {
  readonly externalOrderId: string
  readonly externalLineIds: readonly string[]
  /** Our own key of the order, where it has been handed to ShipStation. */
  readonly reference?: string
}

export type LookUp = 'confirmed' | 'absent' | 'unknowable'

/** How a channel wants so many quantities: which of its ways, and how many in one hand-over. */
export interface QuantityPlan {
  /** The connector's own word: `patch`, `feed`, `import`. */
  readonly way: string
  readonly batch: number
}

/** What became of one quantity. */
export type QuantityOutcome =
  | { readonly status: 'accepted'; readonly note?: string }
  /** Taken, and judged later: {@link MarketplaceConnector.readQuantityReport} tells how. Items of one hand-over share the report. */
  | { readonly status: 'reported-later'; readonly report: string }
  /** The channel has no such listing. */
  | { readonly status: 'unlisted'; readonly detail: string }
  /** The listing is not the seller's to write (marketplace-fulfilled, or stock by location). */
  | { readonly status: 'not-ours'; readonly detail: string }
  | { readonly status: 'failed'; readonly error: ConnectorError }

export type QuantityReport =
  /** Ask again in so many milliseconds. */
  | { readonly state: 'running'; readonly againInMs: number }
  /** One outcome per item asked about, in order; none of them is `reported-later`. */
  | { readonly state: 'done'; readonly outcomes: readonly QuantityOutcome[] }

export interface Health {
  readonly ok: boolean
  readonly checks: readonly HealthCheck[]
}

export interface HealthCheck {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  /** What to do when it is not ok. */
  readonly fix?: string
}

/** What a delivery of pushed messages leads to. */
export interface Notified {
  /** Each order once. */
  readonly orders: readonly OrderHint[]
  /** Why messages were left out: one reason each, without personal data. A delivery that cannot be read at all is one message. */
  readonly ignored: readonly string[]
}

/** A public key, and the digest that is signed with it. */
export interface NotificationKey {
  readonly pem: string
  /** As Node spells it: `sha1`, `sha256`. */
  readonly digest: string
}

/**
 * One marketplace account. Every method throws only ConnectorError (or RefusedByDryRun, StoppedError), stops when `signal`
 * aborts, decides nothing, writes no row and logs no personal data.
 */
export interface MarketplaceConnector {
  readonly channel: ChannelCode
  /** Most items of one call of {@link confirmShipments} and {@link acknowledgeOrders}; 20 where nothing is said of the latter. */
  readonly batchSize: { readonly confirm: number; readonly acknowledge?: number }
  /**
   * Milliseconds after an unknown outcome before a look-up can be trusted: longer than the vendor's worst commit time.
   */
  readonly settleMs: number

  /**
   * Orders changed at or after `since.at` in any status that matters (open, cancelled, pending), page by page. May repeat one,
   * never skips one, never reads ahead of its consumer.
   */
  listOrders(since: Cursor, signal: AbortSignal): AsyncIterable<OrderPage>
  /**
   * Every order of the window that the channel counts as open (paid, shipped by the seller, not wholly shipped), page by page, each once.
   * Read in another way than {@link listOrders} does, by state and not by change, since a list that forgets an order forgets it every time.
   */
  listOpenOrders(window: OrderWindow, signal: AbortSignal): AsyncIterable<readonly OpenOrder[]>
  /** These orders as they are now. Unknown ids are simply absent. */
  getOrders(externalOrderIds: readonly string[], signal: AbortSignal): Promise<Pick<OrderPage, 'orders' | 'poison' | 'skipped'>>
  /** Tells the channel about packages. At most `batchSize.confirm` items. "Already confirmed" is accepted. */
  confirmShipments(batch: readonly Confirmation[], signal: AbortSignal): Promise<readonly ItemOutcome[]>
  /** Whether the channel already knows these packages (by tracking number). One per item, in order. */
  lookUpConfirmations(batch: readonly Confirmation[], signal: AbortSignal): Promise<readonly LookUp[]>
  /** A few cheap authenticated reads that change nothing, and what can be told from them. Never throws ConnectorError. */
  health(signal: AbortSignal): Promise<Health>
  /** By what the channel knows the buyer in a document that it gave for an order, whether it could be read as one or not. Pure; never throws. */
  buyerAccountIn?(document: unknown): BuyerAccount | undefined
  /** The orders that a pushed delivery speaks of, whatever it is wrapped in. Pure; never throws. Whether it is genuine is decided before. */
  readNotification?(body: Buffer): Notified
  /**
   * The public key by which the channel signs what it pushes, by the id that a pushed message names; undefined when the channel knows none of
   * that id. Kept for a while: anybody may name any id, so that only few calls are made for ids that were never seen (then ThrottledError).
   */
  notificationKey?(keyId: string, signal: AbortSignal): Promise<NotificationKey | undefined>
  /**
   * Says yes to whole orders, every line (Mirakl OR21), or that they are taken (Rithum acknowledge, export mark). At most
   * `batchSize.acknowledge`; one outcome per order, in order. "Already decided" is accepted when the order is in or past the wanted state, so that a repeat is harmless.
   */
  acknowledgeOrders?(orders: readonly Acknowledgement[], signal: AbortSignal): Promise<readonly ItemOutcome[]>
  /** How this many due quantities are best handed over. Pure. */
  quantityPlan(due: number): QuantityPlan
  /**
   * Tells the channel absolute quantities, at most {@link QuantityPlan.batch}, in the way of that plan. One outcome per item, in order; a
   * bad item fails alone. Touches nothing of a listing but its quantity.
   */
  updateQuantities(batch: readonly QuantityUpdate[], way: string, signal: AbortSignal): Promise<readonly QuantityOutcome[]>
  /**
   * How a hand-over that was to be reported later came out. `sent` is every item of it that has not been settled, as sent. A report that
   * is lost or never ends gives `failed` outcomes (retryable) once the vendor's own deadline since `sentAt` (epoch ms) is over.
   */
  readQuantityReport?(
    report: string,
    sent: readonly QuantityUpdate[],
    sentAt: number,
    signal: AbortSignal,
  ): Promise<QuantityReport>
  /**
   * What the channel has under these SKUs, one per SKU in order. Present where a write to a listing that is not the seller's to write does
   * harm, or where a SKU that was once unlisted can be looked up.
   */
  describeListings?(skus: readonly string[], signal: AbortSignal): Promise<readonly Listing[]>
  /** What a look by {@link describeListings} costs, roughly; absent: a call for each SKU. `whole`: asked for many, it reads the channel's list from end to end. */
  readonly listingLook?: { readonly skusPerCall: number; readonly whole: boolean }
  /** True: no quantity is written to a SKU that {@link describeListings} has not shown to be seller-fulfilled before. */
  readonly checksListings: boolean
}
