import type { AllocationRule, SkuRules } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { allocate } from './allocate.ts'
import { availableOf, explain, type StockStory } from './explain.ts'

/** One SKU on one channel as `alloc:preview --json` tells it. Whole units. */
export interface PreviewRow {
  /** Null in a what-if that names none. */
  readonly sku: string | null
  readonly channel: ChannelCode
  readonly available: number
  readonly safety_stock: number
  readonly base: number
  /** A decimal as the operator wrote it. */
  readonly ratio: string
  readonly raw: number
  readonly cap: number
  readonly final: number
  /** What the channel last accepted; null where it was told nothing yet, or that is not known. */
  readonly published: number | null
  /** final - published. */
  readonly difference: number | null
  /** The rules that bit, in the order in which they apply. */
  readonly by: readonly AllocationRule[]
  readonly why: readonly string[]
}

/** A row per channel of the rules, in their order. `published` answers what a channel last accepted. */
export function previewRows(
  sku: string | null,
  stock: StockStory,
  rules: SkuRules,
  published: (channel: ChannelCode) => number | undefined = () => undefined,
): readonly PreviewRow[] {
  const available = availableOf(stock)
  const allocations = allocate(available, rules)
  return rules.channels.flatMap((rule, place) => {
    const allocation = allocations[place]
    if (allocation === undefined) return []
    const { base, raw, cap, final, by } = allocation
    const told = published(rule.channel) ?? null
    return {
      sku,
      channel: rule.channel,
      available,
      safety_stock: rule.safetyStock,
      base,
      ratio: rule.ratio.text,
      raw,
      cap,
      final,
      published: told,
      difference: told === null ? null : final - told,
      by,
      why: explain(stock, rules, rule, allocation),
    }
  })
}

/** Whether a publication would tell the channel anything. What was never told is always new. */
export function isChanged({ difference }: PreviewRow): boolean {
  return difference !== 0
}
