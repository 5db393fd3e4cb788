import type { Allocation, AllocationRule, ChannelRule, SkuRules } from '../model/allocation.ts'
import { MILLIONTHS, restOfShare, wholeShare } from '../model/decimal.ts'

/** More available stock than this is a mistake of its source. Ten times it, over a thousand channels, is still exact. */
const MOST_UNITS = 1_000_000_000_000

/** An array or a typed one, with a place for each channel. */
interface Quantities {
  [place: number]: number
}

/**
 * What each channel is told of one SKU, in the order of `rules.channels`. Pure and exact.
 *
 * 1. base: what is available, less the channel's safety stock, never below 0
 * 2. raw: base x ratio, rounded as the channel wants it
 * 3. at most the channel's cap in percent of its base (rounded down), then at most its base and the cap in units
 * 4. small stock: with `threshold` units or fewer, all channels but the main one get nothing
 * 5. cap scope `total`: together at most the total cap; asked for more, each gets its part of the total cap, the units that do not divide
 *    go to the largest remainders, of equal ones to the channel that comes first
 * 6. at least the channel's minimum, which beats everything before it, no stock included
 *
 * Channels may have safety stocks of their own, so a SKU has no one base. The small stock rule looks at the largest of the channels'
 * bases, and the total cap is the largest of the caps of the channels that are left: what one channel alone may be told, all may be told
 * together.
 *
 * `available` is a whole number and may be negative. Throws RangeError for anything else.
 */
export function allocate(available: number, rules: SkuRules): readonly Allocation[] {
  const shares: number[] = []
  sharesInto(available, rules, shares)
  const alone = smallStockChannel(available, rules)
  return rules.channels.map((rule, place) => allocationOf(available, rule, shares[place] ?? 0, alone))
}

/**
 * The `final` of {@link allocate} alone, written to the first places of `out`. For a million SKUs in a row: leaves nothing behind that
 * has to be cleared away. A Float64Array holds any result; an Int32Array turns one of 2^31 and more into another number.
 */
export function allocateInto(available: number, rules: SkuRules, out: Quantities): void {
  sharesInto(available, rules, out)
  let place = 0
  for (const { minPublishQty } of rules.channels) {
    out[place] = Math.max(out[place] ?? 0, minPublishQty)
    place += 1
  }
}

/** The channel that the small stock rule gives everything to, where the rule bites. */
export function smallStockChannel(available: number, { smallStock, channels }: SkuRules): string | undefined {
  if (smallStock === undefined) return undefined
  let largestBase = 0
  let there = false
  for (const rule of channels) {
    largestBase = Math.max(largestBase, baseOf(available, rule))
    there ||= rule.channel === smallStock.channel
  }
  return there && largestBase <= smallStock.threshold ? smallStock.channel : undefined
}

/** Under cap scope `total`: what all channels together may be told. */
export function totalCapOf(available: number, { channels }: SkuRules): number {
  let cap = 0
  for (const rule of channels) cap = Math.max(cap, capOf(baseOf(available, rule), rule))
  return cap
}

/** What all channels together would be told without a total cap. */
export function totalAskedOf(available: number, { channels }: SkuRules): number {
  let asked = 0
  for (const rule of channels) asked += askedBy(available, rule)
  return asked
}

function sharesInto(available: number, rules: SkuRules, out: Quantities): void {
  if (!Number.isSafeInteger(available) || Math.abs(available) > MOST_UNITS) {
    throw new RangeError(`available stock must be a whole number up to ${MOST_UNITS}, got ${available}`)
  }
  const alone = smallStockChannel(available, rules)
  let place = 0
  for (const rule of rules.channels) {
    out[place] = alone === undefined || alone === rule.channel ? askedBy(available, rule) : 0
    place += 1
  }
  // One channel alone never asks for more than its own cap.
  if (rules.capScope === 'total' && alone === undefined) scaleDown(available, rules, out)
}

function scaleDown(available: number, rules: SkuRules, out: Quantities): void {
  const cap = totalCapOf(available, rules)
  const asked = totalAskedOf(available, rules)
  if (asked <= cap) return
  let left = cap
  let place = 0
  for (const rule of rules.channels) {
    const share = wholeShare(askedBy(available, rule), cap, asked)
    out[place] = share
    left -= share
    place += 1
  }
  for (; left > 0; left--) {
    const next = largestRest(available, rules, cap, asked, out)
    out[next] = (out[next] ?? 0) + 1
  }
}

/** Who has not yet had one of the units that do not divide and is owed the largest part of one. */
function largestRest(available: number, { channels }: SkuRules, cap: number, asked: number, out: Quantities): number {
  let best = 0
  let bestRest = -1
  let place = 0
  for (const rule of channels) {
    const wanted = askedBy(available, rule)
    const rest = restOfShare(wanted, cap, asked)
    if (rest > bestRest && out[place] === wholeShare(wanted, cap, asked)) {
      best = place
      bestRest = rest
    }
    place += 1
  }
  return best
}

/** What a channel would be told if it were the only one: both of its caps hold. */
function askedBy(available: number, rule: ChannelRule): number {
  const base = baseOf(available, rule)
  return Math.min(rawOf(base, rule), capOf(base, rule))
}

function baseOf(available: number, { safetyStock }: ChannelRule): number {
  return Math.max(0, available - safetyStock)
}

function rawOf(base: number, { ratio, rounding }: ChannelRule): number {
  const whole = wholeShare(base, ratio.millionths, MILLIONTHS)
  if (rounding === 'floor') return whole
  const rest = restOfShare(base, ratio.millionths, MILLIONTHS)
  return rest > 0 && (rounding === 'ceil' || rest * 2 >= MILLIONTHS) ? whole + 1 : whole
}

function capOf(base: number, rule: ChannelRule): number {
  return Math.min(percentCapOf(base, rule), unitCapOf(base, rule))
}

function percentCapOf(base: number, { maxOversellPct }: ChannelRule): number {
  return wholeShare(base, maxOversellPct, 100)
}

function unitCapOf(base: number, { maxOversellAbs }: ChannelRule): number {
  return maxOversellAbs === undefined ? Number.POSITIVE_INFINITY : base + maxOversellAbs
}

function allocationOf(available: number, rule: ChannelRule, share: number, alone: string | undefined): Allocation {
  const base = baseOf(available, rule)
  const raw = rawOf(base, rule)
  const byPercent = percentCapOf(base, rule)
  const byUnits = unitCapOf(base, rule)
  const asked = Math.min(raw, byPercent, byUnits)
  const final = Math.max(share, rule.minPublishQty)
  const bit: readonly (readonly [AllocationRule, boolean])[] = [
    ['no stock', base === 0],
    ['cap percent', raw > byPercent],
    ['cap units', Math.min(raw, byPercent) > byUnits],
    ['small stock', asked > 0 && alone !== undefined && alone !== rule.channel],
    ['total cap', share < asked && alone === undefined],
    ['minimum', final > share],
  ]
  const by = bit.flatMap(([name, bites]) => (bites ? [name] : []))
  return { channel: rule.channel, base, raw, cap: Math.min(byPercent, byUnits), share, final, by }
}
