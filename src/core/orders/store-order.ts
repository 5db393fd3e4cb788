import type { ChannelSettings, Run } from '../context.ts'
import { askErasure, insertAccounts, setBuyersUnread } from '../db/buyers.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { reservedBy } from '../db/movements.ts'
import { deleteLines, insertLines, insertOrders, setPoisonReason, touchOrder, updateOrder } from '../db/order-writes.ts'
import { type LineRow, type OrderRow, ordersByExternalIds } from '../db/orders.ts'
import { insertPayloads, type PayloadRow } from '../db/payloads.ts'
import { packedQuantities } from '../db/shipments.ts'
import { addTasks } from '../db/tasks.ts'
import type { SameSale } from '../db/twins.ts'
import { deduct, movementsFor, type OrderBefore, unseen } from '../inventory/shadow.ts'
import { mayShip, type NormalizedOrder } from '../model/order.ts'
import { knownBuyers, noteBuyer } from './buyer-accounts.ts'
import { followRefund } from './change-alerts.ts'
import { changedFields, isUnchanged, withoutPersonalData } from './content.ts'
import { alertErased, followChange } from './follow-change.ts'
import { orderKeyOf } from './order-key.ts'
import { addTask, type Batch, noCounts, note, type StoreCounts, wantsYes } from './page-batch.ts'
import { poisonAsOrder, type StorablePoison } from './poison.ts'
import { fromRows, linesByOrder, pushedQuantities, sealRow, toColumns, toLineRows } from './rows.ts'
import { alertTwin, type Sale, twinName, twinsAmong } from './twins.ts'
import { departed, type PackedLines } from './wanted.ts'

export interface StorablePage {
  readonly orders: readonly NormalizedOrder[]
  readonly poison: readonly StorablePoison[]
  readonly skipped: number
  /** The operators' own, where they have set one at run time. */
  readonly lowStockThreshold?: number
}

/**
 * Stores one page of a channel's orders inside the caller's transaction: orders, lines, sealed payloads, tasks, events. Natural key
 * (channel, external order id): seen again and unchanged writes nothing.
 */
export async function storePage(tx: Db, run: Run, channel: ChannelSettings, page: StorablePage): Promise<StoreCounts> {
  const now = run.clock.now()
  const batch: Batch = {
    run,
    channel,
    now,
    newRows: [],
    lines: [],
    payloads: [],
    buyers: await knownBuyers(tx, run, page.orders),
    accounts: [],
    unread: [],
    toErase: [],
    tasks: [],
    events: [],
    movements: [],
    counts: { ...noCounts },
  }
  const poison = page.poison.map((item) => ({ item, order: poisonAsOrder(item) }))
  const orders = newestOfEach([...page.orders, ...poison.map(({ order }) => order)])
  const reasons = new Map(poison.map(({ item }) => [item.externalOrderId, item.reason]))
  const known = new Map(
    (
      await ordersByExternalIds(
        tx,
        channel.code,
        orders.map(({ externalOrderId }) => externalOrderId),
      )
    ).map((row) => [row.external_order_id, row]),
  )
  const changing = orders
    .filter((order) => known.has(order.externalOrderId))
    .map((order) => known.get(order.externalOrderId)?.id ?? '')
  const oldLines = await linesByOrder(tx, changing)

  batch.counts.seen = page.orders.length + page.poison.length + page.skipped
  batch.counts.skipped = page.skipped
  const fresh = orders
    .filter(({ externalOrderId }) => !known.has(externalOrderId))
    .map((order) => ({ order, id: run.ids.next() }))
  const twins = await twinsAmong(tx, fresh.map(saleOf))
  const ids = new Map(fresh.map(({ order, id }) => [order.externalOrderId, id]))
  for (const order of orders) {
    const row = known.get(order.externalOrderId)
    // The page may hold a good document of the same order too.
    const reason = order.status === 'poison' ? reasons.get(order.externalOrderId) : undefined
    if (row === undefined) await addNew(tx, batch, order, { id: ids.get(order.externalOrderId) ?? '', reason, twins })
    else await storeAgain(tx, batch, row, oldLines.get(row.id) ?? [], order, reason)
  }
  await insertOrders(tx, batch.newRows)
  await insertLines(tx, batch.lines)
  await insertPayloads(tx, batch.payloads)
  await insertAccounts(tx, batch.accounts)
  await setBuyersUnread(tx, batch.unread)
  await askErasure(tx, batch.toErase, now)
  await addTasks(tx, batch.tasks, now)
  await addEvents(tx, batch.events)
  await deduct(tx, run, batch.movements, page.lowStockThreshold ?? run.settings.inventory.lowStockThreshold)
  return batch.counts
}

/** A page may hold an order twice; sorted, so that two processes never lock rows in opposite order. */
function newestOfEach(orders: readonly NormalizedOrder[]): NormalizedOrder[] {
  const newest = new Map<string, NormalizedOrder>()
  for (const order of orders) {
    const other = newest.get(order.externalOrderId)
    if (other === undefined || other.updatedAt <= order.updatedAt) newest.set(order.externalOrderId, order)
  }
  return [...newest.values()].sort((a, b) => (a.externalOrderId < b.externalOrderId ? -1 : 1))
}

interface NewOrder {
  readonly id: string
  readonly reason: string | undefined
  readonly twins: ReadonlyMap<string, SameSale>
}

async function addNew(
  tx: Db,
  batch: Batch,
  order: NormalizedOrder,
  { id, reason: poisonReason, twins }: NewOrder,
): Promise<void> {
  const { run, now, counts } = batch
  const twin = twins.get(id)
  batch.newRows.push({
    ...toColumns(order, id, 1, run.vault, now),
    poison_reason: poisonReason ?? null,
    order_key: orderKeyOf(order.channel, order.externalOrderId),
    twin_of: twin === undefined ? null : twinName(twin),
    first_seen_at: now,
  })
  batch.lines.push(...toLineRows(order, id))
  batch.payloads.push(payloadRow(batch, order, 1))
  counts.new += 1
  if (poisonReason !== undefined) {
    counts.poison += 1
    batch.unread.push(id)
    note(batch, order, 'poison', { reason: poisonReason })
    return
  }
  note(batch, order, 'pulled', {
    status: order.status,
    lines: order.lines.length,
    total_minor: order.totals.total,
    currency: order.currency,
  })
  noteBuyer(batch, order, id)
  if (twin !== undefined) {
    // Its units are deducted with the order that it repeats, and nothing of it goes to ShipStation.
    note(batch, order, 'held as a copy', { of: twinName(twin) })
    await alertTwin(tx, run, saleOf({ order, id }), twin)
    return
  }
  await followRefund(tx, batch, order, 0, true)
  batch.movements.push(...movementsFor(run, order, unseen, 1))
  if (mayShip(order)) addTask(batch, 'push', order, id)
  if (wantsYes(batch, order)) addTask(batch, 'acknowledge', order, id)
}

async function storeAgain(
  tx: Db,
  batch: Batch,
  row: OrderRow,
  oldLines: readonly LineRow[],
  told: NormalizedOrder,
  poisonReason: string | undefined,
): Promise<void> {
  const { run, now, counts } = batch
  const order = row.erased_at === null ? told : withoutPersonalData(told)
  if (isUnchanged(order, row)) {
    counts.unchanged += 1
    await touchOrder(tx, row.id, order.updatedAt)
    if (poisonReason === undefined && row.poison_reason !== null) await setPoisonReason(tx, row.id, null)
    return
  }
  // A poison document of a good order must not overwrite what we know of it.
  if (poisonReason !== undefined && row.status !== 'poison') {
    counts.poison += 1
    if (row.poison_reason === poisonReason) return
    await setPoisonReason(tx, row.id, poisonReason)
    note(batch, order, 'poison', { reason: poisonReason })
    return
  }
  const version = row.version + 1
  const columns = { ...toColumns(order, row.id, version, run.vault, now), poison_reason: poisonReason ?? null }
  const written = await updateOrder(tx, columns)
  if (written === 'older') {
    counts.unchanged += 1
    return
  }
  const pushed = pushedQuantities(oldLines)
  await deleteLines(tx, row.id)
  batch.lines.push(...toLineRows(order, row.id, pushed))
  if (written === 'updated') batch.payloads.push(payloadRow(batch, order, version))
  counts.changed += 1
  const isCopy = row.twin_of !== null && row.twin_of !== ''
  const packed = await packedOf(tx, row)
  if (!isCopy) batch.movements.push(...movementsFor(run, order, await orderBefore(tx, row, oldLines, packed), version))
  const before = fromRows(row, oldLines, run.vault)
  note(batch, order, 'changed', { from: row.status, to: order.status, fields: changedFields(before, order) })
  if (written === 'updated') noteBuyer(batch, order, row.id, row)
  if (order.status === 'poison') batch.unread.push(row.id)
  if (isCopy) return
  await followRefund(tx, batch, order, row.refunded_minor, departed(pushed, packed) !== 'all')
  if (row.erased_at !== null) await alertErased(tx, batch, row, told)
  // Nothing may be promised of an order that cannot be shipped any more.
  if (row.erased_at === null || !wantsYes(batch, order)) await followChange(tx, batch, { row, before, order, pushed, packed })
}

async function orderBefore(tx: Db, row: OrderRow, lines: readonly LineRow[], packed: PackedLines): Promise<OrderBefore> {
  const reserved = await reservedBy(tx, row.channel, row.external_order_id)
  const left = new Map(lines.map((line) => [line.external_line_id, line.qty_shipped]))
  // Packages may have left that the channel has not been told of.
  for (const [id, units] of packed) left.set(id, Math.max(left.get(id) ?? 0, units))
  return { reserved, shipped: row.status === 'shipped' || row.shipped_at !== null, left }
}

async function packedOf(tx: Db, row: OrderRow): Promise<PackedLines> {
  if (row.push_state === 'none') return new Map()
  const lines = await packedQuantities(tx, [row.id])
  return new Map(lines.map(({ external_line_id, quantity }) => [external_line_id, quantity]))
}

function saleOf({ order, id }: { readonly order: NormalizedOrder; readonly id: string }): Sale {
  const { channel, externalOrderId, soldOn, lines } = order
  return { id, channel, external_order_id: externalOrderId, sold_on_order: soldOn?.orderId ?? null, goods: lines }
}

function payloadRow({ run, now }: Batch, order: NormalizedOrder, version: number): PayloadRow {
  const row = `${sealRow(order.channel, order.externalOrderId)}/${version}`
  return {
    channel: order.channel,
    external_order_id: order.externalOrderId,
    version,
    payload: run.vault.seal('order_payloads', 'payload', row, JSON.stringify(order.raw ?? null)),
    received_at: now,
  }
}
