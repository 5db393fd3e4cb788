import type { StockRow } from '../db/stock.ts'
import type { Allocation, SkuRules } from '../model/allocation.ts'

/** Why a channel should show a number: what is kept with each publication. Units are whole pieces. */
export interface Why {
  /** As the source told it, and what orders took since it was read. */
  readonly available: number
  readonly moved: number
  /** Epoch ms: when that number was read. */
  readonly read_at: number
  /** Present where the item is not simply on sale. */
  readonly state?: string
  readonly safety_stock: number
  readonly base: number
  readonly ratio: string
  readonly raw: number
  readonly max_oversell_pct: number
  readonly cap: number
  readonly final: number
  readonly by: Allocation['by']
  /** Where the values come from that are not the built-in ones. */
  readonly from: Readonly<Record<string, string>>
}

export function whyOf(
  row: Pick<StockRow, 'available' | 'moved' | 'read_at' | 'state'>,
  rules: SkuRules,
  allocation: Allocation,
): Why {
  const rule = rules.channels.find(({ channel }) => channel === allocation.channel)
  if (rule === undefined) throw new Error(`no rule for ${allocation.channel}`)
  const from = Object.entries(rule.origin).filter(([, origin]) => origin !== 'default')
  return {
    available: row.available,
    moved: row.moved,
    read_at: row.read_at,
    ...(row.state === 'tracked' ? {} : { state: row.state }),
    safety_stock: rule.safetyStock,
    base: allocation.base,
    ratio: rule.ratio.text,
    raw: allocation.raw,
    max_oversell_pct: rule.maxOversellPct,
    cap: allocation.cap,
    final: allocation.final,
    by: allocation.by,
    from: Object.fromEntries(from),
  }
}
