import type { Run } from '../context.ts'
import { knownShipStationIds, type NumberedRow, ordersUnderNumbers, type PushedRow, pushedSince } from '../db/comparisons.ts'
import type { ChannelCode } from '../model/channel.ts'
import { isOwnKey } from '../orders/order-key.ts'
import type { OrderWindow } from '../ports/marketplace.ts'
import type { FoundOrder, ShippingConnector } from '../ports/shipping.ts'
import type { Found } from './finding.ts'

/** Kinds of findings that the comparison with ShipStation tells, apart from `doubled`. */
export const shipStationKinds = ['unknown-order', 'gone'] as const

const ROWS_AT_ONCE = 500
/** An order that the list lacks is asked for by its id; more than so many would spend the limit that pushes need. */
const MOST_ASKED = 40

/** ShipStation's orders of the window held against our books. One listing, whatever there is. Throws what the connector throws. */
export async function compareShipStation(
  run: Run,
  shipping: ShippingConnector,
  channels: readonly ChannelCode[],
  window: OrderWindow,
): Promise<readonly Found[]> {
  const orders = await shipping.findOrdersChangedSince(window.from, run.signal)
  const unknown = await notOurs(run, orders)
  const numbered = Map.groupBy(
    await ordersUnderNumbers(
      run.db,
      unknown.map(({ orderNumber }) => orderNumber),
    ),
    (row) => row.external_order_id,
  )
  const stores = storesOf(run, channels)
  return [
    ...unknown.flatMap((order) => strangerOf(order, numbered.get(order.orderNumber) ?? [], stores)),
    ...(await goneOrders(run, shipping, channels, window, orders)),
  ]
}

/** Orders that are neither mapped nor part of a mapped one: split off it, or merged into it. */
async function notOurs(run: Run, orders: readonly FoundOrder[]): Promise<readonly FoundOrder[]> {
  const ids = orders.flatMap(({ shipStationOrderId, parentId, mergedIds }) => [
    shipStationOrderId,
    ...(parentId === undefined ? [] : [parentId]),
    ...mergedIds,
  ])
  const known = await knownShipStationIds(run.db, [...new Set(ids)])
  const merged = new Set(orders.flatMap(({ mergedIds }) => mergedIds))
  return orders.filter(
    ({ shipStationOrderId: id, parentId, mergedIds, orderStatus }) =>
      orderStatus !== 'cancelled' &&
      !known.has(id) &&
      !merged.has(id) &&
      !(parentId !== undefined && known.has(parentId)) &&
      !mergedIds.some((one) => known.has(one)),
  )
}

function storesOf(run: Run, channels: readonly ChannelCode[]): ReadonlyMap<number, ChannelCode> {
  return new Map(
    channels.flatMap((code) => {
      const storeId = run.settings.channels.get(code)?.storeId
      return storeId === undefined ? [] : [[storeId, code] as const]
    }),
  )
}

function strangerOf(order: FoundOrder, rows: readonly NumberedRow[], stores: ReadonlyMap<number, ChannelCode>): readonly Found[] {
  const { orderNumber: externalOrderId, shipStationOrderId: id, storeId, orderKey, orderStatus } = order
  const mapped = rows.find((row) => row.shipstation_order_id !== null)
  if (mapped !== undefined) {
    const detail = `ShipStation has order ${id} (${orderStatus}) beside ${mapped.shipstation_order_id ?? ''}, which isync pushed: it may ship twice`
    const next = `cancel the one that isync did not push in ShipStation; isync orders:show ${externalOrderId}`
    return [{ kind: 'doubled', channel: mapped.channel, externalOrderId, severity: 'critical', detail, next }]
  }
  const channel = storeId === undefined ? undefined : stores.get(storeId)
  if (channel === undefined) return []
  const origin = isOwnKey(orderKey) ? 'isync made it and does not know it any more' : 'made by hand or by another program'
  const detail = `ShipStation's order ${id} (${orderStatus}) in the store of ${channel} is not in isync: ${origin}`
  const next = `isync orders:pull --channel ${channel} --order ${externalOrderId}`
  return [{ kind: 'unknown-order', channel, externalOrderId, detail, next }]
}

/** Orders that we pushed in the window, that are still to be shipped, and that ShipStation does not have any more. */
async function goneOrders(
  run: Run,
  shipping: ShippingConnector,
  channels: readonly ChannelCode[],
  window: OrderWindow,
  orders: readonly FoundOrder[],
): Promise<readonly Found[]> {
  const there = new Set(orders.flatMap(({ shipStationOrderId, mergedIds }) => [shipStationOrderId, ...mergedIds]))
  const found: Found[] = []
  let asked = 0
  for await (const row of pushedRows(run, channels, window.from)) {
    if (there.has(row.shipstation_order_id) || asked >= MOST_ASKED || run.signal.aborted) continue
    asked += 1
    if ((await shipping.getOrder(row.shipstation_order_id, run.signal)) !== undefined) continue
    const { channel, external_order_id: externalOrderId, shipstation_order_id: id } = row
    const detail = `pushed as ShipStation order ${id}, which ShipStation does not have any more`
    found.push({
      kind: 'gone',
      channel,
      externalOrderId,
      severity: 'critical',
      detail,
      next: `isync orders:show ${externalOrderId}`,
    })
  }
  return found
}

type OpenRow = PushedRow & { readonly shipstation_order_id: number }

/** Those that are still to be shipped. */
async function* pushedRows(run: Run, channels: readonly ChannelCode[], since: number): AsyncIterable<OpenRow> {
  function isOpen(row: PushedRow): row is OpenRow {
    const { channel, status, push_state: state, shipstation_order_id: id } = row
    return (
      id !== null && state === 'pushed' && (status === 'open' || status === 'partially_shipped') && channels.includes(channel)
    )
  }
  let after = ''
  for (;;) {
    const rows = await pushedSince(run.db, since, after, ROWS_AT_ONCE)
    yield* rows.filter(isOpen)
    const last = rows.at(-1)
    if (rows.length < ROWS_AT_ONCE || last === undefined) return
    after = last.id
  }
}
