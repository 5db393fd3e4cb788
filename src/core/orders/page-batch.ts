import type { ChannelSettings, Run } from '../context.ts'
import type { AccountRow } from '../db/buyers.ts'
import type { AuditEvent } from '../db/events.ts'
import type { insertOrders } from '../db/order-writes.ts'
import type { LineRow } from '../db/orders.ts'
import type { PayloadRow } from '../db/payloads.ts'
import type { NewTask } from '../db/tasks.ts'
import type { NewMovement } from '../inventory/shadow.ts'
import type { NormalizedOrder } from '../model/order.ts'
import { orderEvent } from './order-event.ts'

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

/** A buyer by the digests of the account, and whether that account was deleted after this order was placed. */
export interface KnownBuyer {
  readonly digests: readonly string[]
  readonly gone: boolean
}

/** What a page wants written; collected first, so that each table is written once per page. */
export interface Batch {
  readonly run: Run
  readonly channel: ChannelSettings
  readonly now: number
  readonly newRows: Parameters<typeof insertOrders>[1][number][]
  readonly lines: LineRow[]
  readonly payloads: PayloadRow[]
  /** By external order id; of orders whose channel tells who their buyer is. */
  readonly buyers: ReadonlyMap<string, KnownBuyer>
  readonly accounts: AccountRow[]
  /** Documents that are no orders, in which the buyer may stand: ids. */
  readonly unread: string[]
  /** Orders whose buyer has gone: ids. */
  readonly toErase: string[]
  readonly tasks: NewTask[]
  readonly events: AuditEvent[]
  /** What the page's orders take from the shadow stock, and give back. */
  readonly movements: NewMovement[]
  readonly counts: { -readonly [K in keyof StoreCounts]: number }
}

/** Whether isync may say yes to this order by itself. */
export function wantsYes({ channel }: Batch, order: NormalizedOrder): boolean {
  return channel.acknowledges === 'before-push' && order.status === 'awaiting_acceptance'
}

/** `<channel>:<external order id>`: the key of the tasks that an order has one of. */
export function taskKey(order: Pick<NormalizedOrder, 'channel' | 'externalOrderId'>): string {
  return `${order.channel}:${order.externalOrderId}`
}

export function addTask(
  batch: Batch,
  kind: 'push' | 'acknowledge',
  order: NormalizedOrder,
  orderId: string,
  counted = true,
): void {
  if (counted) batch.counts[kind === 'push' ? 'to_push' : 'to_acknowledge'] += 1
  batch.tasks.push({ id: batch.run.ids.next(), kind, key: taskKey(order), channel: order.channel, orderId, shipmentId: null })
}

/** Adds a line to the order's history. */
export function note(batch: Batch, order: NormalizedOrder, what: string, detail: Readonly<Record<string, unknown>>): void {
  batch.events.push(orderEvent(batch.run, order.channel, order.externalOrderId, what, detail))
}
