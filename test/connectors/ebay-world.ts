import { createEbayConnector, type EbaySettings } from '../../src/connectors/ebay/connector.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { FaultKind, JournalEntry } from '../../src/sandbox/stand-in.ts'
import { followingClock, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const signal = new AbortController().signal

export interface EbayWorld extends TestGate {
  readonly sandbox: Sandbox
  readonly connector: MarketplaceConnector
  /** The same account seen by another process: nothing kept in memory, other settings where given. */
  again(settings?: Partial<EbaySettings>, options?: TestGateOptions): TestGate & { readonly connector: MarketplaceConnector }
  close(): Promise<void>
}

/** eBay's stand-in with its clock standing still, and a connector that talks to it. */
export async function openEbay(seed: object = {}, settings: Partial<EbaySettings> = {}): Promise<EbayWorld> {
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('ebay', seed)
  const again: EbayWorld['again'] = (more = {}, options = {}) => {
    const world = testGate('ebay-us', { clock: followingClock(sandbox.clock.now), ...options })
    return {
      ...world,
      connector: createEbayConnector(world.gate, { ...settingsFor(sandbox.origins.ebay), ...settings, ...more }),
    }
  }
  return {
    sandbox,
    again,
    ...again(),
    close: () => sandbox.close(),
  }
}

export function settingsFor(origin: string): EbaySettings {
  return {
    channel: 'ebay-us',
    site: 'EBAY_US',
    ordersApi: 'trading',
    inventoryApi: 'auto',
    dailyCalls: 5000,
    sandbox: false,
    endpoint: origin,
    authEndpoint: origin,
    credentials: { appId: 'sandbox-app', certId: 'sandbox-cert', refreshToken: 'sandbox-refresh' },
    carriers: {},
    timeoutMs: 5000,
  }
}

/** Everything changed since, up to `most` pages. */
export async function pages(connector: MarketplaceConnector, since: Cursor = { at: NOW - DAY }, most = 99): Promise<OrderPage[]> {
  const found: OrderPage[] = []
  for await (const page of connector.listOrders(since, signal)) {
    found.push(page)
    if (found.length >= most) break
  }
  return found
}

export async function pull(connector: MarketplaceConnector, since?: Cursor): Promise<readonly NormalizedOrder[]> {
  return (await pages(connector, since)).flatMap(({ orders }) => orders)
}

/** The one order of this id. */
export async function orderOf({ connector }: Pick<EbayWorld, 'connector'>, id: string): Promise<NormalizedOrder> {
  const { orders, poison } = await connector.getOrders([id], signal)
  const [order] = orders
  if (order === undefined) throw new Error(`no order ${id}; poison: ${poison.map(({ reason }) => reason).join(', ')}`)
  return order
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

/** What the stand-in heard. */
export function heard({ sandbox }: Pick<EbayWorld, 'sandbox'>, path: RegExp): readonly JournalEntry[] {
  return sandbox.journal().filter((entry) => entry.vendor === 'ebay' && path.test(entry.path))
}

export const TRADING = /^\/ws\/api\.dll$/
export const TOKEN = /^\/identity\/v1\/oauth2\/token$/

export function spoil({ sandbox }: Pick<EbayWorld, 'sandbox'>, path: RegExp, kind: FaultKind, more: object = {}): void {
  sandbox.addFault({ vendor: 'ebay', kind, match: { path: path.source }, ...more })
}

interface Books {
  readonly orders: readonly {
    readonly order_id: string
    readonly paid_id: string
    readonly unpaid_id: string
    readonly packages: readonly {
      readonly tracking: string | null
      readonly carrier: string | null
      readonly lines: Readonly<Record<string, number>>
    }[]
    readonly lines: readonly { readonly order_line_item_id: string; readonly line_item_id: string; readonly shipped: number }[]
    readonly complete_sale_calls: number
  }[]
  readonly listings: readonly {
    readonly sku: string | null
    readonly item_id: string
    readonly live: number | null
    readonly offer: { readonly offer_id: string; readonly quantity: number | null }
    readonly distributions_lost: boolean
  }[]
  readonly calls: Readonly<Record<string, number>>
  readonly misdeeds: readonly string[]
}

/** What eBay knows. */
export function books({ sandbox }: Pick<EbayWorld, 'sandbox'>): Books {
  return sandbox.books('ebay') as Books
}

export function bookOf(world: Pick<EbayWorld, 'sandbox'>, id: string): Books['orders'][number] {
  const found = books(world).orders.find(({ order_id }) => order_id === id)
  if (found === undefined) throw new Error(`no book of ${id}`)
  return found
}

/** What a buyer can have of a SKU now. */
export function live(world: Pick<EbayWorld, 'sandbox'>, sku: string): number | null | undefined {
  return books(world).listings.find((listing) => listing.sku === sku)?.live
}

let reference = 1000
export function aPackage(orderId: string, lineIds: readonly string[], over: Partial<Confirmation> = {}): Confirmation {
  reference += 1
  return {
    channel: 'ebay-us',
    externalOrderId: orderId,
    reference,
    trackingNumber: `1Z${orderId}`,
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    shippedAt: NOW - HOUR,
    lines: lineIds.map((externalLineId) => ({ externalLineId, quantity: 1 })),
    wholeOrder: true,
    ...over,
  }
}
