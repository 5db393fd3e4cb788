import type { Outgoing, SandboxClock } from '../stand-in.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import type { Destination } from './destination.ts'
import { createListingStore, type ListingStore } from './listing-store.ts'
import { createOrderStore, type OrderStore } from './order-store.ts'
import { createQuota, type Quota } from './quota.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'
import { createSigner, type Signer } from './signer.ts'

/** A call that fails on purpose, a number of times. */
export interface Script {
  readonly call: string
  readonly code: number
  /** Of REST calls. */
  readonly status: number
  /** The call has its effect all the same. */
  readonly applied: boolean
  left: number
}

/** What eBay sends by itself: to whom, signed by whom. */
interface Notifications {
  readonly signer: Signer
  destinations: readonly Destination[]
  /** Not given out for sending yet. */
  unsent: Outgoing[]
}

/** Everything that the stand-in keeps. */
export interface State {
  readonly clock: SandboxClock
  readonly accounts: Accounts
  readonly quota: Quota
  readonly orders: OrderStore
  readonly listings: ListingStore
  readonly scripts: Script[]
  /** By ItemID and day. */
  readonly revisions: Map<string, number>
  /** SKUs that the next bulk update has nothing to say of. */
  readonly silent: Set<string>
  /** SKUs of which the next bulk reads say something else than they should; `code` undefined: nothing. */
  readonly unread: Map<string, { readonly code: number | undefined; left: number }>
  /** By call name, refused ones too. */
  readonly calls: Map<string, number>
  /** What no client should ever do, as the books tell it. */
  readonly misdeeds: string[]
  readonly notifications: Notifications
  settings: Settings
  throttled: number
  /** Numbers ids, so that the same seeds give the same ids. */
  numbered: number
}

export function createState(clock: SandboxClock): State {
  return {
    clock,
    accounts: createAccounts(clock),
    quota: createQuota(clock),
    orders: createOrderStore(),
    listings: createListingStore(),
    scripts: [],
    revisions: new Map(),
    silent: new Set(),
    unread: new Map(),
    calls: new Map(),
    misdeeds: [],
    notifications: { signer: createSigner(), destinations: [], unsent: [] },
    settings: DEFAULT_SETTINGS,
    throttled: 0,
    numbered: 0,
  }
}

export function next(state: State): number {
  state.numbered += 1
  return state.numbered
}

/** The failure that is meant for this call, counted as used. */
export function scriptedFailure(state: State, call: string): Script | undefined {
  const script = state.scripts.find((each) => each.call === call && each.left > 0)
  if (script !== undefined) script.left -= 1
  return script
}
