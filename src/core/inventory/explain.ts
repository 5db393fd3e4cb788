import type { Allocation, AllocationRule, ChannelRule, Rounding, SkuRules } from '../model/allocation.ts'
import { MILLIONTHS, restOfShare, wholeShare } from '../model/decimal.ts'
import { totalAskedOf, totalCapOf } from './allocate.ts'

/** How a SKU's available stock came about. Whole units. */
export interface StockStory {
  /** What the source told; may be negative. */
  readonly told: number
  /** Whose word that is: `Zoho available_stock`, `--available`. */
  readonly source: string
  /** What orders took of it since, less what they gave back; negative when they gave back more. */
  readonly deducted: number
  /** How many orders that were. */
  readonly orders: number
}

/** What a story leaves to be allocated. */
export function availableOf({ told, deducted }: StockStory): number {
  return told - deducted
}

/**
 * Why one channel is told what it is told: one line per step, in the order of the steps, each with its value and where the value comes
 * from. `allocation` is what `allocate` made of the same stock and rules for the channel of `rule`.
 */
export function explain(stock: StockStory, rules: SkuRules, rule: ChannelRule, allocation: Allocation): readonly string[] {
  const { base, by } = allocation
  const lines = [stockLine(stock), `safety stock ${rule.safetyStock}${from(rule.origin.safetyStock)} leaves ${base || 'nothing'}`]
  if (base > 0) lines.push(ratioLine(base, allocation.raw, rule))
  for (const bit of by) lines.push(...bitLines(bit, availableOf(stock), rules, rule, allocation))
  return lines
}

function bitLines(
  bit: AllocationRule,
  available: number,
  rules: SkuRules,
  rule: ChannelRule,
  { base, share, final }: Allocation,
): readonly string[] {
  switch (bit) {
    // The line of the safety stock has said it.
    case 'no stock':
      return []
    case 'cap percent':
      return [
        `capped at ${rule.maxOversellPct} % = ${wholeShare(base, rule.maxOversellPct, 100)}${from(rule.origin.maxOversellPct)}`,
      ]
    case 'cap units': {
      const units = rule.maxOversellAbs ?? 0
      return [`capped at ${base} and ${units} more = ${base + units}${from(rule.origin.maxOversellAbs)}`]
    }
    case 'small stock':
      return [
        `${rules.smallStock?.threshold} or fewer (inventory.small_stock_threshold) go to ${rules.smallStock?.channel} alone (inventory.main_channel): 0 here`,
      ]
    case 'total cap':
      return [
        `all channels together are capped at ${totalCapOf(available, rules)} (inventory.cap_scope total) and would have ${totalAskedOf(available, rules)}: scaled down to ${share} here`,
      ]
    case 'minimum':
      return [`minimum ${final}${from(rule.origin.minPublishQty)} instead of ${share}`]
  }
}

function stockLine(stock: StockStory): string {
  const told = `available ${stock.told} (${stock.source})`
  if (stock.deducted === 0) return told
  const moved = stock.deducted > 0 ? `${stock.deducted} deducted` : `${-stock.deducted} given back`
  return `${told}, ${moved} since for ${stock.orders} ${stock.orders === 1 ? 'order' : 'orders'}: ${availableOf(stock)}`
}

function ratioLine(base: number, raw: number, { ratio, rounding, origin }: ChannelRule): string {
  const whole = wholeShare(base, ratio.millionths, MILLIONTHS)
  const rest = restOfShare(base, ratio.millionths, MILLIONTHS)
  const gives = `ratio ${ratio.text}${from(origin.ratio)} gives`
  if (rest === 0) return `${gives} ${whole}`
  const exact = `${whole}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`
  return `${gives} ${exact}, ${roundedWords[rounding]} to ${raw}${from(origin.rounding)}`
}

const roundedWords: Readonly<Record<Rounding, string>> = { floor: 'rounded down', round: 'rounded', ceil: 'rounded up' }

/** `channels.amazon-us.ratio (file)` -> ` (channels.amazon-us.ratio, file)`. */
function from(origin: string): string {
  return ` (${origin.replace(/ \(([^()]*)\)$/, ', $1')})`
}
