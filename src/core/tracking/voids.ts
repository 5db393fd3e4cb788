import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { ordersByShipStationIds } from '../db/orders.ts'
import {
  type ConfirmTaskRow,
  confirmationsOf,
  emptyPackages,
  linesOfShipments,
  lockShipment,
  resolveExtraPackageAlert,
  type ShipmentRow,
  saveShipment,
  setShipmentReason,
  setVoided,
  takeOutOfPackage,
} from '../db/shipments.ts'
import { dropTask } from '../db/tasks.ts'
import type { Shipment } from '../model/shipment.ts'
import { linesByOrder } from '../orders/rows.ts'
import { pack, UNDER_WAY } from './pack.ts'
import { alert, toRow } from './shipment-rows.ts'

const TOLD = 'voided after confirmation'
const IN_TIME = 'voided in time'

/**
 * Records a cancelled label. What the channel was not told yet is not told, and its goods may go into another package; what it was told is a
 * matter for a person; what it is being told right now is settled with that: {@link settleVoided}.
 */
export async function intakeVoid(tx: Db, run: Run, shipment: Shipment, known: ShipmentRow | undefined): Promise<void> {
  const voidedAt = shipment.voidedAt ?? run.clock.now()
  if (known === undefined) {
    await saveShipment(tx, toRow(run, shipment, 'voided', 'voided before we saw it'), [])
    return
  }
  // First of all, so that who settles a confirmation of it meanwhile waits for this, or is waited for here.
  await setVoided(tx, shipment.id, voidedAt, IN_TIME)
  const dropped = new Set<string>()
  for (const { key, state } of await confirmationsOf(tx, shipment.id))
    if (state !== 'done' && (await dropTask(tx, 'confirm', key, run.clock.now()))) dropped.add(key)
  const others = (await confirmationsOf(tx, shipment.id)).filter(({ key }) => !dropped.has(key))
  const told = others.filter(({ state }) => state === 'done')
  for (const task of told) await alertTold(tx, run, task, shipment.trackingNumber)
  // What the channel was told, or may be, stays counted as packed: it will refuse the same units in another package.
  for (const orderId of await ordersIn(tx, shipment.id))
    if (!others.some(({ order_id: id }) => id === orderId)) await takeOutOfPackage(tx, shipment.id, orderId)
  await setShipmentReason(tx, shipment.id, reasonOf(told.length, others.length))
  await refill(tx, run, known, dropped.size > 0)
}

/** What became of a confirmation that was under way. Where its label was voided meanwhile, that is settled now. */
export async function settleVoided(tx: Db, run: Run, shipment: ShipmentRow, orderId: string, told: boolean): Promise<void> {
  if ((await lockShipment(tx, shipment.id)) !== 'voided') return
  const all = await confirmationsOf(tx, shipment.id)
  const own = all.find(({ order_id: id }) => id === orderId)
  if (told && own !== undefined) await alertTold(tx, run, own, shipment.tracking_number)
  if (!told) await takeOutOfPackage(tx, shipment.id, orderId)
  const inside = await ordersIn(tx, shipment.id)
  const others = all.filter(({ order_id: id }) => inside.includes(id))
  const done = others.filter(({ order_id: id, state }) => state === 'done' || id === orderId)
  await setShipmentReason(tx, shipment.id, reasonOf(done.length, others.length))
  await refill(tx, run, shipment, true)
}

/** `told`: of so many orders in a voided package, those whose channel was told of it. */
function reasonOf(told: number, others: number): string {
  if (told > 0) return TOLD
  return others > 0 ? UNDER_WAY : IN_TIME
}

async function ordersIn(tx: Db, shipmentId: string): Promise<readonly string[]> {
  const lines = await linesOfShipments(tx, [shipmentId])
  return [...new Set(lines.map(({ order_id: id }) => id))]
}

/** Packages that found nothing left while the voided one still had it: its replacement. */
async function refill(tx: Db, run: Run, voided: ShipmentRow, isSettled: boolean): Promise<void> {
  const { shipstation_order_id: id } = voided
  if (id === null || !isSettled) return
  const empty = await emptyPackages(tx, id)
  if (empty.length === 0) return
  const rows = await ordersByShipStationIds(tx, [id])
  const lines = await linesByOrder(
    tx,
    rows.map((row) => row.id),
  )
  const orders = rows.map((row) => ({ row, lines: lines.get(row.id) ?? [] }))
  for (const shipment of empty) await pack(tx, run, shipment, orders)
  for (const channel of new Set(rows.map((row) => row.channel))) await resolveExtraPackageAlert(tx, channel, run.clock.now())
}

async function alertTold(tx: Db, run: Run, task: ConfirmTaskRow, trackingNumber: string): Promise<void> {
  await alert(
    tx,
    run,
    'voided-after-confirm',
    task.channel,
    'critical',
    `${task.external_order_id}: the label ${trackingNumber} was voided after the channel had been told of it`,
    `isync orders:show ${task.external_order_id}`,
  )
}
