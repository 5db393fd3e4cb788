import type { MarketplaceConnector } from '../core/ports/marketplace.ts'
import type { Gate } from './http/gate.ts'

/** Settings of the whole program that a connector may need. */
export interface SharedSettings {
  /** More due quantities than this go as one feed, where the vendor has feeds. */
  readonly feedAbove?: number
}

/** A number of calls a day. */
export interface DailyQuota {
  /** What is counted, as the vendor calls it. */
  readonly what: string
  readonly calls: number
  /** The same for all channels whose calls the vendor counts together. */
  readonly countedBy: string
  /** Whether a call of this name is one of those. */
  counts(operation: string): boolean
}

/** What the program needs to work on one configured channel. */
export interface ChannelVendor {
  /**
   * When an order is acknowledged. `before-push`: it waits for our yes and only then may ship (Mirakl). `after-push`: the channel is told
   * that the order is taken once ShipStation has it (Rithum).
   */
  readonly acknowledges: 'before-push' | 'after-push' | 'never'
  /** Where the channel's servers are when no `endpoint` replaces them, in words or as a URL. */
  readonly place: string
  /** By these two processes see that they use the same account's credentials. */
  readonly credentials: readonly string[]
  /** Calls that the vendor allows in a day, where there is such a number. Reports set what was spent against it. */
  readonly dailyQuota?: DailyQuota
  /** Loads the connector's code, which a start that does not need it must not pay for, and gives its maker. */
  load(): Promise<(gate: Gate, channel: string, shared: SharedSettings) => MarketplaceConnector>
}
