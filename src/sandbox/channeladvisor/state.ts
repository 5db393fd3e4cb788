import type { SandboxClock } from '../stand-in.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import type { Center } from './center.ts'
import { createLimits, type Limits } from './limits.ts'
import type { Order } from './order.ts'
import { createOrderStore, type OrderStore } from './order-store.ts'
import { createProductStore, type ProductStore } from './product-store.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'
import type { Upload } from './upload-file.ts'

/** Calls that go wrong on purpose, a number of times. */
export interface Script {
  /** An operation's name; undefined: whatever comes. */
  readonly call: string | undefined
  readonly kind: 'fail' | 'fail-after' | 'deny-in-200' | 'crowd' | 'batch-part'
  readonly status: number
  left: number
}

/** One order taken over by one application. */
export interface ExportFlag {
  readonly at: number
}

/** Everything that the stand-in keeps. */
export interface State {
  readonly clock: SandboxClock
  readonly accounts: Accounts
  readonly limits: Limits
  readonly orders: OrderStore
  readonly products: ProductStore
  /** By ID; the only one of an account has ID 0. */
  readonly centers: Map<number, Center>
  /** Shipping classes by carrier: what the account's list has. */
  carriers: ReadonlyMap<string, readonly string[]>
  /** By application: the flag is its own (contract section 9). */
  readonly flags: Map<string, Map<Order, ExportFlag>>
  /** Every setting and taking away of a flag, in the order of time. */
  readonly flagLog: { readonly at: number; readonly app: string; readonly orderId: number; readonly on: boolean }[]
  readonly uploads: Upload[]
  readonly scripts: Script[]
  /** By operation, refused ones too. */
  readonly calls: Map<string, number>
  /** What no client should ever do, as the books tell it. */
  readonly misdeeds: string[]
  settings: Settings
  /** Goes up with whatever may change anything. */
  version: number
  /** What the last list found: the next page of it looks for the same. */
  lastFound: { readonly key: string; readonly entities: readonly unknown[] } | undefined
  throttled: number
  /** Numbers ids, so that the same seeds give the same ids. */
  numbered: number
}

const CARRIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['USPS', ['Ground Advantage', 'Priority Mail', 'Priority Mail Express', 'First-Class']],
  ['UPS', ['Ground', '3 Day Select', '2nd Day Air', 'Next Day Air']],
  ['FedEx', ['Ground', 'Home Delivery', '2Day', 'Standard Overnight']],
  ['DHL', ['Express Worldwide']],
  ['Other', ['Standard']],
])

export function createState(clock: SandboxClock): State {
  return {
    clock,
    accounts: createAccounts(clock),
    limits: createLimits(clock),
    orders: createOrderStore(),
    products: createProductStore(),
    centers: new Map([[0, { id: 0, code: 'DEFAULT', name: 'Default', type: 'Warehouse', isDeleted: false }]]),
    carriers: CARRIERS,
    flags: new Map(),
    flagLog: [],
    uploads: [],
    scripts: [],
    calls: new Map(),
    misdeeds: [],
    settings: DEFAULT_SETTINGS,
    version: 0,
    lastFound: undefined,
    throttled: 0,
    numbered: 0,
  }
}

export function next(state: State): number {
  state.numbered += 1
  return state.numbered
}

/** The trouble that is meant for this call, counted as used. */
export function scripted(state: State, kinds: readonly Script['kind'][], call: string): Script | undefined {
  const script = state.scripts.find(
    (each) => each.left > 0 && kinds.includes(each.kind) && (each.call === undefined || each.call === call),
  )
  if (script !== undefined) script.left -= 1
  return script
}
