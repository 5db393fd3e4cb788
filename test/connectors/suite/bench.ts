import type { ChannelCode } from '../../../src/core/model/channel.ts'
import type { PlannedCall } from '../../../src/core/ports/gate.ts'
import type { MarketplaceConnector } from '../../../src/core/ports/marketplace.ts'
import type { FaultKind } from '../../../src/sandbox/stand-in.ts'
import type { Sentence } from './sentences.ts'

/**
 * A channel on the conformance suite's bench: its stand-in, told in words that fit every vendor, and connectors that talk to it. One small
 * file per channel fulfils it and hands it to `describeMarketplace`.
 */
export interface ChannelBench {
  /** As the tests are titled. */
  readonly name: string
  /** Sentences of the port that cannot be put to this channel, each with the reason: the vendor has no such thing. */
  readonly cannot: Readonly<Partial<Record<Sentence, string>>>
  open(): Promise<Channel>
}

/** One vendor with its books, in virtual time. Members that may be absent are what some channels do not have at all. */
export interface Channel {
  readonly code: ChannelCode
  readonly clock: { now(): number; advance(ms: number): void }
  /** The most orders that the vendor gives in one page. */
  readonly pageSize: number
  /** How many orders are put on several pages. Default: two and a half pages of them; at least one more than a page. */
  readonly many?: number
  /** Everybody forgets everything: the vendor's books, its faults, what the processes share. Time goes on. */
  reset(): Promise<void>
  close(): Promise<void>
  /** The processes forget what they share: tokens, limits, refusals. */
  forget(): Promise<void>

  /** Another process that serves this channel: nothing kept in memory. */
  connect(options?: ConnectOptions): Connected
  /** Calls that the vendor has heard since the reset, those for tokens left out. */
  calls(): number
  /** What the processes keep about the channel between them, as text: `remember`ed notes. Nothing personal may be in it. */
  notes(): Promise<string>
  /** Everything in the database but what the shared account itself keeps, as text. */
  rows(): Promise<string>

  /** Buyers place orders; gives the ids by which the connector knows them. */
  place(orders: readonly PlacedOrder[]): readonly string[]
  /** The order as a whole is cancelled by the buyer, now. */
  cancel(orderId: string): void
  /** The list that pulls read has lost the order; what asks in another way finds it. */
  omit?(orderId: string): void
  /** The order changes now, in a way that does not move it on: another street. */
  changeStreet(orderId: string, street: string): void
  /** An id that looks like one of this channel's and is nobody's. */
  readonly unknownId: string
  /** The vendor's books: packages told, line id -> units; in the order in which they were told. */
  packagesOf(orderId: string): readonly BookedPackage[]
  /** Orders whose acceptance (or taking over) the vendor knows, and how often it has booked it. */
  acknowledgedTimes?(orderId: string): number

  /** The seller lists these. */
  list(items: readonly ListedItem[]): void
  /** What a buyer can have now; undefined where nothing is listed. */
  quantityOf(sku: string): number | undefined
  /** Everything of the listing but its quantity, as text. */
  restOf(sku: string): string
  /** The vendor refuses every write to this SKU from now on. */
  refuse?(sku: string): void
  /** A listing whose quantity is not the seller's to write. */
  listForeign?(sku: string): void
  /** The next report on quantities never ends. Call it before the hand-over. */
  stickReport?(): void
  /** The vendor's own deadline for such a report has surely passed after so many ms. */
  readonly reportDeadlineMs?: number

  /** The next requests fail: the first `times`, or all. */
  spoil?(fault: Spoil): void
  heal?(): void
  /** The vendor gives out tokens that calls need. */
  readonly givesTokens: boolean
  /** What one look at the account's health may cost in calls. */
  readonly healthCalls: number
}

export interface Spoil {
  readonly kind: FaultKind
  /** `token`: where the vendor gives out tokens. `work`: everything else. `write`: work that changes something. Default `work`. */
  readonly on?: 'work' | 'token' | 'write'
  readonly times?: number
  readonly status?: number
  /** What the vendor says, where the fault has an answer. */
  readonly words?: string
}

export interface ConnectOptions {
  readonly dryRun?: boolean
  /** Sleepers sleep until they are told to stop, and our share of every rate limit is spent: the connector must wait. */
  readonly limitsSpent?: boolean
  /** Real milliseconds that one call may take. */
  readonly timeoutMs?: number
}

export interface Connected {
  readonly connector: MarketplaceConnector
  /** Each line of its log as JSON. */
  readonly logged: readonly string[]
  readonly planned: readonly PlannedCall[]
}

/**
 * - `cancelled`: was open once; `unreadable`: something in it is not what the vendor promises
 * - `marketplace`: the marketplace ships it itself
 */
export type PlacedState = 'open' | 'pending' | 'awaiting_acceptance' | 'cancelled' | 'unreadable' | 'marketplace'

export interface PlacedOrder {
  readonly state: PlacedState
  /** Created and last changed, epoch ms. */
  readonly at: number
  /** ISO 4217; absent: what the vendor sells in first. */
  readonly currency?: string
  /** Whether the prices have the tax in them. Default excluded, or however the vendor does it. */
  readonly tax?: 'included' | 'excluded'
  readonly person: Person
  readonly lines: readonly PlacedLine[]
}

export interface PlacedLine {
  /** Wanted as the line's id, or as the number in it; a vendor that makes its ids otherwise makes its longest. */
  readonly id?: string
  readonly sku: string
  readonly title: string
  readonly quantity: number
  /** One unit, a decimal text. */
  readonly price: string
  /** The whole line, a decimal text. */
  readonly tax: string
}

export interface Person {
  readonly first: string
  readonly last: string
  readonly street: string
  readonly city: string
  readonly postal: string
  readonly phone: string
  readonly email: string
}

export interface BookedPackage {
  readonly tracking: string
  /** Undefined: the vendor books whole orders only. */
  readonly units: Readonly<Record<string, number>> | undefined
}

export interface ListedItem {
  readonly sku: string
  readonly quantity: number
}
