import type { ChannelCode } from '../model/channel.ts'
import type { OrderStatus } from '../model/order.ts'
import { type Db, marks, type SqlValue } from './db.ts'
import type { PushState } from './orders.ts'

/** Ids per statement. */
const CHUNK = 500

/** What we hold of an order, as far as a comparison with its channel's list goes. */
export interface MappedRow {
  readonly id: string
  readonly external_order_id: string
  readonly status: OrderStatus
  readonly push_state: PushState
  readonly shipstation_order_id: number | null
  readonly twin_of: string | null
  readonly fulfilled_by: string
  /** JSON list. */
  readonly flags: string
  readonly total_minor: number
  readonly currency: string | null
  readonly shipped_at: number | null
  readonly units_to_ship: number
  /** 1: some of it is in a package, or the channel counts units as shipped. */
  readonly begun: number
}

/** Our rows of these orders of a channel. */
export async function mappedRows(db: Db, channel: ChannelCode, externalIds: readonly string[]): Promise<MappedRow[]> {
  const rows = await inChunks(externalIds, (ids) =>
    db.rows<MappedRow>(
      `select o.id, o.external_order_id, o.status, o.push_state, o.shipstation_order_id, o.twin_of, o.fulfilled_by, o.flags, o.total_minor, o.currency, o.shipped_at,
         coalesce((select sum(l.qty_to_ship) from order_lines l where l.order_id = o.id), 0) as units_to_ship,
         case when exists (select 1 from shipment_lines s where s.order_id = o.id)
           or exists (select 1 from order_lines l where l.order_id = o.id and l.qty_shipped > 0) then 1 else 0 end as begun
       from orders o where o.channel = ? and o.external_order_id in (${marks(ids.length)})`,
      [channel, ...ids],
    ),
  )
  return rows.map((row) => ({ ...row, units_to_ship: Number(row.units_to_ship) }))
}

/** An order that should be in ShipStation and is not, with how its push stands; null where it has no task at all. */
export interface UnpushedRow {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly task_state: string | null
  readonly last_error_kind: string | null
}

/** Of these orders of a channel those that may ship and that ShipStation does not have. */
export async function unpushedAmong(db: Db, channel: ChannelCode, externalIds: readonly string[]): Promise<UnpushedRow[]> {
  return inChunks(externalIds, (ids) =>
    db.rows<UnpushedRow>(
      `select o.id, o.channel, o.external_order_id, t.state as task_state, t.last_error_kind
       from orders o left join tasks t on t.kind = 'push' and t.order_id = o.id
       where o.channel = ? and o.external_order_id in (${marks(ids.length)})
         and o.status in ('open', 'partially_shipped') and o.shipstation_order_id is null and coalesce(o.twin_of, '') = ''`,
      [channel, ...ids],
    ),
  )
}

/** A piece of work that is not done. */
export interface LateTaskRow {
  readonly kind: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly state: string
  readonly created_at: number
  readonly last_error: string | null
}

/** Tasks of these channels that were asked for before `before` and are still not done, the oldest first. */
export async function lateTasks(
  db: Db,
  kind: string,
  channels: readonly ChannelCode[],
  before: number,
  limit: number,
): Promise<LateTaskRow[]> {
  return db.rows(
    `select t.kind, t.channel, coalesce(o.external_order_id, t.key) as external_order_id, t.state, t.created_at, t.last_error
     from tasks t left join orders o on o.id = t.order_id
     where t.kind = ? and t.state in ('pending', 'running', 'waiting', 'dead') and t.created_at < ? and t.channel in (${marks(channels.length)})
     order by t.created_at, t.id limit ?`,
    [kind, before, ...channels, limit],
  )
}

export interface UntoldRow {
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly tracking_number: string
  readonly shipped_at: number
}

/** Packages of our orders that nobody was ever asked to confirm. A pushed order whose package is whole and not voided must have a task. */
export async function untoldPackages(
  db: Db,
  channels: readonly ChannelCode[],
  seenBefore: number,
  since: number,
): Promise<UntoldRow[]> {
  return db.rows(
    `select distinct o.channel, o.external_order_id, s.tracking_number, s.shipped_at
     from shipments s join shipment_lines l on l.shipment_id = s.id join orders o on o.id = l.order_id
     where s.state = 'matched' and s.voided_at is null and s.tracking_number <> '' and s.seen_at < ? and s.created_at >= ?
       and o.channel in (${marks(channels.length)})
       and not exists (select 1 from tasks t where t.kind = 'confirm' and t.shipment_id = s.id and t.order_id = o.id)
     order by s.shipped_at limit 1000`,
    [seenBefore, since, ...channels],
  )
}

export interface OrphanRow {
  readonly id: string
  readonly order_number: string | null
  readonly tracking_number: string
  readonly created_at: number
  readonly reason: string | null
}

/** Packages made since then that look like ours and belong to no order that we know. */
export async function orphansSince(db: Db, since: number): Promise<OrphanRow[]> {
  return db.rows(
    `select id, order_number, tracking_number, created_at, reason from shipments where state = 'orphan' and created_at >= ? order by created_at, id limit 1000`,
    [since],
  )
}

export interface WaitingOrderRow {
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly status: OrderStatus
  readonly changed_at: number
}

/** Orders that wait for a yes or for a person and have not moved since `before`. */
export async function ordersStuckSince(
  db: Db,
  channels: readonly ChannelCode[],
  before: number,
  since: number,
): Promise<WaitingOrderRow[]> {
  return db.rows(
    `select channel, external_order_id, status, changed_at from orders
     where status in ('awaiting_acceptance', 'on_hold') and changed_at < ? and order_created_at >= ? and channel in (${marks(channels.length)})
     order by changed_at, id limit 1000`,
    [before, since, ...channels],
  )
}

/** ShipStation orders that we know, by their ids there. */
export async function knownShipStationIds(db: Db, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await inChunks(ids, (chunk) =>
    db.rows<{ shipstation_order_id: number }>(
      `select shipstation_order_id from orders where shipstation_order_id in (${marks(chunk.length)})`,
      chunk,
    ),
  )
  return new Set(rows.map((row) => row.shipstation_order_id))
}

export interface NumberedRow {
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly shipstation_order_id: number | null
  readonly order_key: string | null
}

/** Our orders under these numbers, of any channel. */
export async function ordersUnderNumbers(db: Db, numbers: readonly string[]): Promise<NumberedRow[]> {
  return inChunks(numbers, (chunk) =>
    db.rows<NumberedRow>(
      `select channel, external_order_id, shipstation_order_id, order_key from orders where external_order_id in (${marks(chunk.length)})`,
      chunk,
    ),
  )
}

export interface PushedRow {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly shipstation_order_id: number | null
  readonly status: OrderStatus
  readonly push_state: PushState
}

/**
 * Orders that were pushed at or after `since`, in the order of their ids, from behind `after`. Whoever asks picks those that matter: told of
 * channels or states, SQLite would go through all of them for every page.
 */
export async function pushedSince(db: Db, since: number, after: string, limit: number): Promise<PushedRow[]> {
  return db.rows(
    `select id, channel, external_order_id, shipstation_order_id, status, push_state from orders
     where id > ? and pushed_at >= ? order by id limit ?`,
    [after, since, limit],
  )
}

/** What an order was of and when, for finding another that is the same. */
export interface SoldRow {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly order_created_at: number
  readonly external_line_id: string
  readonly sku: string
  readonly qty: number
}

/** Where a walk through orders by their age has come to. */
export interface SoldPlace {
  readonly at: number
  readonly id: string
}

/** Lines of orders that ShipStation has, from behind that place and created before `until`: the oldest first, whole orders only. */
export async function soldLines(db: Db, after: SoldPlace, until: number, limit: number): Promise<SoldRow[]> {
  const values: SqlValue[] = [after.at, after.at, after.id, until, limit]
  return db.rows(
    `select o.id, o.channel, o.external_order_id, o.order_created_at, l.external_line_id, l.sku, l.qty
     from (select id, channel, external_order_id, order_created_at from orders
           where order_created_at >= ? and (order_created_at > ? or id > ?) and order_created_at < ?
             and +shipstation_order_id is not null and status <> 'cancelled' order by order_created_at, id limit ?) o
     join order_lines l on l.order_id = o.id order by o.order_created_at, o.id, l.position`,
    values,
  )
}

async function inChunks<V extends SqlValue, T>(values: readonly V[], ask: (chunk: readonly V[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = []
  for (let start = 0; start < values.length; start += CHUNK) found.push(...(await ask(values.slice(start, start + CHUNK))))
  return found
}
