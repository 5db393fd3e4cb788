import type { Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { addMovements, type MovementRow, type ReservedRow, stockSpellings } from '../db/movements.ts'
import { lockStock, type Mark, markSkus, type Shadow, shadowsOf } from '../db/stock.ts'
import type { NormalizedOrder, OrderLine } from '../model/order.ts'
import { skuKeyOf } from '../model/stock.ts'

/** A movement that still bears the order's own spelling of the SKU. */
export type NewMovement = MovementRow

/** What was known of an order before this version of it. */
export interface OrderBefore {
  readonly reserved: readonly ReservedRow[]
  /** It had left as a whole. */
  readonly shipped: boolean
  /** Units of each line that had left the house, by whatever told so. */
  readonly left: ReadonlyMap<string, number>
}

/** Nothing: the order is seen for the first time. */
export const unseen: OrderBefore = { reserved: [], shipped: false, left: new Map() }

/** The units that a line of this order holds from now on. `held`: what it holds already. */
function unitsOf(order: NormalizedOrder, line: OrderLine, held: number, reservePending: boolean): number {
  if (order.fulfilledBy !== 'seller') return 0
  switch (order.status) {
    case 'poison':
      return held
    case 'cancelled':
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
 * they need now. `version` makes each change's reference unique, so that however often an order is read a line is deducted once. What has
 * left the house does not come back by itself.
 */
export function movementsFor(run: Run, order: NormalizedOrder, before: OrderBefore, version: number): readonly NewMovement[] {
  const now = run.clock.now()
  const { reservePending } = run.settings.inventory
  const movements: NewMovement[] = []

  function move(lineId: string, sku: string, delta: number, soldAt: number): void {
    const nth = movements.filter(({ external_line_id }) => external_line_id === lineId).length
    const ref = `${order.channel}/${order.externalOrderId}/${lineId}/v${version}${nth === 0 ? '' : `/${nth}`}`
    movements.push({
      id: run.ids.next(),
      sku,
      delta,
      reason: delta < 0 ? 'sold' : 'given-back',
      ref: ref.slice(0, 260),
      channel: order.channel,
      external_order_id: order.externalOrderId,
      external_line_id: lineId,
      at: now,
      sold_at: soldAt,
      run_id: run.id,
    })
  }

  /** The youngest sale goes first: what a reading of the stock knew of, it goes on knowing. */
  function giveBack(lineId: string, from: readonly ReservedRow[], units: number): void {
    let rest = units
    for (const { sku, units: held, sold_at } of from.toSorted((one, other) => other.sold_at - one.sold_at)) {
      const some = Math.min(rest, held)
      if (some <= 0) continue
      move(lineId, sku, some, sold_at)
      rest -= some
    }
  }

  function follow(lineId: string, line: OrderLine | undefined): void {
    const all = before.reserved.filter(({ external_line_id }) => external_line_id === lineId)
    const held = unitsIn(all)
    const gone = before.shipped ? held : Math.min(held, before.left.get(lineId) ?? 0)
    if (line === undefined) giveBack(lineId, all, held - gone)
    // A line that has lost its name for a while keeps what it holds.
    if (line === undefined || line.sku.trim() === '') return
    const same = all.filter(({ sku }) => skuKeyOf(sku) === skuKeyOf(line.sku))
    // The line is of another SKU by now: the old one gets back what it may, the new one pays.
    const other = all.filter((row) => !same.includes(row))
    const stays = Math.min(unitsIn(other), gone)
    giveBack(lineId, other, unitsIn(other) - stays)
    const more = Math.max(unitsOf(order, line, held, reservePending), gone) - stays - unitsIn(same)
    if (more > 0) move(lineId, line.sku, -more, now)
    else giveBack(lineId, same, -more)
  }

  const lines = new Map(order.lines.map((line) => [line.externalLineId, line]))
  for (const [id, line] of lines) follow(id, line)
  if (order.status === 'poison') return movements
  for (const id of new Set(before.reserved.map(({ external_line_id }) => external_line_id))) {
    if (!lines.has(id)) follow(id, undefined)
  }
  return movements
}

function unitsIn(rows: readonly ReservedRow[]): number {
  return rows.reduce((sum, { units }) => sum + units, 0)
}

/**
 * Deducts a page's movements in the transaction that stores the page. Marks each SKU that is left with little, and each that had little and
 * got some back. A SKU that was left with nothing raises an alert.
 */
export async function deduct(tx: Db, run: Run, movements: readonly NewMovement[], lowStockThreshold: number): Promise<void> {
  if (movements.length === 0) return
  const spelled = await stockSpellings(
    tx,
    [...new Set(movements.map(({ sku }) => sku))].map((sku) => ({ sku, key: skuKeyOf(sku) })),
  )
  // What is given back goes where it was taken from, even if another spelling of it has become known since.
  const rows = movements.map((one) => ({ ...one, sku: one.reason === 'sold' ? (spelled.get(one.sku) ?? one.sku) : one.sku }))
  const taken = new Map<string, number>()
  for (const { sku, delta } of rows) taken.set(sku, (taken.get(sku) ?? 0) + delta)
  const touched = [...taken.keys()]
  // Two channels may sell the same SKU in the same moment: the later one must see what the earlier one left.
  await lockStock(tx, touched)
  await addMovements(tx, rows)
  const low: Shadow[] = []
  const marks: Mark[] = []
  const at = run.clock.now()
  for (const row of await shadowsOf(tx, run.settings.inventory.carry, touched)) {
    const { sku } = row
    const left = row.available + row.moved
    if (left <= lowStockThreshold) {
      low.push(row)
      marks.push({ sku, why: left <= 0 ? 'sold out' : 'low stock', at })
    } else if (left - (taken.get(sku) ?? 0) <= lowStockThreshold) marks.push({ sku, why: 'back in stock', at })
  }
  await markSkus(tx, marks)
  await alertSoldOut(
    tx,
    run,
    low.filter(({ sku, available, moved }) => available + moved <= 0 && available + moved - (taken.get(sku) ?? 0) > 0),
  )
}

async function alertSoldOut(tx: Db, run: Run, gone: readonly Shadow[]): Promise<void> {
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
