import type { Run } from '../context.ts'
import { addEvents } from '../db/events.ts'
import { type OrderRow, ordersByNumber } from '../db/orders.ts'
import { addTasks, rearmTask } from '../db/tasks.ts'
import { resolveTwinAlert, setTwin } from '../db/twins.ts'
import { OperatorError } from '../errors.ts'
import { deduct, movementsFor, unseen } from '../inventory/shadow.ts'
import { mayShip } from '../model/order.ts'
import { orderEvent } from './order-event.ts'
import { taskKey } from './page-batch.ts'
import { fromRows, linesByOrder } from './rows.ts'

export interface Released {
  readonly channel: string
  readonly externalOrderId: string
  /** The order that it was taken for, as `<channel>/<order id>`. */
  readonly twinOf: string
  /** It waits for the next push now. False: nothing of it may ship. */
  readonly toPush: boolean
}

/**
 * Lets an order go to ShipStation that was held as a second copy of another channel's order, because a person says that it is none. Throws
 * OperatorError for an order that is not held so.
 */
export async function releaseOrder(run: Run, externalOrderId: string, channel: string | undefined): Promise<Released> {
  const rows = (await ordersByNumber(run.db, externalOrderId)).filter((row) => channel === undefined || row.channel === channel)
  const held = rows.filter(({ twin_of: twin }) => twin !== null && twin !== '')
  const [row] = held
  if (row === undefined || held.length > 1) throw notHeld(externalOrderId, rows, held.length)
  const lines = (await linesByOrder(run.db, [row.id])).get(row.id) ?? []
  const order = fromRows(row, lines, run.vault)
  const toPush = mayShip(order)
  const now = run.clock.now()
  await run.db.transaction(async (tx) => {
    await setTwin(tx, row.id, '')
    // Not the order's version: under that one stands what it took before the push found it to be a copy, and gave back.
    await deduct(tx, run, movementsFor(run, order, unseen, 0), run.settings.inventory.lowStockThreshold)
    const key = taskKey(order)
    if (toPush && !(await rearmTask(tx, 'push', key, now))) {
      const task = { id: run.ids.next(), kind: 'push', key, channel: row.channel, orderId: row.id, shipmentId: null } as const
      await addTasks(tx, [task], now)
    }
    await addEvents(tx, [orderEvent(run, row.channel, externalOrderId, 'released', { twin_of: row.twin_of })])
    await resolveTwinAlert(tx, row.channel, now)
  })
  return { channel: row.channel, externalOrderId, twinOf: row.twin_of ?? '', toPush }
}

function notHeld(externalOrderId: string, rows: readonly OrderRow[], held: number): OperatorError {
  const where = rows.map(({ channel }) => channel).join(', ') || 'any channel'
  if (held > 1) {
    const next = `isync orders:release ${externalOrderId} --channel CODE`
    return new OperatorError({ what: `order ${externalOrderId} is held more than once`, where, why: 'on several channels', next })
  }
  return new OperatorError({
    what: `order ${externalOrderId} is not held as a second copy`,
    where,
    why: rows.length === 0 ? 'no pull has stored it' : 'nothing keeps it from ShipStation but what orders:show says',
    next: `isync orders:show ${externalOrderId}`,
  })
}
