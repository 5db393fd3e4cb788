import { allocate, allocateInto } from '../../src/core/inventory/allocate.ts'
import { parseRatio } from '../../src/core/model/decimal.ts'

const ratios = ['1.0', '0.98', '2.0', '0.5']
const millionthsOfRatios = [1_000_000, 980_000, 2_000_000, 500_000]
const out = new Float64Array(ratios.length)

/** Four channels with the built-in rule but for their ratios. */
export const fourChannels = { channels: ratios.map((ratio, place) => ruleOf(`channel-${place}`, ratio)), capScope: 'channel' }

/** What so many SKUs are told in all. The answer is used, so that no work can be left out. */
export function intoColumns(skus, rules = fourChannels) {
  let sum = 0
  for (let sku = 0; sku < skus; sku++) {
    allocateInto(stockOf(sku), rules, out)
    sum += out[0] + out[1] + out[2] + out[3]
  }
  return sum
}

/** The same with everything that an explanation needs. */
export function inObjects(skus, rules = fourChannels) {
  let sum = 0
  for (let sku = 0; sku < skus; sku++) for (const { final } of allocate(stockOf(sku), rules)) sum += final
  return sum
}

/** The formula written down for these four ratios alone. */
export function bare(skus) {
  let sum = 0
  for (let sku = 0; sku < skus; sku++) {
    const base = Math.max(0, stockOf(sku) - 1)
    const cap = Math.floor((base * 150) / 100)
    for (const millionths of millionthsOfRatios) sum += Math.min(Math.floor((base * millionths) / 1_000_000), cap)
  }
  return sum
}

function stockOf(sku) {
  return (sku * 79) % 5000
}

function ruleOf(channel, ratio) {
  return {
    channel,
    ratio: parseRatio(ratio),
    safetyStock: 1,
    maxOversellPct: 150,
    maxOversellAbs: undefined,
    minPublishQty: 0,
    rounding: 'floor',
    origin: {},
  }
}
