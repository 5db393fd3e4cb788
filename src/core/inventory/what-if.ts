import { OperatorError } from '../errors.ts'
import type { ChannelRule, RulePart, SkuRules } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { RuleFile } from './rule-file.ts'
import { laidOver, type RuleLayer, usualRule } from './rule-text.ts'

/** What an operator wants to try. */
export interface Wishes {
  /** Channels that were named, in the order of their naming; empty: all of the configuration. */
  readonly channels: readonly ChannelCode[]
  /** For every channel. */
  readonly all: RuleLayer
  /** For single channels: wins over `all`. */
  readonly own: ReadonlyMap<ChannelCode, RuleLayer>
  readonly capScope: SkuRules['capScope'] | undefined
  readonly mainChannel: ChannelCode | undefined
  readonly smallStockThreshold: number | undefined
}

const parts: readonly RulePart[] = ['ratio', 'safetyStock', 'maxOversellPct', 'maxOversellAbs', 'minPublishQty', 'rounding']

/**
 * The rules that would hold: defaults, over them the file's, over them the wishes. The channels are those of the file (enabled ones and
 * those that were named), without a file those that were named. Throws OperatorError (exit 2) for channels that there are not.
 */
export function whatIfRules(wishes: Wishes, file: RuleFile | undefined): SkuRules {
  const codes = channelsOf(wishes, file)
  const channels = codes.map((code) => {
    const layers = [file?.all, file?.channels.get(code), wishes.all, wishes.own.get(code)]
    return ruleOf(
      code,
      layers.reduce<RuleLayer>((below, above) => (above === undefined ? below : laidOver(below, above)), usual),
    )
  })
  return { channels, capScope: wishes.capScope ?? file?.capScope ?? 'channel', ...smallStockOf(wishes, file) }
}

function smallStockOf(wishes: Wishes, file: RuleFile | undefined): Pick<SkuRules, 'smallStock'> {
  const channel = wishes.mainChannel ?? file?.mainChannel
  const threshold = wishes.smallStockThreshold ?? file?.smallStockThreshold ?? 0
  if (wishes.smallStockThreshold !== undefined && channel === undefined)
    throw half('--small-stock-threshold', '--main-channel CODE')
  if (wishes.mainChannel !== undefined && threshold === 0) throw half('--main-channel', '--small-stock-threshold UNITS')
  return channel === undefined || threshold === 0 ? {} : { smallStock: { channel, threshold } }
}

function channelsOf(wishes: Wishes, file: RuleFile | undefined): readonly ChannelCode[] {
  const { mainChannel } = wishes
  const named = [...wishes.channels, ...(mainChannel === undefined ? [] : [mainChannel])]
  if (file === undefined) {
    if (named.length === 0) throw noChannels()
    return [...new Set(named)]
  }
  const unknown = named.find((code) => !file.channels.has(code))
  if (unknown !== undefined) throw unknownChannel(unknown, file.file, [...file.channels.keys()])
  return [...file.channels].filter(([code, { enabled }]) => enabled || named.includes(code)).map(([code]) => code)
}

const usual: RuleLayer = { values: usualRule, origin: Object.fromEntries(parts.map((part) => [part, 'default'])) }

function ruleOf(channel: ChannelCode, { values, origin }: RuleLayer): ChannelRule {
  const originOf = (part: RulePart) => origin[part] ?? 'default'
  return {
    ...usualRule,
    ...values,
    channel,
    origin: {
      ratio: originOf('ratio'),
      safetyStock: originOf('safetyStock'),
      maxOversellPct: originOf('maxOversellPct'),
      maxOversellAbs: originOf('maxOversellAbs'),
      minPublishQty: originOf('minPublishQty'),
      rounding: originOf('rounding'),
    },
  }
}

function noChannels(): OperatorError {
  return new OperatorError({
    what: 'no channel to compute for',
    where: 'isync alloc:preview',
    why: 'there is no configuration here, and neither --channel nor --ratio names a channel',
    next: 'isync alloc:preview --available 10 --ratio amazon-us=2.0, or name a configuration with --config PATH',
  })
}

/** A channel that the configuration in `file` does not have. */
export function unknownChannel(code: ChannelCode, file: string, known: readonly ChannelCode[]): OperatorError {
  return new OperatorError({
    what: `unknown channel '${code}'`,
    where: file,
    why: `the configuration has ${known.join(', ')}`,
    next: 'isync config:check shows every channel',
  })
}

/** Half of the small stock rule: it needs a channel and a threshold. */
function half(given: string, missing: string): OperatorError {
  return new OperatorError({
    what: `${given} alone changes nothing`,
    where: 'isync alloc:preview',
    why: 'the small stock rule needs a channel and a threshold, and the other half is neither given nor configured',
    next: `add ${missing}`,
  })
}
