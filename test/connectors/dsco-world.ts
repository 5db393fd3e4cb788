import { createDscoConnector, type DscoSettings } from '../../src/connectors/rithum/dsco/connector.ts'
import { StoppedError } from '../../src/core/errors.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import type { Clock } from '../../src/core/ports/system.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { FaultKind, JournalEntry } from '../../src/sandbox/stand-in.ts'
import { limitedAccount, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const signal = new AbortController().signal

export interface DscoWorld extends TestGate {
  readonly sandbox: Sandbox
  readonly connector: MarketplaceConnector
  /** The same account seen by another process: nothing kept in memory; other settings, or the same shared account, where given. */
  again(settings?: Partial<DscoSettings>, options?: TestGateOptions): TestGate & { readonly connector: MarketplaceConnector }
  close(): Promise<void>
}

/** Dsco's stand-in, whose clock moves only when somebody waits, and a connector that talks to it. */
export async function openDsco(seed: object = {}, settings: Partial<DscoSettings> = {}): Promise<DscoWorld> {
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('dsco', seed)
  const again: DscoWorld['again'] = (more = {}, options = {}) => {
    const clock = waitingClock(sandbox)
    // With the shared limits in earnest: the stand-in counts calls as the vendor does.
    const world = testGate('rithum', { clock, shared: limitedAccount(clock, 'rithum'), ...options })
    return {
      ...world,
      connector: createDscoConnector(world.gate, { ...settingsFor(sandbox.origins.dsco), ...settings, ...more }),
    }
  }
  return { sandbox, again, ...again(), close: () => sandbox.close() }
}

/** Whoever waits moves the sandbox's time on, and nobody waits in earnest. */
function waitingClock({ clock }: Sandbox): Clock {
  return {
    now: clock.now,
    async sleep(ms, stop) {
      if (stop?.aborted === true) throw new StoppedError('told to stop')
      clock.set(clock.now() + ms)
    },
  }
}

export function settingsFor(origin: string): DscoSettings {
  return {
    channel: 'rithum',
    endpoint: origin,
    sandbox: false,
    auth: { kind: 'oauth2', clientId: 'sandbox-client', clientSecret: 'sandbox-secret' },
    mode: 'pages',
    defaultCurrency: 'USD',
    carriers: {},
    timeoutMs: 5000,
  }
}

export function later({ sandbox }: Pick<DscoWorld, 'sandbox'>, ms: number): void {
  sandbox.clock.set(sandbox.clock.now() + ms)
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
export async function orderOf({ connector }: Pick<DscoWorld, 'connector'>, id: string): Promise<NormalizedOrder> {
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
export function heard({ sandbox }: Pick<DscoWorld, 'sandbox'>, path: RegExp, method?: string): readonly JournalEntry[] {
  return sandbox
    .journal()
    .filter((entry) => entry.vendor === 'dsco' && path.test(entry.path) && (method === undefined || entry.method === method))
}

export function spoil({ sandbox }: Pick<DscoWorld, 'sandbox'>, path: RegExp, kind: FaultKind, more: object = {}): void {
  sandbox.addFault({ vendor: 'dsco', kind, match: { path: path.source }, ...more })
}

export const PAGE = /\/order\/page$/
export const ORDER = /\/order\/$/
export const SHIP = /\/order\/shipment\/batch\/small$/
export const ACKNOWLEDGE = /\/order\/acknowledge$/
export const ORDER_LOG = /\/order\/log$/
export const STOCK = /\/inventory\/batch\/small$/
export const STOCK_LOG = /\/inventory\/log$/
export const TOKEN = /\/oauth2\/token$/

interface Books {
  readonly orders: readonly {
    readonly order_id: string
    readonly lifecycle: string
    readonly supplier_order_number: string | null
    readonly acknowledgements: readonly { readonly supplier_order_number: string | null }[]
    readonly lines: readonly { readonly shipped: number }[]
    readonly packages: readonly {
      readonly tracking: string
      readonly carrier: string | null
      readonly method: string | null
      readonly service_level: string | null
      readonly ship_date: string | null
      readonly lines: readonly { readonly line: number; readonly sku: string | null; readonly quantity: number }[]
    }[]
  }[]
  readonly items: readonly {
    readonly sku: string
    readonly quantity: number
    readonly status: string
    readonly cost: number | null
    readonly warehouses: Readonly<Record<string, number>>
  }[]
  readonly streams: readonly {
    readonly stream_id: string
    readonly partitions: readonly { readonly position: string; readonly position_updates: number }[]
  }[]
  readonly misdeeds: readonly string[]
  readonly throttled: unknown
}

/** What Dsco knows. */
export function books({ sandbox }: Pick<DscoWorld, 'sandbox'>): Books {
  return sandbox.books('dsco') as Books
}

export function bookOf(world: Pick<DscoWorld, 'sandbox'>, id: string): Books['orders'][number] {
  const found = books(world).orders.find(({ order_id }) => order_id === id)
  if (found === undefined) throw new Error(`no book of ${id}`)
  return found
}

export function itemOf(world: Pick<DscoWorld, 'sandbox'>, sku: string): Books['items'][number] {
  const found = books(world).items.find((item) => item.sku === sku)
  if (found === undefined) throw new Error(`no item ${sku}`)
  return found
}

let reference = 1000
/** Whole line 1 in one UPS Ground parcel, unless said otherwise. */
export function aPackage(orderId: string, over: Partial<Confirmation> = {}): Confirmation {
  reference += 1
  return {
    channel: 'rithum',
    externalOrderId: orderId,
    reference,
    trackingNumber: `1Z${reference}`,
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'ups_ground',
    shippedAt: NOW - HOUR / 2,
    lines: [{ externalLineId: '1', quantity: 1 }],
    wholeOrder: true,
    ...over,
  }
}

export function told(sku: string, quantity: number): QuantityUpdate {
  return { channel: 'rithum', sku, quantity }
}
