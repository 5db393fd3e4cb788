import type { ChannelRule, RuleValues, SkuRules } from '../../../src/core/model/allocation.ts'
import { parseRatio } from '../../../src/core/model/decimal.ts'

const origin = {
  ratio: 'default',
  safetyStock: 'default',
  maxOversellPct: 'default',
  maxOversellAbs: 'default',
  minPublishQty: 'default',
  rounding: 'default',
}

/** The rule that holds where nobody sets anything, with changes. `ratio` as text. */
export function aRule(
  channel: string,
  change: Partial<Omit<RuleValues, 'ratio'>> & { readonly ratio?: string; readonly origin?: Partial<ChannelRule['origin']> } = {},
): ChannelRule {
  const { ratio = '1', ...rest } = change
  return {
    channel,
    safetyStock: 1,
    maxOversellPct: 150,
    maxOversellAbs: undefined,
    minPublishQty: 0,
    rounding: 'floor',
    ...rest,
    ratio: parseRatio(ratio),
    origin: { ...origin, ...change.origin },
  }
}

export function rulesOf(channels: readonly ChannelRule[], rest: Partial<SkuRules> = {}): SkuRules {
  return { channels, capScope: 'channel', ...rest }
}
