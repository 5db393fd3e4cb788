import type { Sandbox } from '../../../sandbox/server.ts'

/** Orders that the story plays with, by what happens to them. Each by the number that ShipStation knows it by. */
export interface Cast {
  /** Paid, accepted or let go only after the first pull. */
  readonly paidLater: readonly string[]
  /** Not paid in this story. */
  readonly neverPaid: readonly string[]
  readonly cancelledBeforePush: string
  readonly cancelledAfterPush: string
  readonly addressChanged: string
  /** A person decides, nothing ships on its own. */
  readonly waitForPerson: readonly string[]
  /** Somebody else ships it, or nobody does: never pushed. */
  readonly notOurs: readonly string[]
  /** Two lines in two packages, made together. */
  readonly twoPackages: string
  /** One line of three units: two today, one tomorrow. */
  readonly inTwoParts: string
  /** Split in two orders at ShipStation. */
  readonly split: string
  /** The first label is voided, a second one made. */
  readonly voided: string
  /** Shipped outside ShipStation and marked as shipped there. */
  readonly markedAsShipped: string
}

/** What the channel's own books say of one order, whatever the vendor. */
export interface ChannelOrder {
  readonly id: string
  /** Paid, the seller's to ship, not cancelled, nobody's question open; shipped or not. */
  readonly mayShip: boolean
  /** Buyers hold these units of the seller's stock. */
  readonly holdsStock: boolean
  /** Units by line, without those that were cancelled. */
  readonly lines: readonly { readonly sku: string; readonly ordered: number; readonly shipped: number }[]
  /** Units that the packages hold together; more than the lines have when one was told twice. */
  readonly packedUnits: number
  /** One for each package. */
  readonly tracking: readonly string[]
  /** A package was told by more than one call. */
  readonly isToldAgain: boolean
  /** The channel has been told that the seller has taken it; absent where that is not told. */
  readonly isTaken?: boolean
}

/** From `at` (epoch ms) on `quantity` was for sale, and whose doing it was. Null: nothing of the seller's was. */
export type Change = readonly [at: number, quantity: number | null, by: string]

/** What a channel offers under one SKU. */
export interface Offered {
  readonly sku: string
  /** False: the marketplace ships it itself, or keeps its stock by location. */
  readonly isOurs: boolean
  readonly shown: number
  /** Oldest first. */
  readonly history: readonly Change[]
  /** What somebody wrote of it besides the quantity. */
  readonly alsoWritten: readonly string[]
}

export interface ChannelStock {
  readonly channel: string
  readonly offered: readonly Offered[]
  /** Files or batches that the channel has taken and not worked off yet. */
  readonly underWay: number
}

/** Articles that nobody orders in the story. */
export interface Shelf {
  readonly prefix: string
  readonly count: number
  readonly title: string
  readonly quantity: number
}

/** One channel of the story: its books in words that all channels share, and what its buyers do. */
export interface DemoChannel {
  /** As `isync init` names it. */
  readonly code: string
  /** For the reader. */
  readonly name: string
  /** Of ShipStation. */
  readonly storeId: number
  readonly cast: Cast
  seedOrders(sandbox: Sandbox, now: number): void
  seedStock(sandbox: Sandbox, shelf: Shelf): void
  /** A copy of what it knows at this moment. */
  readOrders(sandbox: Sandbox): readonly ChannelOrder[]
  readStock(sandbox: Sandbox): ChannelStock
  pay(sandbox: Sandbox, id: string): void
  cancel(sandbox: Sandbox, id: string): void
  changeStreet(sandbox: Sandbox, id: string, street: string): void
  /** Throws where the channel shows fewer. */
  buy(sandbox: Sandbox, sku: string, quantity: number): void
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** `SHELF-000001` and so on. */
export function shelfSkus({ prefix, count }: Shelf): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(6, '0')}`)
}
