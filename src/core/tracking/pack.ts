import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { areInVoided, packedQuantities, type ShipmentLineRow, type ShipmentRow, saveShipment } from '../db/shipments.ts'
import { addTasks } from '../db/tasks.ts'
import { orderEvent } from '../orders/order-event.ts'
import type { MatchedOrder } from './match-order.ts'
import { linesInPackage, packedKey } from './packages.ts'
import { alert, itemsOf } from './shipment-rows.ts'

/** Why a voided label still counts as packed: nobody knows yet whether the channel was told of it. */
export const UNDER_WAY = 'voided while its confirmation was under way'

/** Puts what is left of these orders into a package, and asks for its confirmation at each one's channel. Returns how many were asked for. */
export async function pack(tx: Db, run: Run, shipment: ShipmentRow, orders: readonly MatchedOrder[]): Promise<number> {
  const packed = await packedQuantities(
    tx,
    orders.map(({ row }) => row.id),
  )
  const before = new Map(packed.map((line) => [packedKey(line.order_id, line.external_line_id), line.quantity]))
  const lines = linesInPackage({ id: shipment.id, items: itemsOf(shipment) }, orders, before)
  await saveShipment(tx, shipment, lines)
  let asked = 0
  for (const { row } of orders) {
    const held = lines.filter(({ order_id }) => order_id === row.id)
    const detail = {
      shipment: shipment.id,
      tracking: shipment.tracking_number,
      units: held.reduce((sum, { quantity }) => sum + quantity, 0),
    }
    await addEvents(tx, [orderEvent(run, row.channel, row.external_order_id, 'shipped at ShipStation', detail)])
    const problem = await unconfirmable(tx, shipment, row, held, orders.length)
    if (problem === 'silent') continue
    if (problem !== undefined) {
      const { external_order_id: id } = row
      const message = `${id}: ${problem.message} (${shipment.id})`
      await alert(tx, run, problem.rule, row.channel, 'warning', message, `isync orders:show ${id}`)
      continue
    }
    asked += 1
    const key = await confirmKey(tx, row, shipment)
    const task = { id: run.ids.next(), kind: 'confirm', key, channel: row.channel, orderId: row.id } as const
    await addTasks(tx, [{ ...task, shipmentId: shipment.id }], run.clock.now())
  }
  return asked
}

/**
 * One confirmation per order and tracking number. A second package of the order under the same number holds other units, since none is in
 * two packages: they must be told too.
 */
async function confirmKey(
  tx: Db,
  row: MatchedOrder['row'],
  { tracking_number: tracking, id, number }: ShipmentRow,
): Promise<string> {
  const key = `${row.channel}:${row.external_order_id}:${tracking}`
  const [other] = await tx.rows(`select 1 as one from tasks where kind = 'confirm' and key = ? and shipment_id <> ?`, [key, id])
  return other === undefined ? key : `${key}:${number}`
}

/**
 * Why a package cannot be told to the channel; 'silent' for an order of a merge that has no part in this package, and for a package whose
 * goods are in a voided one until it is known whether the channel was told of that.
 */
async function unconfirmable(
  tx: Db,
  shipment: ShipmentRow,
  row: MatchedOrder['row'],
  held: readonly ShipmentLineRow[],
  orders: number,
): Promise<{ rule: string; message: string } | 'silent' | undefined> {
  if (held.length === 0 && (orders > 1 || (await areInVoided(tx, [row.id], UNDER_WAY)))) return 'silent'
  if (held.length === 0)
    return { rule: 'extra-package', message: 'a further package was made though every unit is in a package already' }
  if (shipment.tracking_number === '')
    return { rule: 'no-tracking', message: 'marked as shipped without a tracking number: confirm it at the channel by hand' }
  return undefined
}
