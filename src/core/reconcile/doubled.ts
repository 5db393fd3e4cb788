import { createHash } from 'node:crypto'
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
/** A popular article sells a thousand times a day; beyond this its orders would have to be opened one and all. */
const MOST_ALIKE = 5_000

interface Sold {
  readonly id: string
  readonly channel: ChannelCode
  readonly externalOrderId: string
  readonly at: number
  readonly goods: string
  /** Undefined until it is needed; '' where it is not known, or was erased. */
  place?: string
}

/**
 * Orders that came over two channels with the same goods, within a day, to the same address. Addresses are sealed, so only orders that are
 * alike in everything else are opened. Walks through the window by age and keeps one day of it. Personal data stays in here.
 */
export async function doubledOrders(run: Run, channels: readonly ChannelCode[], window: OrderWindow): Promise<readonly Found[]> {
  const found: Found[] = []
  const day = new Map<string, Sold[]>()
  let after = { at: window.from, id: '' }
  for (;;) {
    const orders = ordersIn(await soldLines(run.db, after, window.until, ORDERS_AT_ONCE))
    const last = orders.at(-1)
    if (last === undefined) return found
    after = last
    const fresh = orders.filter(({ channel }) => channels.includes(channel))
    for (const order of fresh) {
      const alike = day.get(order.goods)
      if (alike === undefined) day.set(order.goods, [order])
      else alike.push(order)
    }
    found.push(...(await pairsOf(run, fresh, day)))
    forget(day, last.at - DAY_MS)
    if (orders.length < ORDERS_AT_ONCE || run.signal.aborted) return found
  }
}

function ordersIn(rows: readonly SoldRow[]): readonly Sold[] {
  return [...Map.groupBy(rows, ({ id }) => id)].flatMap(([id, lines]) => {
    const [first] = lines
    if (first === undefined) return []
    const { channel, external_order_id: externalOrderId, order_created_at: at } = first
    return [{ id, channel, externalOrderId, at, goods: goodsOf(lines) }]
  })
}

/** Drops what is older: nothing that comes later can be of the same day. */
function forget(day: Map<string, Sold[]>, before: number): void {
  for (const [goods, alike] of day) {
    const young = alike.filter(({ at }) => at >= before)
    if (young.length === 0) day.delete(goods)
    else if (young.length < alike.length) day.set(goods, young)
  }
}

/** The fresh ones that repeat an order of another channel from the day before them. */
async function pairsOf(run: Run, fresh: readonly Sold[], day: ReadonlyMap<string, readonly Sold[]>): Promise<readonly Found[]> {
  const likely = [...new Set(fresh.map(({ goods }) => goods))].flatMap((goods) => {
    const alike = day.get(goods) ?? []
    return alike.length <= MOST_ALIKE && new Set(alike.map(({ channel }) => channel)).size > 1 ? [alike] : []
  })
  await findPlaces(run, likely.flat())
  const repeating = new Set(fresh)
  return likely.flatMap((alike) => {
    const byPlace = Map.groupBy(alike, ({ id, place }) => (place === '' ? id : place))
    return [...byPlace.values()].flatMap((orders) => neighbours(orders, repeating))
  })
}

async function findPlaces(run: Run, orders: readonly Sold[]): Promise<void> {
  const unknown = orders.filter(({ place }) => place === undefined)
  for (let start = 0; start < unknown.length; start += ORDERS_AT_ONCE) {
    const part = unknown.slice(start, start + ORDERS_AT_ONCE)
    const rows = await ordersByIds(
      run.db,
      part.map(({ id }) => id),
    )
    const placeOf = new Map(rows.map((row) => [row.id, placeText(run, row)]))
    for (const order of part) order.place = placeOf.get(order.id) ?? ''
  }
}

function goodsOf(lines: readonly SoldRow[]): string {
  const units = new Map<string, number>()
  for (const { sku, qty } of lines) units.set(skuKeyOf(sku), (units.get(skuKeyOf(sku)) ?? 0) + qty)
  return JSON.stringify([...units].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Digest of name, street and postal code without case, blanks and marks; '' for an order whose address is not known or was erased. */
function placeText(run: Run, row: Parameters<typeof fromRows>[0]): string {
  const { shipTo } = fromRows(row, [], run.vault)
  if (shipTo === null) return ''
  const text = [shipTo.name, shipTo.address1, shipTo.postal, shipTo.country].join('|')
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}|]+/gu, '')
  return createHash('sha256').update(plain).digest('base64url')
}

/** Of these orders, oldest first, those of `repeating` whose predecessor came over another channel. */
function neighbours(orders: readonly Sold[], repeating: ReadonlySet<Sold>): readonly Found[] {
  return orders.flatMap((order, index): Found[] => {
    const before = orders[index - 1]
    if (before === undefined || !repeating.has(order) || before.channel === order.channel) return []
    if (order.at - before.at > DAY_MS) return []
    const { channel, externalOrderId } = order
    const detail = `same goods, address and day as ${before.channel}/${before.externalOrderId}: perhaps one sale over two channels`
    // A likeness, for a person to judge; only one number twice in ShipStation is critical.
    return [{ kind: 'doubled', channel, externalOrderId, detail, next: `isync orders:show ${externalOrderId}` }]
  })
}
