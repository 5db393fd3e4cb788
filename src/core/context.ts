import type { WatchRules } from './alerts/silence.ts'
import type { Severity } from './db/alerts.ts'
import type { Db } from './db/db.ts'
import type { ExitCode } from './errors.ts'
import type { RuleValues } from './model/allocation.ts'
import type { ChannelCode } from './model/channel.ts'
import type { CarrierFamily } from './model/shipment.ts'
import type { Medium } from './ports/notifier.ts'
import type { Clock, Ids, Log } from './ports/system.ts'
import type { Vault } from './privacy/vault.ts'
import type { MissingLimits } from './reconcile/thresholds.ts'
import type { RetryPlan } from './tasks/policy.ts'

/** What to do at ShipStation with an order that the channel cancelled after we pushed it. */
export type OnCancel = 'hold' | 'cancel' | 'none'

/** The settings that the use cases need, already resolved. Durations in milliseconds. */
export interface CoreSettings {
  readonly retry: {
    readonly push: RetryPlan
    readonly confirm: RetryPlan
    readonly acknowledge: RetryPlan
    readonly publish: RetryPlan
    readonly notify: RetryPlan
  }
  readonly leaseMs: number
  readonly retention: RetentionSettings
  readonly onCancel: OnCancel
  /** What carrier codes of the operator's own ShipStation account stand for. */
  readonly carriers: Readonly<Record<string, CarrierFamily>>
  readonly channels: ReadonlyMap<ChannelCode, ChannelSettings>
  readonly inventory: InventorySettings
  readonly reconcile: ReconcileSettings
  readonly alerts: AlertSettings
  /** How long commands may be without success. */
  readonly watch: WatchRules
}

/** Who is told of what, and from when on. Durations in milliseconds. */
export interface AlertSettings {
  /** By severity, by what people are told; only what is configured. */
  readonly routes: Readonly<Record<Severity, readonly Medium[]>>
  /** Whom each configured medium reaches, where everybody gets a message of their own. */
  readonly recipients: Readonly<Partial<Record<Medium, readonly string[]>>>
  readonly renotifyMs: number
  readonly resolveAfterMs: number
  /** Failed runs of one account in a row before people are told. */
  readonly downAfter: number
  readonly rates: Readonly<Record<FailureRate, RateLimits>>
}

/** Work whose failures are counted by the hour. */
export type FailureRate = 'orders' | 'confirmations' | 'publications'

/** More failures in an hour than these. */
export interface RateLimits {
  readonly warning: number
  readonly critical: number
}

/** When something counts as missing, late or stuck. Durations in milliseconds. */
export interface ReconcileSettings {
  /** How far back open orders are looked at. */
  readonly windowMs: number
  /** Missing orders are pulled and pushed at once. */
  readonly autoRemedy: boolean
  /** Younger open orders are not looked at: the next pull brings them. */
  readonly minAgeMs: number
  readonly limits: MissingLimits
  /** Most orders of a channel that one run reads anew. */
  readonly maxRepairs: number
  readonly unconfirmedAfterMs: number
  readonly stuckAfterMs: number
  /** Orders that wait for a person. */
  readonly waitingAfterMs: number
}

/** How long what isync stores is kept, in days. */
export interface RetentionSettings {
  /** The marketplaces' own documents, from when they came. */
  readonly payloadDays: number
  /** Runs, events and logs of what was done; events no shorter than {@link EVENTS_AT_LEAST_DAYS}. */
  readonly journalDays: number
  /** What webhooks brought, from when it was worked on. */
  readonly inboxDays: number
  /** Personal data of an order that was neither shipped nor cancelled, from its last change or last promised date. */
  readonly unshippedDays: number
  /** Personal data of orders of channels that are not in the configuration any more, from when they were over. */
  readonly unknownChannelDays: number
}

/** The audit is kept this long whatever the configuration says. */
export const EVENTS_AT_LEAST_DAYS = 400

/** The stock rules as the configuration file gives them; what operators set at run time wins over it. */
export interface InventorySettings {
  /** Whose word the stock numbers are, for explanations: `Zoho available_stock`. */
  readonly source: string
  readonly defaults: RuleValues
  /** What each enabled channel has of its own. */
  readonly channels: ReadonlyMap<ChannelCode, Partial<RuleValues>>
  readonly capScope: 'channel' | 'total'
  readonly mainChannel: ChannelCode | undefined
  readonly smallStockThreshold: number
  readonly lowStockThreshold: number
  readonly rebalanceIntervalMs: number
  readonly inactiveItems: 'zero' | 'keep'
  readonly raiseGuard: 'pulled' | 'covered' | 'off'
  readonly reservePending: boolean
  readonly carry: 'since_sync' | 'open_orders'
  readonly reportWaitMs: number
  readonly listingCheckMs: number
  readonly staleAfterMs: number
  readonly brakes: Brakes
}

/** Limits beyond which a run publishes nothing. Shares in percent, minima in SKUs. */
export interface Brakes {
  readonly zeroPct: number
  readonly zeroMin: number
  readonly dropPct: number
  readonly dropMin: number
  readonly missingPct: number
  readonly missingMin: number
}

export interface ChannelSettings {
  readonly code: ChannelCode
  /** Undefined: orders of this channel cannot be pushed until it is configured. */
  readonly storeId: number | undefined
  readonly overlapMs: number
  readonly firstPullMs: number
  /** How long the personal data of an order is kept after it was shipped or cancelled. */
  readonly personalDays: number
  /** ShipStation carrier codes that have a name of the operator's choice on this channel. */
  readonly carriers: readonly string[]
  /** before-push: an order waits for our yes and only then may ship. after-push: the channel is told once ShipStation has it. */
  readonly acknowledges: 'before-push' | 'after-push' | 'never'
}

/** What every use case gets: one run of one command. Nothing of it is global. */
export interface Run {
  readonly id: string
  readonly command: string
  /** Who is answerable: `cron`, `serve`, or the operator's login name. */
  readonly actor: string
  readonly host: string
  readonly pid: number
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly random: () => number
  readonly log: Log
  readonly vault: Vault
  readonly settings: CoreSettings
  /** Aborts when the run is told to stop: what is in flight finishes, nothing new begins. */
  readonly signal: AbortSignal
}

/** One thing that went wrong in a run, as the report and `--json` show it. */
export interface RunProblem {
  readonly channel: string
  readonly what: string
  readonly why: string
  readonly next: string
}

/** How a run ended, in words; the shell turns it into an exit code. */
export type Verdict = 'done' | 'partly' | 'vendor-down' | 'held'

/** SPEC 8. */
export const exitCodes = { done: 0, partly: 3, 'vendor-down': 4, held: 5 } as const satisfies Record<Verdict, ExitCode>
