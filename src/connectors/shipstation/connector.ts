import type { Shipment } from '../../core/model/shipment.ts'
import type { Cursor } from '../../core/ports/marketplace.ts'
import type { FoundOrder, ShipmentPage, ShippingConnector, Store } from '../../core/ports/shipping.ts'
import type { Gate } from '../http/gate.ts'
import { ACCOUNT, type ApiRequest, createClient, permanent, type ShipStationSettings } from './client.ts'
import { healthOf, sickness } from './health.ts'
import { type Listing, readRows } from './listing.ts'
import { toFoundOrder } from './orders.ts'
import { pushOrders } from './push.ts'
import { fromFulfillmentRow, fromShipmentRow } from './shipments.ts'
import { listingStart } from './time.ts'
import { webhooksOf } from './webhooks.ts'
import * as wire from './wire.ts'

export type { ShipStationSettings } from './client.ts'

/** A webhook comes within minutes of its labels. */
const BATCH_AGE_MS = 2 * 86_400_000

const storesRequest: ApiRequest = { operation: 'listStores', path: '/stores', query: { showInactive: 'true' } }

/** A list of packages, and the date its cursor follows. */
interface ShipmentStream<Wire, Row> {
  readonly listing: Listing<Wire, Row>
  readonly read: (row: Row, now: number) => Shipment
  readonly instantOf: (shipment: Shipment) => number
  /** Rows come in the order of that date, so that an early end loses nothing. */
  readonly inOrder: boolean
}

/** ShipStation V1 with an API key and secret (contract sections 1 and 2). */
export function createShipStationConnector(gate: Gate, settings: ShipStationSettings): ShippingConnector {
  const client = createClient(gate, settings)
  const deps = { client, log: gate.log }

  async function orders(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly FoundOrder[]> {
    const found: FoundOrder[] = []
    for await (const { rows } of readRows(deps, orderListing(query), signal)) found.push(...rows.map(toFoundOrder))
    return found
  }

  async function findOrders(orderNumber: string, signal: AbortSignal): Promise<readonly FoundOrder[]> {
    if (orderNumber === '') return []
    // The vendor's filter means "starts with" (contract section 6).
    return (await orders({ orderNumber }, signal)).filter((order) => order.orderNumber === orderNumber)
  }

  async function getOrder(shipStationOrderId: number, signal: AbortSignal): Promise<FoundOrder | undefined> {
    const reply = await client.attempt({ operation: 'getOrder', path: `/orders/${shipStationOrderId}` }, wire.orderRow, signal)
    if (reply.ok) return toFoundOrder(reply.value)
    if (reply.status === 404) return undefined
    throw reply.error
  }

  /** The cursor moves with the last page, to the newest date seen and never past now: what appears late is still after it. */
  async function* packages<Wire, Row>(
    stream: ShipmentStream<Wire, Row>,
    since: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<ShipmentPage> {
    let newest = since.at
    for await (const page of readRows(deps, stream.listing, signal)) {
      const now = gate.clock.now()
      const shipments = page.rows.map((row) => stream.read(row, now))
      for (const shipment of shipments) newest = Math.max(newest, Math.min(stream.instantOf(shipment), now))
      const moves = page.last && (page.complete || stream.inOrder)
      yield { shipments, next: { at: moves ? newest : since.at } }
    }
  }

  return {
    account: ACCOUNT,
    batchSize: { upsert: 100 },
    upsertOrders: (batch, signal) => pushOrders({ client, tags: settings.tags, findOrders, getOrder }, batch, signal),
    findOrders,
    findOrdersChangedSince: (at, signal) => orders({ modifyDateStart: listingStart(at) }, signal),
    getOrder,

    async holdOrder(shipStationOrderId, untilDay, signal) {
      const operation = 'holduntil'
      const body = { orderId: shipStationOrderId, holdUntilDate: untilDay }
      const plan = [{ account: ACCOUNT, operation, target: String(shipStationOrderId), detail: `hold until ${untilDay}` }]
      const reply = await client.ask({ operation, path: '/orders/holduntil', body, plan }, wire.simpleReply, signal)
      if (reply.success === false) throw permanent(operation, 'the order could not be held')
    },

    listShipments: (since, signal) => packages(labelsSince(since), since, signal),
    listFulfillments: (since, signal) => packages(fulfillmentsSince(since), since, signal),
    listVoids: (since, signal) => packages(voidsSince(since), since, signal),

    async *listShipmentsOfBatch(batchId, signal) {
      if (!/^\d{1,20}$/.test(batchId)) throw permanent('listShipments', 'a batch of labels is named by digits')
      const createDateStart = listingStart(gate.clock.now() - BATCH_AGE_MS)
      for await (const { rows } of readRows(deps, shipmentListing({ batchId, createDateStart }), signal)) {
        const now = gate.clock.now()
        yield rows.map((row) => fromShipmentRow(row, now))
      }
    },

    ...webhooksOf(deps),
    stores: async (signal) => (await client.ask(storesRequest, wire.storeList, signal)).map(toStore),

    async health(signal) {
      try {
        const reply = await client.attempt(storesRequest, wire.storeList, signal)
        return reply.ok ? healthOf(reply.value.map(toStore), reply.answer, gate.clock.now()) : sickness(reply.error)
      } catch (error) {
        return sickness(error)
      }
    },
  }
}

/** Sorted by what never changes: sorted by its change, an order that changes meanwhile would pull the others out from under a page. */
function orderListing(query: Readonly<Record<string, string>>): Listing<wire.OrderPage, wire.OrderRow> {
  return {
    operation: 'listOrders',
    path: '/orders',
    query: { ...query, sortBy: 'CreateDate', sortDir: 'ASC' },
    page: wire.orderPage,
    rowsOf: (page) => ({ rows: page.orders, total: page.total }),
    row: wire.orderRow,
    idOf: (row) => row.orderId,
  }
}

/** Not by ship date, which may lie in the past or the future (contract section 7). */
function labelsSince(since: Cursor): ShipmentStream<wire.ShipmentPage, wire.ShipmentRow> {
  const query = { createDateStart: listingStart(since.at) }
  return { listing: shipmentListing(query), read: fromShipmentRow, instantOf: (shipment) => shipment.createdAt, inOrder: true }
}

/** A label that is voided later does not come again by its creation date, and the list cannot be sorted by the void date. */
function voidsSince(since: Cursor): ShipmentStream<wire.ShipmentPage, wire.ShipmentRow> {
  const query = { voidDateStart: listingStart(since.at) }
  return {
    listing: shipmentListing(query),
    read: fromShipmentRow,
    instantOf: (shipment) => shipment.voidedAt ?? since.at,
    inOrder: false,
  }
}

function shipmentListing(query: Readonly<Record<string, string>>): Listing<wire.ShipmentPage, wire.ShipmentRow> {
  return {
    operation: 'listShipments',
    path: '/shipments',
    query: { ...query, includeShipmentItems: 'true', sortBy: 'CreateDate', sortDir: 'ASC' },
    page: wire.shipmentPage,
    rowsOf: (page) => ({ rows: page.shipments, total: page.total }),
    row: wire.shipmentRow,
    idOf: (row) => row.shipmentId,
  }
}

function fulfillmentsSince(since: Cursor): ShipmentStream<wire.FulfillmentPage, wire.FulfillmentRow> {
  const listing: Listing<wire.FulfillmentPage, wire.FulfillmentRow> = {
    operation: 'listFulfillments',
    path: '/fulfillments',
    query: { createDateStart: listingStart(since.at), sortBy: 'CreateDate', sortDir: 'ASC' },
    page: wire.fulfillmentPage,
    rowsOf: (page) => ({ rows: page.fulfillments, total: page.total }),
    row: wire.fulfillmentRow,
    idOf: (row) => row.fulfillmentId,
  }
  return { listing, read: fromFulfillmentRow, instantOf: (shipment) => shipment.createdAt, inOrder: true }
}

/** Manual is what says so: marketplace 0, and no refresh of its own. */
function toStore(row: wire.StoreRow): Store {
  return {
    storeId: row.storeId,
    name: row.storeName ?? '',
    active: row.active === true,
    manual: row.marketplaceId === 0 && row.autoRefresh !== true,
  }
}
