import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { reservedBy } from '../db/movements.ts'
import type { LineRow, OrderRow } from '../db/orders.ts'
import { type SameSale, setTwin } from '../db/twins.ts'
import { deduct, movementsFor } from '../inventory/shadow.ts'
import { orderEvent } from './order-event.ts'
import { fromRows } from './rows.ts'
import { alertTwin, twinName, twinsAmong } from './twins.ts'

/**
 * Of these orders, those that ShipStation does not have yet and that repeat one which it has or which came first. Two pulls at once cannot
 * see each other's orders; the push is one at a time and sees both.
 */
export async function twinsBefore(
  run: Run,
  rows: readonly OrderRow[],
  lines: ReadonlyMap<string, readonly LineRow[]>,
): Promise<ReadonlyMap<string, SameSale>> {
  const fresh = rows.filter((row) => row.shipstation_order_id === null && row.twin_of === null)
  const twins = await twinsAmong(
    run.db,
    fresh.map((row) => ({ ...row, goods: lines.get(row.id) ?? [] })),
  )
  const byId = new Map(fresh.map((row) => [row.id, row]))
  return new Map([...twins].filter(([id, twin]) => twin.is_pushed || cameBefore(twin, byId.get(id))))
}

function cameBefore(twin: SameSale, row: OrderRow | undefined): boolean {
  if (row === undefined) return false
  return twin.first_seen_at < row.first_seen_at || (twin.first_seen_at === row.first_seen_at && twin.other_id < row.id)
}

/** Keeps an order from ShipStation and gives back what it took from the shadow stock: the order that it repeats has taken it too. */
export async function holdAsCopy(tx: Db, run: Run, row: OrderRow, twin: SameSale): Promise<void> {
  await setTwin(tx, row.id, twinName(twin))
  const reserved = await reservedBy(tx, row.channel, row.external_order_id)
  const none = { ...fromRows(row, [], run.vault), status: 'cancelled' as const }
  // Versions begin at 1.
  const back = movementsFor(run, none, { reserved, shipped: false, left: new Map() }, 0)
  await deduct(tx, run, back, run.settings.inventory.lowStockThreshold)
  await addEvents(tx, [orderEvent(run, row.channel, row.external_order_id, 'held as a copy', { of: twinName(twin) })])
  await alertTwin(tx, run, row, twin)
}
