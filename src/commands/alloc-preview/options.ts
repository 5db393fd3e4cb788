import { InvalidArgumentError, Option } from 'commander'
import { type RuleLayer, type RuleName, ruleLayer, unitsOf } from '../../core/inventory/rule-text.ts'
import { type CommonOptions, collect } from '../shell/options.ts'

export interface PreviewOptions extends CommonOptions {
  readonly available?: number
  readonly sku?: readonly string[]
  readonly channel?: readonly string[]
  readonly ratio?: Ratios
  readonly safetyStock?: RuleLayer
  readonly maxOversellPct?: RuleLayer
  readonly maxOversellAbs?: RuleLayer
  readonly minPublishQty?: RuleLayer
  readonly rounding?: RuleLayer
  readonly capScope?: 'channel' | 'total'
  readonly mainChannel?: string
  readonly smallStockThreshold?: number
  readonly changed?: boolean
  readonly csv?: boolean
}

/** `--ratio 0.9 --ratio amazon-us=2.0`: by channel, '' for all. */
export type Ratios = ReadonlyMap<string, RuleLayer>

/** An option for one part of the rule, for all channels. */
export function ruleOption(name: RuleName, flags: string, description: string): Option {
  const flag = flags.split(' ', 1)[0] ?? flags
  return new Option(flags, description).argParser((text) => orInvalid(() => ruleLayer(name, text, flag)))
}

/** Stock as an operator gives it. */
export function parseAvailable(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number of units; it may be negative.')
  return Number(text)
}

/** Whole units, 0 or more. */
export function parseUnits(text: string): number {
  return orInvalid(() => unitsOf(text))
}

/** `0.9` or `amazon-us=2.0`, collected. */
export function parseRatios(text: string, before: Ratios = new Map()): Ratios {
  const [ratio = '', channel = ''] = text.split('=').reverse()
  if (text.includes('=')) parseChannel(text.slice(0, text.lastIndexOf('=')))
  if (before.has(channel)) throw new InvalidArgumentError(`There are two for ${channel === '' ? 'all channels' : channel}.`)
  return new Map(before).set(
    channel,
    orInvalid(() => ruleLayer('ratio', ratio, '--ratio')),
  )
}

/** Channel codes, repeated or as a comma list. */
export function parseChannels(text: string, before?: readonly string[]): readonly string[] {
  return collect(text, before).map(parseChannel)
}

/** One channel code. */
export function parseChannel(text: string): string {
  if (/^[a-z0-9-]{1,24}$/.test(text)) return text
  throw new InvalidArgumentError('A channel code has 1 to 24 lower case letters, digits and dashes.')
}

/** SKUs, one at a time: a comma may be part of one. */
export function parseSkus(text: string, before: readonly string[] = []): readonly string[] {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.')
  return [...before, text]
}

function orInvalid<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof RangeError ? new InvalidArgumentError(`It ${error.message}.`) : error
  }
}
