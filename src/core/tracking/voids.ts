import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { type ShipmentRow, saveShipment, setVoided } from '../db/shipments.ts'
import { listTasks } from '../db/task-list.ts'
import { dropTask } from '../db/tasks.ts'
import type { Shipment } from '../model/shipment.ts'
import { alert, toRow } from './shipment-rows.ts'

/** Records a cancelled label. What the channel was not told yet is not told; what it was told is a matter for a person. */
export async function intakeVoid(tx: Db, run: Run, shipment: Shipment, known: ShipmentRow | undefined): Promise<void> {
  const voidedAt = shipment.voidedAt ?? run.clock.now()
  if (known === undefined) {
    await saveShipment(tx, toRow(run, shipment, 'voided', 'voided before we saw it'), [])
    return
  }
  const tasks = await listTasks(tx, { kinds: ['confirm'], shipmentId: shipment.id }, 50)
  let told = false
  for (const task of tasks) {
    if (task.state !== 'done' && (await dropTask(tx, 'confirm', task.key, run.clock.now()))) continue
    told = true
    await alert(
      tx,
      run,
      'voided-after-confirm',
      task.channel,
      'critical',
      `${task.external_order_id ?? task.key}: the label ${shipment.trackingNumber} was voided after the channel had been told of it`,
      `isync orders:show ${task.external_order_id ?? ''}`,
    )
  }
  // What the channel was told stays counted as packed: it will refuse the same units in another package.
  await setVoided(tx, shipment.id, voidedAt, told ? 'voided after confirmation' : 'voided in time', told)
}
