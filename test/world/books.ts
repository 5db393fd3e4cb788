import type { Db } from '../../src/core/db/db.ts'
import type { OrderRow } from '../../src/core/db/orders.ts'
import { listTasks, type TaskRow } from '../../src/core/db/task-list.ts'

/** What the database says, for tests. */

export async function orderRow(db: Db, externalOrderId: string): Promise<OrderRow> {
  const [row] = await db.rows<OrderRow>('select * from orders where external_order_id = ?', [externalOrderId])
  if (row === undefined) throw new Error(`no order ${externalOrderId}`)
  return row
}

/** `push amazon-us:A-1 pending`, in the order in which they are due. */
export async function taskList(db: Db): Promise<string[]> {
  return (await tasksOf(db)).map(({ kind, key, state }) => `${kind} ${key} ${state}`)
}

export function tasksOf(db: Db): Promise<TaskRow[]> {
  return listTasks(db, {}, 1000)
}

/** What an order's history says, oldest first. */
export async function historyOf(db: Db, externalOrderId: string): Promise<string[]> {
  const rows = await db.rows<{ what: string }>(`select what from events where entity_id like ? order by at, id`, [
    `%${externalOrderId}%`,
  ])
  return rows.map(({ what }) => what)
}

/** Rules of the alerts that are open, by name. */
export async function alertRules(db: Db): Promise<string[]> {
  const rows = await db.rows<{ rule: string }>('select rule from alerts where resolved_at is null order by rule')
  return rows.map(({ rule }) => rule)
}

/** Every row of every table that work may write, as text: equal texts mean that nothing was written. */
export async function everything(db: Db): Promise<string> {
  const tables = ['orders', 'order_lines', 'order_payloads', 'tasks', 'events', 'alerts', 'shipments', 'shipment_lines']
  const dump: unknown[] = []
  for (const table of tables) dump.push(table, await db.rows(`select * from ${table} order by 1, 2, 3`))
  return JSON.stringify(dump)
}
