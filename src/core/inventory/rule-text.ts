import type { Rounding, RulePart, RuleValues } from '../model/allocation.ts'
import { parseRatio } from '../model/decimal.ts'

// The schema of the configuration knows all of this too, and takes longer to load than a what-if takes to answer.

/** Values of one level of the rule, each with where it comes from in words. */
export interface RuleLayer {
  readonly values: Partial<RuleValues>
  readonly origin: Partial<Record<RulePart, string>>
}

/** Parts of the rule as files and settings spell them. */
export const ruleNames = {
  ratio: 'ratio',
  safety_stock: 'safetyStock',
  max_oversell_pct: 'maxOversellPct',
  max_oversell_abs: 'maxOversellAbs',
  min_publish_qty: 'minPublishQty',
  rounding: 'rounding',
} as const satisfies Readonly<Record<string, RulePart>>

export type RuleName = keyof typeof ruleNames

/** What holds where nobody sets anything. */
export const usualRule: RuleValues = {
  ratio: parseRatio('1'),
  safetyStock: 1,
  maxOversellPct: 150,
  maxOversellAbs: undefined,
  minPublishQty: 0,
  rounding: 'floor',
}

/** One value as a layer of its own. Throws RangeError, which says what is allowed: `must be a whole number 0..1000`. */
export function ruleLayer(name: RuleName, text: string, origin: string): RuleLayer {
  return { values: ruleValue(name, text), origin: { [ruleNames[name]]: origin } }
}

/** One layer over another: what `above` sets wins. */
export function laidOver(below: RuleLayer, above: RuleLayer): RuleLayer {
  return { values: { ...below.values, ...above.values }, origin: { ...below.origin, ...above.origin } }
}

/** `0` to `1000000`, as a number. Throws RangeError. */
export function unitsOf(text: string, most = 1_000_000): number {
  if (/^\d{1,15}$/.test(text) && Number(text) <= most) return Number(text)
  throw new RangeError(`must be a whole number 0..${most}`)
}

/** One of a few words. Throws RangeError, which lists them. */
export function wordOf<T extends string>(text: string, words: readonly T[]): T {
  const known = words.find((word) => word === text)
  if (known !== undefined) return known
  throw new RangeError(`must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

const roundings: readonly Rounding[] = ['floor', 'round', 'ceil']

function ruleValue(name: RuleName, text: string): Partial<RuleValues> {
  switch (name) {
    case 'ratio':
      return { ratio: ratioOf(text) }
    case 'safety_stock':
      return { safetyStock: unitsOf(text) }
    case 'max_oversell_pct':
      return { maxOversellPct: unitsOf(text, 1000) }
    case 'max_oversell_abs':
      return { maxOversellAbs: unitsOf(text) }
    case 'min_publish_qty':
      return { minPublishQty: unitsOf(text) }
    case 'rounding':
      return { rounding: wordOf(text, roundings) }
  }
}

function ratioOf(text: string): RuleValues['ratio'] {
  try {
    return parseRatio(text)
  } catch {
    throw new RangeError('must be a decimal 0..10 with at most six digits after the point')
  }
}
