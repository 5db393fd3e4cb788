import type { ChannelSettings, Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { type AuditEvent, addEvents } from '../db/events.ts'
import { deleteLines, insertLines, insertOrders, insertPayloads, type LineRow, type OrderRow, ordersByExternalIds, type PayloadRow, touchOrder, updateOrder } from '../db/orders.ts'
import { addTasks, dropTask, type NewTask, rearmTask } from '../db/tasks.ts'
import { mayShip, type NormalizedOrder } from '../model/order.ts'
import { changedFields, contentHash, pushHash, withPushedQuantities } from './content.ts'
import { poisonAsOrder, type StorablePoison } from './poison.ts'
import { fromRows, linesByOrder, pushedQuantities, sealRow, toColumns, toLineRows } from './rows.ts'

/** How a page changed the books. */
export interface StoreCounts {
  readonly seen: number
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly poison: number
  readonly skipped: number
  /** Push tasks made or asked for anew. */
  readonly to_push: number
  readonly to_acknowledge: number
  readonly cancelled: number
}

export const noCounts: StoreCounts = {
  seen: 0,
  new: 0,
  changed: 0,
  unchanged: 0,
  poison: 0,
  skipped: 0,
  to_push: 0,
  to_acknowledge: 0,
  cancelled: 0,
}

export interface StorablePage {
  readonly orders: readonly NormalizedOrder[]
  readonly poison: readonly StorablePoison[]
  readonly skipped: number
}

/** What a page wants written; collected first, so that each table is written once per page. */
interface Batch {
  readonly run: Run
  readonly channel: ChannelSettings
  readonly now: number
  readonly newRows: Parameters<typeof insertOrders>[1][number][]
  readonly lines: LineRow[]
  readonly payloads: PayloadRow[]
  readonly tasks: NewTask[]
  readonly events: AuditEvent[]
  readonly counts: { -readonly [K in keyof StoreCounts]: number }
}

/**
 * Stores one page of a channel's orders inside the caller's transaction: orders, lines, sealed payloads, tasks, events. Natural key
 * (channel, external order id): seen again and unchanged writes nothing.
 */
export async function storePage(tx: Db, run: Run, channel: ChannelSettings, page: StorablePage): Promise<StoreCounts> {
  const now = run.clock.now()
  const batch: Batch = { run, channel, now, newRows: [], lines: [], payloads: [], tasks: [], events: [], counts: { ...noCounts } }
  const poison = page.poison.map((item) => ({ item, order: poisonAsOrder(item) }))
  const orders = newestOfEach([...page.orders, ...poison.map(({ order }) => order)])
  const reasons = new Map(poison.map(({ item }) => [item.externalOrderId, item.reason]))
  const known = new Map(
    (await ordersByExternalIds(tx, channel.code, orders.map(({ externalOrderId }) => externalOrderId))).map((row) => [row.external_order_id, row]),
  )
  const changing = orders.filter((order) => known.has(order.externalOrderId)).map((order) => known.get(order.externalOrderId)?.id ?? '')
  const oldLines = await linesByOrder(tx, changing)

  batch.counts.seen = page.orders.length + page.poison.length + page.skipped
  batch.counts.skipped = page.skipped
  for (const order of orders) {
    const row = known.get(order.externalOrderId)
    const reason = reasons.get(order.externalOrderId)
    if (row === undefined) addNew(batch, order, reason)
    else await storeAgain(tx, batch, row, oldLines.get(row.id) ?? [], order, reason)
  }
  await insertOrders(tx, batch.newRows)
  await insertLines(tx, batch.lines)
  await insertPayloads(tx, batch.payloads)
  await addTasks(tx, batch.tasks, now)
  await addEvents(tx, batch.events)
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

function addNew(batch: Batch, order: NormalizedOrder, poisonReason: string | undefined): void {
  const { run, now, counts } = batch
  const id = run.ids.next()
  batch.newRows.push({ ...toColumns(order, id, 1, run.vault, now), poison_reason: poisonReason ?? null, first_seen_at: now })
  batch.lines.push(...toLineRows(order, id))
  batch.payloads.push(payloadRow(batch, order, 1))
  counts.new += 1
  if (poisonReason !== undefined) {
    counts.poison += 1
    note(batch, order, 'poison', { reason: poisonReason })
    return
  }
  note(batch, order, 'pulled', { status: order.status, lines: order.lines.length, total_minor: order.totals.total, currency: order.currency })
  if (mayShip(order)) addTask(batch, 'push', order, id)
  if (wantsYes(batch, order)) addTask(batch, 'acknowledge', order, id)
}

async function storeAgain(
  tx: Db,
  batch: Batch,
  row: OrderRow,
  oldLines: readonly LineRow[],
  order: NormalizedOrder,
  poisonReason: string | undefined,
): Promise<void> {
  const { run, now, counts } = batch
  if (contentHash(order) === row.content_hash) {
    counts.unchanged += 1
    await touchOrder(tx, row.id, order.updatedAt)
    return
  }
  // A poison document of a good order must not overwrite what we know of it.
  if (poisonReason !== undefined && row.status !== 'poison') {
    counts.poison += 1
    note(batch, order, 'poison', { reason: poisonReason })
    await alertPoison(tx, batch, order, poisonReason)
    return
  }
  const version = row.version + 1
  const columns = { ...toColumns(order, row.id, version, run.vault, now), poison_reason: poisonReason ?? null }
  if (!(await updateOrder(tx, columns))) {
    counts.unchanged += 1
    return
  }
  const pushed = pushedQuantities(oldLines)
  await deleteLines(tx, row.id)
  batch.lines.push(...toLineRows(order, row.id, pushed))
  batch.payloads.push(payloadRow(batch, order, version))
  counts.changed += 1
  const before = fromRows(row, oldLines, run.vault)
  note(batch, order, 'changed', { from: row.status, to: order.status, fields: changedFields(before, order) })
  await followChange(tx, batch, row, order, pushed)
}

/** What a change means for the work: push, push again, hold, cancel, or nothing more to do. */
async function followChange(tx: Db, batch: Batch, row: OrderRow, order: NormalizedOrder, pushed: ReadonlyMap<string, number>): Promise<void> {
  const { now, counts } = batch
  const key = taskKey(order)
  const atShipStation = row.push_state === 'pushed' || row.push_state === 'held'
  if (wantsYes(batch, order)) addTask(batch, 'acknowledge', order, row.id)
  else if (row.status === 'awaiting_acceptance') await dropTask(tx, 'acknowledge', key, now)

  if (order.status === 'cancelled' || order.status === 'on_hold') {
    if (order.status === 'cancelled') counts.cancelled += 1
    if (atShipStation) await askAgain(tx, batch, order, row.id, order.status)
    // Running, or possibly sent: whoever holds it must look again before it ends.
    else if (!(await dropTask(tx, 'push', key, now))) await rearmTask(tx, 'push', key, now)
    return
  }
  if (atShipStation) {
    const wanted = mayShip(order) && pushHash(withPushedQuantities(order, pushed)) !== row.pushed_hash
    if (wanted || (row.push_state === 'held' && mayShip(order))) await askAgain(tx, batch, order, row.id, 'changed')
    return
  }
  if (!mayShip(order)) {
    await dropTask(tx, 'push', key, now)
    return
  }
  if (row.push_state === 'none' || row.push_state === 'failed') {
    counts.to_push += 1
    if (!(await rearmTask(tx, 'push', key, now))) addTask(batch, 'push', order, row.id, false)
  }
}

async function askAgain(tx: Db, batch: Batch, order: NormalizedOrder, orderId: string, why: string): Promise<void> {
  const { run, now, counts, channel } = batch
  counts.to_push += 1
  if (!(await rearmTask(tx, 'push', taskKey(order), now))) addTask(batch, 'push', order, orderId, false)
  note(batch, order, 'to be changed at ShipStation', { why })
  if (why !== 'cancelled' && why !== 'on_hold') return
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: `${why}-after-push`,
      channel: channel.code,
      severity: 'warning',
      message: `${order.externalOrderId} was ${why === 'cancelled' ? 'cancelled' : 'put on hold'} at the channel after it went to ShipStation`,
      next: `isync orders:show ${order.externalOrderId}`,
    },
    now,
  )
}

async function alertPoison(tx: Db, { run, channel, now }: Batch, order: NormalizedOrder, reason: string): Promise<void> {
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'poison',
      channel: channel.code,
      severity: 'warning',
      message: `${order.externalOrderId} could not be read: ${reason}`,
      next: `isync orders:show ${order.externalOrderId}`,
    },
    now,
  )
}

/** Raises the poison alert once per page: the page itself was stored. */
export async function alertPoisonPage(tx: Db, run: Run, channel: ChannelSettings, poison: readonly StorablePoison[]): Promise<void> {
  const first = poison[0]
  if (first === undefined) return
  const more = poison.length > 1 ? ` and ${poison.length - 1} more` : ''
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'poison',
      channel: channel.code,
      severity: 'warning',
      message: `${first.externalOrderId}${more} could not be read: ${first.reason}`,
      next: `isync orders:show ${first.externalOrderId}`,
    },
    run.clock.now(),
  )
}

function wantsYes({ channel }: Batch, order: NormalizedOrder): boolean {
  return channel.autoAccept && order.status === 'awaiting_acceptance'
}

/** `<channel>:<external order id>`: the key of the tasks that an order has one of. */
export function taskKey(order: Pick<NormalizedOrder, 'channel' | 'externalOrderId'>): string {
  return `${order.channel}:${order.externalOrderId}`
}

function addTask(batch: Batch, kind: 'push' | 'acknowledge', order: NormalizedOrder, orderId: string, counted = true): void {
  if (counted) batch.counts[kind === 'push' ? 'to_push' : 'to_acknowledge'] += 1
  batch.tasks.push({ id: batch.run.ids.next(), kind, key: taskKey(order), channel: order.channel, orderId, shipmentId: null })
}

function note({ run, events, now }: Batch, order: NormalizedOrder, what: string, detail: Readonly<Record<string, unknown>>): void {
  events.push({ id: run.ids.next(), at: now, runId: run.id, actor: run.actor, entity: 'order', entityId: sealRow(order.channel, order.externalOrderId), what, detail })
}

function payloadRow({ run, now }: Batch, order: NormalizedOrder, version: number): PayloadRow {
  const row = `${sealRow(order.channel, order.externalOrderId)}/${version}`
  return {
    channel: order.channel,
    external_order_id: order.externalOrderId,
    version,
    payload: run.vault.seal('order_payloads', 'payload', row, JSON.stringify(order.raw ?? null)),
    received_at: now,
    expires_at: now + run.settings.payloadDays * 86_400_000,
  }
}
