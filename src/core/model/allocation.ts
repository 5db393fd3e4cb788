import type { ChannelCode } from './channel.ts'

export type Rounding = 'floor' | 'round' | 'ceil'

/** A decimal ratio as a whole number of millionths, so that no binary fraction touches stock: '0.98' is 980 000. */
export interface Ratio {
  readonly millionths: number
  /** As the operator wrote it. */
  readonly text: string
}

/** The values an operator may set at any level of the rule: for all, a channel, a category, a brand, a SKU. */
export interface RuleValues {
  readonly ratio: Ratio
  /** Units that are never published. */
  readonly safetyStock: number
  /** Cap in percent of the stock after safety stock. */
  readonly maxOversellPct: number
  /** Cap in units beyond the stock after safety stock; undefined: none. */
  readonly maxOversellAbs: number | undefined
  readonly minPublishQty: number
  readonly rounding: Rounding
}

export type RulePart = keyof RuleValues

/** The rule that holds for one SKU on one channel. */
export interface ChannelRule extends RuleValues {
  readonly channel: ChannelCode
  /** Where each value comes from, for the explanation: `channels.amazon-us.ratio (file)`, `skus.MUG-1.safety_stock (set by ann)`, `default`. */
  readonly origin: Readonly<Record<RulePart, string>>
}

/** The rules that hold for one SKU, over all channels it may be published on (SPEC 5.1). */
export interface SkuRules {
  readonly channels: readonly ChannelRule[]
  readonly capScope: 'channel' | 'total'
  /**
   * Set: stock after safety stock of `threshold` units or fewer goes to this channel only. Means nothing where the channel is not
   * among `channels`.
   */
  readonly smallStock?: { readonly channel: ChannelCode; readonly threshold: number }
}

/** What one channel is given of a SKU. Whole units, none below 0. */
export interface Allocation {
  readonly channel: ChannelCode
  /** Stock after safety stock. */
  readonly base: number
  /** base x ratio, rounded. */
  readonly raw: number
  /** What the channel's cap (percent, and units where set) allows. */
  readonly cap: number
  /** What the channel gets before its minimum: after both caps, the small stock rule and the cap over all channels. */
  readonly share: number
  /** What is published: the share, or the minimum where that is more. */
  readonly final: number
  /** What bit: in the order in which the rules apply. */
  readonly by: readonly AllocationRule[]
}

/** In the order in which they apply. */
export type AllocationRule = 'no stock' | 'cap percent' | 'cap units' | 'small stock' | 'total cap' | 'minimum'

/** What is paused on a channel: reading and pushing its orders, publishing its stock, or everything. */
export type Paused = 'orders' | 'inventory' | 'all'
