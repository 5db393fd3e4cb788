import type { Run } from '../context.ts'
import { type SoldRow, soldLines } from '../db/comparisons.ts'
import { ordersByIds } from '../db/orders.ts'
import type { ChannelCode } from '../model/channel.ts'
import { skuKeyOf } from '../model/stock.ts'
import { fromRows } from '../orders/rows.ts'
import type { OrderWindow } from '../ports/marketplace.ts'
import type { Found } from './finding.ts'

const ORDERS_AT_ONCE = 500
const DAY_MS = 86_400_000
/** A popular article sells a thousand times a day; beyond that only the address could tell, and opening so many would take minutes. */
const MOST_ALIKE = 5_000

interface Alike {
  readonly id: string
  readonly channel: ChannelCode
  readonly externalOrderId: string
  readonly at: number
}

/**
 * Orders that came over two channels with the same goods, within a day, to the same address. Addresses are sealed, so only orders that are
 * alike in everything else are opened. Personal data stays in here.
 */
export async function doubledOrders(run: Run, channels: readonly ChannelCode[], window: OrderWindow): Promise<readonly Found[]> {
  const byGoods = await ordersByGoods(run, channels, window)
  const found: Found[] = []
  for (const alike of byGoods.values()) {
    if (new Set(alike.map(({ channel }) => channel)).size < 2 || alike.length > MOST_ALIKE) continue
    found.push(...(await pairsAmong(run, alike)))
  }
  return found
}

async function ordersByGoods(
  run: Run,
  channels: readonly ChannelCode[],
  window: OrderWindow,
): Promise<ReadonlyMap<string, readonly Alike[]>> {
  const byGoods = new Map<string, Alike[]>()
  let after = ''
  for (;;) {
    const rows = await soldLines(run.db, window, after, ORDERS_AT_ONCE)
    const orders = Map.groupBy(rows, ({ id }) => id)
    for (const [id, lines] of orders) {
      const [first] = lines
      after = id
      if (first === undefined || !channels.includes(first.channel)) continue
      const order = { id, channel: first.channel, externalOrderId: first.external_order_id, at: first.order_created_at }
      const goods = goodsOf(lines)
      const alike = byGoods.get(goods)
      if (alike === undefined) byGoods.set(goods, [order])
      else alike.push(order)
    }
    if (orders.size < ORDERS_AT_ONCE || run.signal.aborted) return byGoods
  }
}

function goodsOf(lines: readonly SoldRow[]): string {
  const units = new Map<string, number>()
  for (const { sku, qty } of lines) units.set(skuKeyOf(sku), (units.get(skuKeyOf(sku)) ?? 0) + qty)
  return JSON.stringify([...units].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function pairsAmong(run: Run, alike: readonly Alike[]): Promise<readonly Found[]> {
  const rows = await ordersByIds(
    run.db,
    alike.map(({ id }) => id),
  )
  const placeOf = new Map(rows.flatMap((row) => placeText(run, row)))
  const byPlace = Map.groupBy(alike, ({ id }) => placeOf.get(id) ?? id)
  return [...byPlace.values()].flatMap((orders) => neighbours([...orders].sort((a, b) => a.at - b.at)))
}

/** Name, street and postal code without case, blanks and marks; nothing for an order whose address is not known or was erased. */
function placeText(run: Run, row: Parameters<typeof fromRows>[0]): readonly (readonly [string, string])[] {
  const { shipTo } = fromRows(row, [], run.vault)
  if (shipTo === null) return []
  const text = [shipTo.name, shipTo.address1, shipTo.postal, shipTo.country].join('|')
  return [
    [
      row.id,
      text
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}|]+/gu, ''),
    ],
  ]
}

function neighbours(orders: readonly Alike[]): readonly Found[] {
  return orders.slice(1).flatMap((order, index): Found[] => {
    const before = orders[index]
    if (before === undefined || before.channel === order.channel || order.at - before.at > DAY_MS) return []
    const { channel, externalOrderId } = order
    const detail = `same goods, address and day as ${before.channel}/${before.externalOrderId}: perhaps one sale over two channels`
    return [
      // A likeness, for a person to judge; only one number twice in ShipStation is critical.
      { kind: 'doubled', channel, externalOrderId, detail, next: `isync orders:show ${externalOrderId}` },
    ]
  })
}
