import type { Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { anySoldElsewhere, goodsOf, type SaleRow, type SameSale, sameSales } from '../db/twins.ts'
import { skuKeyOf } from '../model/stock.ts'

/** What an order holds, to tell two orders of one number from one order that came twice. */
export interface Sale extends SaleRow {
  readonly goods: readonly { readonly sku: string }[]
}

/**
 * Of these orders those that another channel has brought already: the same number at the place where they were sold, and an article in common
 * (a purchase order number alone may stand on two orders). Units are not compared: a part may be cancelled between the two sights of an
 * order. By order id.
 */
export async function twinsAmong(db: Db, sales: readonly Sale[]): Promise<ReadonlyMap<string, SameSale>> {
  if (sales.length === 0) return new Map()
  if (sales.every(({ sold_on_order: order }) => order === null) && !(await anySoldElsewhere(db))) return new Map()
  const found = await sameSales(
    db,
    sales.map(({ id, channel, external_order_id, sold_on_order }) => ({ id, channel, external_order_id, sold_on_order })),
  )
  if (found.length === 0) return new Map()
  const others = [...new Set(found.map(({ other_id: id }) => id))]
  const goods = await goodsOf(db, others)
  const skusOf = new Map(others.map((id) => [id, skuKeys(goods.filter(({ order_id }) => order_id === id))]))
  const own = new Map(sales.map((sale) => [sale.id, skuKeys(sale.goods)]))
  const twins = found.filter(({ id, other_id }) => haveOneInCommon(own.get(id) ?? none, skusOf.get(other_id) ?? none))
  return new Map(twins.map((twin) => [twin.id, twin]))
}

const none: ReadonlySet<string> = new Set()

function haveOneInCommon(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((key) => other.has(key))
}

function skuKeys(goods: readonly { readonly sku: string }[]): ReadonlySet<string> {
  return new Set(goods.map(({ sku }) => skuKeyOf(sku)))
}

/** `<channel>/<order id>`, as an order's column `twin_of` names the order that it repeats. */
export function twinName({ other_channel, other_order }: SameSale): string {
  return `${other_channel}/${other_order}`
}

/** One alert per channel, whatever the number of orders. */
export async function alertTwin(tx: Db, run: Run, sale: SaleRow, twin: SameSale): Promise<void> {
  const { channel, external_order_id: id } = sale
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'double-path',
      channel,
      severity: 'critical',
      message: `${id} is order ${twin.other_order} of ${twin.other_channel} once more: the first is shipped, this one is not. Two channels bring the same marketplace`,
      next: `isync orders:show ${id}; if it is an order of its own: isync orders:release ${id} --channel ${channel}`,
    },
    run.clock.now(),
  )
}
