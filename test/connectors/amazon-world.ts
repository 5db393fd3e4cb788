import { type AmazonSettings, createAmazonConnector } from '../../src/connectors/amazon/connector.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { followingClock, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const US = 'ATVPDKIKX0DER'
export const UK = 'A1F83G8C2ARO7P'
export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE
export const ID = '111-2222222-3333333'
export const signal = new AbortController().signal

export interface AmazonWorld extends TestGate {
  readonly sandbox: Sandbox
  readonly connector: MarketplaceConnector
  /** The same account seen by another process: nothing kept in memory, other settings where given. */
  again(settings?: Partial<AmazonSettings>, options?: TestGateOptions): TestGate & { readonly connector: MarketplaceConnector }
}

/** Amazon's stand-in with its limits off and its clock standing still, and a connector that talks to it. */
export async function openAmazon(seed: object = {}, settings: Partial<AmazonSettings> = {}): Promise<AmazonWorld> {
  const sandbox = await startSandbox({ clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('amazon', { rate_limits: 'off', ...seed })
  const again: AmazonWorld['again'] = (more = {}, options = {}) => {
    const world = testGate('amazon-us', { clock: followingClock(sandbox.clock.now), ...options })
    return { ...world, connector: createAmazonConnector(world.gate, { ...settingsFor(sandbox), ...settings, ...more }) }
  }
  return { sandbox, again, ...again() }
}

export function settingsFor(sandbox: Sandbox): AmazonSettings {
  return {
    channel: 'amazon-us',
    region: 'na',
    marketplaceIds: [US],
    sellerId: 'A1SANDBOX',
    ordersApi: '2026-01-01',
    endpoint: sandbox.origins.amazon,
    authEndpoint: sandbox.origins.amazon,
    sandbox: false,
    credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
    carriers: {},
    timeoutMs: 5000,
  }
}

/** Everything changed in the last day, up to `most` pages. */
export async function pull(connector: MarketplaceConnector, since: Cursor = { at: NOW - DAY }, most = 99): Promise<OrderPage[]> {
  const pages: OrderPage[] = []
  for await (const page of connector.listOrders(since, signal)) {
    pages.push(page)
    if (pages.length >= most) break
  }
  return pages
}

/** What a promise was rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}

export function confirmation(change: Partial<Confirmation> = {}): Confirmation {
  return {
    channel: 'amazon-us',
    externalOrderId: ID,
    marketplaceId: US,
    reference: 4711,
    trackingNumber: '1Z999AA10123456784',
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'UPS Ground',
    shippedAt: NOW - 60 * MINUTE,
    lines: [{ externalLineId: 'A', quantity: 2 }],
    wholeOrder: false,
    ...change,
  }
}

/** What the stand-in's journal holds of one operation. */
export function calls(sandbox: Sandbox, path: RegExp) {
  return sandbox.journal().filter((entry) => entry.vendor === 'amazon' && path.test(entry.path))
}

/** Query parameters of a journal line. */
export function queryOf(entry: { readonly query: string }): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(entry.query))
}
