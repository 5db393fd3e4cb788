import type { ConnectorError } from '../errors.ts'
import type { NormalizedOrder } from '../model/order.ts'
import type { Shipment } from '../model/shipment.ts'
import type { Cursor, Health } from './marketplace.ts'

/** An order for ShipStation: the whole resource each time, since there is no partial update. */
export interface PushOrder {
  readonly orderKey: string
  readonly storeId: number
  /** Known after the first push; sent along so that an update can never become a second order. */
  readonly shipStationOrderId?: number
  readonly order: NormalizedOrder
  /** `cancelled` ends the order at ShipStation while it is still open; there is no cancel call. */
  readonly action: 'ship' | 'cancel'
}

export type PushOutcome =
  | { readonly status: 'stored'; readonly shipStationOrderId: number }
  /** Exists and can no longer be changed (shipped or cancelled at ShipStation). */
  | { readonly status: 'locked'; readonly shipStationOrderId: number; readonly orderStatus: string }
  | { readonly status: 'failed'; readonly error: ConnectorError }

export interface FoundOrder {
  readonly shipStationOrderId: number
  readonly orderKey: string
  readonly orderNumber: string
  readonly orderStatus: string
  readonly storeId?: number
  readonly customField1?: string
  readonly parentId?: number
  readonly mergedIds: readonly number[]
}

export interface ShipmentPage {
  readonly shipments: readonly Shipment[]
  readonly next: Cursor
}

export interface Store {
  readonly storeId: number
  readonly name: string
  readonly active: boolean
  /** A store that imports orders by itself would hold every order twice. */
  readonly manual: boolean
}

/** A webhook as ShipStation lists it. */
export interface Subscription {
  readonly id: number
  /** The vendor's word for what it tells of: `SHIP_NOTIFY`. */
  readonly event: string
  /** Where it sends to. May hold a secret, ours or another's: never printed, never logged. */
  readonly targetUrl: string
  /** Tells of this store alone; absent: of all stores. */
  readonly storeId?: number
  readonly active: boolean
}

/** A webhook to be made, for all stores. */
export interface SubscriptionWish {
  readonly event: string
  readonly targetUrl: string
  /** {@link targetUrl} without its secret, fit for a plan or a log. */
  readonly shownUrl: string
  /** What people see in ShipStation's list. */
  readonly name: string
}

/** ShipStation. Error rules as for MarketplaceConnector. */
export interface ShippingConnector {
  readonly account: string
  readonly batchSize: { readonly upsert: number }

  /** Creates or updates by orderKey. One outcome per item, in order; a bad order fails alone. */
  upsertOrders(batch: readonly PushOrder[], signal: AbortSignal): Promise<readonly PushOutcome[]>
  /** Orders whose number is exactly this. */
  findOrders(orderNumber: string, signal: AbortSignal): Promise<readonly FoundOrder[]>
  /** Every order created or changed at or after `at` (epoch ms): one listing instead of a look-up per order. */
  findOrdersChangedSince(at: number, signal: AbortSignal): Promise<readonly FoundOrder[]>
  getOrder(shipStationOrderId: number, signal: AbortSignal): Promise<FoundOrder | undefined>
  holdOrder(shipStationOrderId: number, untilDay: string, signal: AbortSignal): Promise<void>
  /** Labels made at or after `since.at`. */
  listShipments(since: Cursor, signal: AbortSignal): AsyncIterable<ShipmentPage>
  /** Orders marked as shipped, and outside providers. */
  listFulfillments(since: Cursor, signal: AbortSignal): AsyncIterable<ShipmentPage>
  /** Labels voided at or after `since.at`. */
  listVoids(since: Cursor, signal: AbortSignal): AsyncIterable<ShipmentPage>
  /**
   * Labels of one batch as a webhook names it (digits), page by page. Of labels of the last two days only: should the vendor stop to heed
   * the batch, which it does not document, this is no reading of all there ever was.
   */
  listShipmentsOfBatch(batchId: string, signal: AbortSignal): AsyncIterable<readonly Shipment[]>
  /** Every webhook of the account, whoever made it. */
  listWebhooks(signal: AbortSignal): Promise<readonly Subscription[]>
  /** Makes a webhook and returns its id. The vendor does not mind doubles: look at {@link listWebhooks} first. */
  subscribeWebhook(wish: SubscriptionWish, signal: AbortSignal): Promise<number>
  /** `absent`: there was no such webhook any more. */
  deleteWebhook(id: number, signal: AbortSignal): Promise<'deleted' | 'absent'>
  stores(signal: AbortSignal): Promise<readonly Store[]>
  health(signal: AbortSignal): Promise<Health>
}
