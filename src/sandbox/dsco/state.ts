import type { SandboxClock } from '../stand-in.ts'
import type { Access } from './access.ts'
import { createAccess } from './access.ts'
import type { Item } from './item.ts'
import type { Order } from './order.ts'
import type { AsyncRequest } from './request.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'
import type { Change, Stream } from './stream.ts'
import type { Json } from './wire.ts'

/**
 * The pages of one search, made when it was asked. The id is the same through the whole run and the place in it is kept here: whoever asks
 * again for a page whose answer was lost gets the one after it.
 */
export interface Scroll {
  readonly id: string
  readonly kind: string
  readonly rest: unknown[]
  readonly pageSize: number
  /** Told with every page. */
  readonly note: string | undefined
  diesAt: number
}

/** What one supplier account has. Nothing of it is seen by another. */
export interface Book {
  readonly accountId: string
  /** By dscoOrderId, oldest first. */
  readonly orders: Map<string, Order>
  /** By SKU. */
  readonly items: Map<string, Item>
  /** By the supplier's code. */
  readonly warehouses: Map<string, Json>
  readonly requests: Map<string, AsyncRequest>
  readonly scrolls: Map<string, Scroll>
  readonly streams: Map<string, Stream>
  /** Changes of orders that streams have not been told of yet. */
  readonly changes: Change[]
  /** When which operation was called, for its limits. */
  readonly callTimes: Map<string, number[]>
}

/** Everything that the stand-in keeps. */
export interface State {
  readonly clock: SandboxClock
  readonly access: Access
  readonly books: Map<string, Book>
  /** By the vendor's name of the operation, refused ones too. */
  readonly calls: Map<string, number>
  /** What no client should ever do. */
  readonly misdeeds: string[]
  /** Carriers with their methods, as an account's ship map has them. */
  readonly carriers: Map<string, ReadonlySet<string>>
  readonly serviceLevels: Set<string>
  settings: Settings
  limited: boolean
  throttled: number
  /** Work, or the log, stands still until it is released. */
  held: 'no' | 'work' | 'log'
  /** The next requests vanish from the log; `done`: their work is done all the same. */
  losing: { left: number; done: boolean }
  /** Numbers ids, so that the same seeds give the same ids. */
  numbered: number
}

const CARRIERS: Readonly<Record<string, readonly string[]>> = {
  UPS: ['Ground', 'Next Day Air', '2nd Day Air', '3 Day Select', 'SurePost'],
  FedEx: ['Ground', 'Home Delivery', '2Day', 'Standard Overnight', 'SmartPost'],
  USPS: ['Ground Advantage', 'Priority', 'Priority Express'],
  DHL: ['Express Worldwide'],
}
const SERVICE_LEVELS = ['UPCG', 'UPSN', 'UP2D', 'FECG', 'FEHD', 'FE2D', 'USGA', 'USPM']

export function createState(clock: SandboxClock): State {
  return {
    clock,
    access: createAccess(clock),
    books: new Map(),
    calls: new Map(),
    misdeeds: [],
    carriers: new Map(Object.entries(CARRIERS).map(([carrier, methods]) => [carrier, new Set(methods)])),
    serviceLevels: new Set(SERVICE_LEVELS),
    settings: DEFAULT_SETTINGS,
    limited: true,
    throttled: 0,
    held: 'no',
    losing: { left: 0, done: false },
    numbered: 0,
  }
}

export function next(state: State): number {
  state.numbered += 1
  return state.numbered
}

export function bookOf(state: State, accountId: string): Book {
  const known = state.books.get(accountId)
  if (known !== undefined) return known
  const book: Book = {
    accountId,
    orders: new Map(),
    items: new Map(),
    warehouses: new Map(),
    requests: new Map(),
    scrolls: new Map(),
    streams: new Map(),
    changes: [],
    callTimes: new Map(),
  }
  state.books.set(accountId, book)
  return book
}

/** The account that a seed or an action names; the first one otherwise. */
export function namedBook(state: State, accountId: string | undefined): Book {
  const account = accountId === undefined ? state.access.accounts()[0] : state.access.account(accountId)
  if (account === undefined) throw new Error(`no account '${accountId ?? ''}'`)
  return bookOf(state, account.id)
}
