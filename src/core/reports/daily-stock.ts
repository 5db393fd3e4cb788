import type { Run } from '../context.ts'
import { type Exposure, exposureBetween } from '../db/exposure.ts'
import { type StockRow, stockAfter } from '../db/stock.ts'
import { shadowOf } from '../inventory/recompute.ts'
import { loadRuleBook } from '../inventory/rules.ts'

/** One SKU that may be sold more often than there are pieces of it. Units. */
export interface SkuRisk {
  readonly sku: string
  /** What is left after what orders took: the shadow stock. */
  readonly left: number
  /** What all channels show together, on how many, and the most that one shows. */
  readonly shown: number
  readonly channels: number
  readonly most_on_one: number
  /** Units that are on show and not there. */
  readonly over: number
}

/** How stock stands at the moment of the report. */
export interface StockRisks {
  readonly skus: number
  /** SKUs of which all channels together show more than is left, and of these the ones of which a single channel does. */
  readonly over: number
  readonly over_on_one: number
  /** SKUs with nothing left, and those with up to `low_stock_threshold` units. */
  readonly sold_out: number
  readonly low: number
  readonly low_stock_threshold: number
  /** The most units over first; at most ten. */
  readonly most_over: readonly SkuRisk[]
  /** Sold out or low, and still on show: the most shown first; at most ten. */
  readonly low_on_show: readonly SkuRisk[]
}

const CHUNK = 2_000
const LISTED = 10

/** Reads all stock in stretches of SKUs; keeps the ten worst. Null where stock was never read. */
export async function stockRisks(run: Run): Promise<StockRisks | null> {
  const { inactiveItems, carry, lowStockThreshold } = (await loadRuleBook(run)).effective
  const counts = { skus: 0, over: 0, over_on_one: 0, sold_out: 0, low: 0 }
  let mostOver: readonly SkuRisk[] = []
  let lowOnShow: readonly SkuRisk[] = []
  for (let after = ''; ; ) {
    const rows = await stockAfter(run.db, carry, after, CHUNK)
    const to = rows.at(-1)?.sku
    if (to === undefined) break
    const shown = new Map((await exposureBetween(run.db, after, to)).map((one) => [one.sku, one]))
    const risks = rows.flatMap((row) => riskOf(row, shown.get(row.sku), inactiveItems))
    for (const { left, over, most_on_one: most } of risks) {
      counts.skus += 1
      if (over > 0) counts.over += 1
      if (most > Math.max(0, left)) counts.over_on_one += 1
      if (left <= 0) counts.sold_out += 1
      else if (left <= lowStockThreshold) counts.low += 1
    }
    mostOver = worst([...mostOver, ...risks.filter(({ over }) => over > 0)], ({ over }) => over)
    const low = risks.filter(({ left, shown: units }) => units > 0 && left <= Math.max(0, lowStockThreshold))
    lowOnShow = worst([...lowOnShow, ...low], ({ shown: units }) => units)
    after = to
  }
  if (counts.skus === 0) return null
  return { ...counts, low_stock_threshold: lowStockThreshold, most_over: mostOver, low_on_show: lowOnShow }
}

/** Nothing for a SKU whose number nobody knows. */
function riskOf(row: StockRow, exposure: Exposure | undefined, inactive: 'zero' | 'keep'): SkuRisk[] {
  const left = shadowOf(row, inactive)
  if (left === undefined) return []
  const { shown = 0, channels = 0, most = 0 } = exposure ?? {}
  return [{ sku: row.sku, left, shown, channels, most_on_one: most, over: Math.max(0, shown - Math.max(0, left)) }]
}

function worst(risks: readonly SkuRisk[], by: (risk: SkuRisk) => number): readonly SkuRisk[] {
  return risks.toSorted((a, b) => by(b) - by(a) || (a.sku < b.sku ? -1 : 1)).slice(0, LISTED)
}
