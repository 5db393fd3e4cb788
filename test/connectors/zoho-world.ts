import { createZohoConnector, type ZohoSettings } from '../../src/connectors/zoho/connector.ts'
import type { StockItem } from '../../src/core/model/stock.ts'
import type { StockPage, StockSource } from '../../src/core/ports/stock-source.ts'
import type { Clock } from '../../src/core/ports/system.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { JournalEntry } from '../../src/sandbox/stand-in.ts'
import { type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

/** A Saturday, 15:00 UTC: 20:30 in India. */
export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const INDIAN_MIDNIGHT = Date.parse('2026-11-21T18:30:00.000Z')
export const HEAD_OFFICE = '460000000038080'
export const SHOWROOM = '460000000041010'
export const signal = new AbortController().signal

export const ITEMS = /^\/inventory\/v1\/items$/
export const DETAILS = /^\/inventory\/v1\/itemdetails$/
export const TOKEN = /^\/oauth\/v2\/token$/

interface Connected extends TestGate {
  readonly zoho: StockSource
}

export interface ZohoWorld extends Connected {
  readonly sandbox: Sandbox
  /** Follows the sandbox; whoever sleeps moves it. */
  readonly clock: Clock
  /** The organization seen by another process: nothing kept in memory, other settings where given. */
  again(settings?: Partial<ZohoSettings>, options?: TestGateOptions): Connected
  seed(document: object): void
  act(action: string, argument?: object): unknown
  /** What was asked, as decoded queries. */
  asked(path: RegExp): readonly Record<string, string>[]
  entries(path: RegExp): readonly JournalEntry[]
}

/** Zoho's stand-in with its limits off and its clock standing still, and a connector that talks to it. */
export async function openZoho(seed: object = {}, settings: Partial<ZohoSettings> = {}): Promise<ZohoWorld> {
  const sandbox = await startSandbox({ clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 }, ...seed })
  const clock: Clock = { now: sandbox.clock.now, sleep: async (ms) => sandbox.clock.advance(ms) }
  const again: ZohoWorld['again'] = (more = {}, options = {}) => {
    const world = testGate('zoho', { clock, ...options })
    return { ...world, zoho: createZohoConnector(world.gate, { ...settingsFor(sandbox), ...settings, ...more }) }
  }
  const entries = (path: RegExp) => sandbox.journal().filter((entry) => entry.vendor === 'zoho' && path.test(entry.path))
  return {
    sandbox,
    clock,
    again,
    ...again(),
    seed: (document) => sandbox.seed('zoho', document),
    act: (action, argument) => sandbox.act('zoho', action, argument),
    asked: (path) => entries(path).map(({ query }) => Object.fromEntries(new URLSearchParams(query))),
    entries,
  }
}

export function settingsFor(sandbox: Sandbox): ZohoSettings {
  return {
    dataCenter: 'com',
    organizationId: '10234695',
    availableField: 'available_stock',
    locationIds: [],
    dailyCalls: 2500,
    dailyReservePct: 20,
    ratePerMinute: 90,
    endpoint: sandbox.origins.zoho,
    authEndpoint: sandbox.origins.zoho,
    credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
    timeoutMs: 2000,
  }
}

export async function pagesOf(list: AsyncIterable<StockPage>): Promise<StockPage[]> {
  const pages: StockPage[] = []
  for await (const page of list) pages.push(page)
  return pages
}

export async function everything({ zoho }: { readonly zoho: StockSource }): Promise<readonly StockItem[]> {
  return (await pagesOf(zoho.listItems(signal))).flatMap((page) => page.items)
}

/** `SKU kind number` */
export const inWords = (items: readonly StockItem[]) =>
  items.map(({ sku, kind, available }) => `${sku || '-'} ${kind} ${available ?? '?'}`)

/** What a promise was rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<Error & Readonly<Record<string, unknown>>> {
  try {
    await work
  } catch (error) {
    return error as Error & Readonly<Record<string, unknown>>
  }
  throw new Error('it did not fail')
}
