import { type Db, insertMany, marks } from './db.ts'

/** matched: belongs to orders of ours. orphan: looks like ours, order unknown. ignored: not ours, or a return. voided: the label was cancelled. */
export type ShipmentState = 'matched' | 'orphan' | 'ignored' | 'voided'

export interface ShipmentRow {
  readonly id: string
  readonly number: number
  readonly source: 'shipment' | 'fulfillment'
  readonly shipstation_order_id: number | null
  readonly order_key: string | null
  readonly order_number: string | null
  readonly tracking_number: string
  readonly carrier_code: string
  readonly service_code: string | null
  readonly created_at: number
  readonly shipped_at: number
  readonly voided_at: number | null
  readonly is_return: number
  /** JSON of what the package holds, null for everything that was left. */
  readonly items: string | null
  readonly state: ShipmentState
  readonly reason: string | null
  readonly seen_at: number
}

export interface ShipmentLineRow {
  readonly shipment_id: string
  readonly order_id: string
  readonly external_line_id: string
  readonly quantity: number
}

export async function shipmentsByIds(db: Db, ids: readonly string[]): Promise<ShipmentRow[]> {
  if (ids.length === 0) return []
  return db.rows<ShipmentRow>(`select * from shipments where id in (${marks(ids.length)})`, ids)
}

/** Inserts a shipment, or replaces what we knew of it (an orphan that found its order, a label voided since). */
export async function saveShipment(tx: Db, row: ShipmentRow, lines: readonly ShipmentLineRow[]): Promise<void> {
  await insertMany(
    tx,
    'shipments',
    [row],
    `on conflict (id) do update set state = excluded.state, reason = excluded.reason, voided_at = excluded.voided_at, items = excluded.items,
       shipstation_order_id = excluded.shipstation_order_id, seen_at = excluded.seen_at`,
  )
  await tx.run('delete from shipment_lines where shipment_id = ?', [row.id])
  await insertMany(tx, 'shipment_lines', lines)
}

export async function setVoided(tx: Db, id: string, voidedAt: number, reason: string): Promise<void> {
  await tx.run(`update shipments set state = 'voided', voided_at = ?, reason = ? where id = ?`, [voidedAt, reason, id])
}

export async function setShipmentReason(tx: Db, id: string, reason: string): Promise<void> {
  await tx.run('update shipments set reason = ? where id = ?', [reason, id])
}

/** A package's state, and nobody changes it before this transaction ends. */
export async function lockShipment(tx: Db, id: string): Promise<ShipmentState | undefined> {
  const [row] = await tx.rows<{ state: ShipmentState }>('update shipments set state = state where id = ? returning state', [id])
  return row?.state
}

/** A package's share of an order goes back: it may go into another package. */
export async function takeOutOfPackage(tx: Db, shipmentId: string, orderId: string): Promise<void> {
  await tx.run('delete from shipment_lines where shipment_id = ? and order_id = ?', [shipmentId, orderId])
}

/** Whether units of these orders are in a voided package that was left with this reason. */
export async function areInVoided(tx: Db, orderIds: readonly string[], reason: string): Promise<boolean> {
  const [row] = await tx.rows(
    `select 1 as one from shipment_lines l join shipments s on s.id = l.shipment_id
     where l.order_id in (${marks(orderIds.length)}) and s.state = 'voided' and s.reason = ? limit 1`,
    [...orderIds, reason],
  )
  return row !== undefined
}

/** Packages of this ShipStation order for which there was nothing left, oldest first. */
export async function emptyPackages(tx: Db, shipStationOrderId: number): Promise<ShipmentRow[]> {
  return tx.rows<ShipmentRow>(
    `select * from shipments s where s.shipstation_order_id = ? and s.state = 'matched'
       and not exists (select 1 from shipment_lines l where l.shipment_id = s.id) order by s.created_at, s.id`,
    [shipStationOrderId],
  )
}

/** Closes the alert about packages without goods of a channel's orders, once there is none. */
export async function resolveExtraPackageAlert(tx: Db, channel: string, now: number): Promise<void> {
  await tx.run(
    `update alerts set resolved_at = ? where rule = 'extra-package' and channel = ? and resolved_at is null
       and not exists (select 1 from orders o join shipments s on s.shipstation_order_id = o.shipstation_order_id
         where o.channel = ? and s.state = 'matched' and not exists (select 1 from shipment_lines l where l.shipment_id = s.id))`,
    [now, channel, channel],
  )
}

export interface ConfirmTaskRow {
  readonly key: string
  readonly channel: string
  readonly order_id: string
  readonly external_order_id: string
  readonly state: string
}

/** The confirmations that were asked for a package, one per order in it. */
export async function confirmationsOf(tx: Db, shipmentId: string): Promise<ConfirmTaskRow[]> {
  return tx.rows<ConfirmTaskRow>(
    `select t.key, t.channel, t.order_id, o.external_order_id, t.state from tasks t join orders o on o.id = t.order_id
     where t.kind = 'confirm' and t.shipment_id = ? order by t.key`,
    [shipmentId],
  )
}

/** Units of each line already in some package of these orders. */
export async function packedQuantities(
  db: Db,
  orderIds: readonly string[],
): Promise<{ order_id: string; external_line_id: string; quantity: number }[]> {
  if (orderIds.length === 0) return []
  const rows = await db.rows<{ order_id: string; external_line_id: string; quantity: number | string }>(
    `select order_id, external_line_id, sum(quantity) as quantity from shipment_lines where order_id in (${marks(orderIds.length)}) group by order_id, external_line_id`,
    orderIds,
  )
  return rows.map((row) => ({ ...row, quantity: Number(row.quantity) }))
}

export async function linesOfShipments(db: Db, ids: readonly string[]): Promise<ShipmentLineRow[]> {
  if (ids.length === 0) return []
  return db.rows<ShipmentLineRow>(
    `select * from shipment_lines where shipment_id in (${marks(ids.length)}) order by shipment_id, external_line_id`,
    ids,
  )
}

export interface OrderShipmentRow extends ShipmentRow {
  readonly external_line_id: string | null
  readonly quantity: number | null
  readonly confirm_state: string | null
  readonly confirm_error: string | null
}

/** The packages of one order with what each holds and how its confirmation stands, oldest first. */
export async function shipmentsOfOrder(db: Db, orderId: string): Promise<OrderShipmentRow[]> {
  return db.rows<OrderShipmentRow>(
    `select s.*, l.external_line_id, l.quantity, t.state as confirm_state, t.last_error as confirm_error
     from shipments s join shipment_lines l on l.shipment_id = s.id
     left join tasks t on t.kind = 'confirm' and t.shipment_id = s.id and t.order_id = l.order_id
     where l.order_id = ? order by s.created_at, s.id, l.external_line_id`,
    [orderId],
  )
}

/** Units of each line that the channel has accepted a confirmation for. */
export async function confirmedQuantities(db: Db, orderId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.rows<{ external_line_id: string; quantity: number | string }>(
    `select l.external_line_id, sum(l.quantity) as quantity from shipment_lines l
     join tasks t on t.kind = 'confirm' and t.shipment_id = l.shipment_id and t.order_id = l.order_id and t.state = 'done'
     where l.order_id = ? group by l.external_line_id`,
    [orderId],
  )
  return new Map(rows.map((row) => [row.external_line_id, Number(row.quantity)]))
}

export async function countShipments(db: Db): Promise<{ state: ShipmentState; count: number }[]> {
  const rows = await db.rows<{ state: ShipmentState; count: number | string }>(
    'select state, count(*) as count from shipments group by state',
  )
  return rows.map((row) => ({ state: row.state, count: Number(row.count) }))
}
