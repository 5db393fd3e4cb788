import type { Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { addMovements, type MovementRow, type ReservedRow, stockSpellings } from '../db/movements.ts'
import { type Mark, markSkus, type StockRow, stockOf } from '../db/stock.ts'
import type { NormalizedOrder, OrderLine } from '../model/order.ts'
import { skuKeyOf } from '../model/stock.ts'

/** A movement that still bears the order's own spelling of the SKU. */
export type NewMovement = MovementRow

/** The units that a line of this order holds from now on. `held`: what it holds already. */
function unitsOf(order: NormalizedOrder, line: OrderLine, held: number, reservePending: boolean): number {
  switch (order.status) {
    case 'poison':
      return held
    case 'cancelled':
      // What had left the house before does not come back by itself.
      return Math.min(held, line.qtyShipped ?? 0)
    case 'shipped':
      // Shipped before we first saw it: its units had left before, and the next reading of the stock knows.
      return Math.min(held, Math.max(line.qty, line.qtyShipped ?? 0))
    case 'pending':
      return reservePending ? line.qty : 0
    default:
      return line.qty
  }
}

/**
 * What a stored version of an order takes from the shadow stock, or gives back: the difference between what its lines hold already and what
 * they need now. `version` makes each change's reference unique, so that however often an order is read a line is deducted once.
 */
export function movementsFor(
  run: Run,
  order: NormalizedOrder,
  reserved: readonly ReservedRow[],
  version: number,
): readonly NewMovement[] {
  if (order.fulfilledBy !== 'seller') return []
  const now = run.clock.now()
  const { reservePending } = run.settings.inventory
  const movements: NewMovement[] = []

  function move(lineId: string, sku: string, units: number, soldAt: number): void {
    if (units === 0) return
    movements.push({
      id: run.ids.next(),
      sku,
      delta: -units,
      reason: units > 0 ? 'sold' : 'given-back',
      ref: `${order.channel}/${order.externalOrderId}/${lineId}/v${version}`.slice(0, 260),
      channel: order.channel,
      external_order_id: order.externalOrderId,
      external_line_id: lineId,
      at: now,
      sold_at: soldAt,
      run_id: run.id,
    })
  }

  const lines = new Map(order.lines.map((line) => [line.externalLineId, line]))
  for (const line of lines.values()) {
    if (line.sku.trim() === '') continue
    const before = reserved.filter(({ external_line_id }) => external_line_id === line.externalLineId)
    const held = before.reduce((sum, { units }) => sum + units, 0)
    const first = before[0]
    const units = unitsOf(order, line, held, reservePending) - held
    move(line.externalLineId, first?.sku ?? line.sku, units, units > 0 ? now : (first?.sold_at ?? now))
  }
  if (order.status === 'poison') return movements
  for (const { external_line_id, sku, units, sold_at } of reserved) {
    if (!lines.has(external_line_id)) move(external_line_id, sku, -units, sold_at)
  }
  return movements
}

/**
 * Deducts a page's movements in the transaction that stores the page, and marks each SKU that is left with little. A SKU that was left with
 * nothing raises an alert.
 */
export async function deduct(tx: Db, run: Run, movements: readonly NewMovement[], lowStockThreshold: number): Promise<void> {
  if (movements.length === 0) return
  const spelled = await stockSpellings(
    tx,
    [...new Set(movements.map(({ sku }) => sku))].map((sku) => ({ sku, key: skuKeyOf(sku) })),
  )
  const rows = movements.map((movement) => ({ ...movement, sku: spelled.get(movement.sku) ?? movement.sku }))
  await addMovements(tx, rows)
  const touched = [...new Set(rows.map(({ sku }) => sku))]
  const low = (await stockOf(tx, run.settings.inventory.carry, touched)).filter(
    ({ available, moved }) => available + moved <= lowStockThreshold,
  )
  const at = run.clock.now()
  await markSkus(
    tx,
    low.map(({ sku, available, moved }): Mark => ({ sku, why: available + moved <= 0 ? 'sold out' : 'low stock', at })),
  )
  const taken = new Map<string, number>()
  for (const { sku, delta } of rows) taken.set(sku, (taken.get(sku) ?? 0) + delta)
  await alertSoldOut(
    tx,
    run,
    low.filter(({ sku, available, moved }) => available + moved <= 0 && available + moved - (taken.get(sku) ?? 0) > 0),
  )
}

async function alertSoldOut(tx: Db, run: Run, gone: readonly StockRow[]): Promise<void> {
  const [first] = gone
  if (first === undefined) return
  const others = gone.length > 1 ? ` and ${gone.length - 1} more` : ''
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'sold-out',
      channel: 'inventory',
      severity: 'warning',
      message: `orders took the last of ${first.sku}${others}: every channel is told that there is none left`,
      next: `isync sku:show ${JSON.stringify(first.sku)}`,
    },
    run.clock.now(),
  )
}
