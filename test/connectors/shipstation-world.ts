import { createShipStationConnector, type ShipStationSettings } from '../../src/connectors/shipstation/connector.ts'
import type { NormalizedOrder, OrderLine } from '../../src/core/model/order.ts'
import { orderKeyOf } from '../../src/core/orders/order-key.ts'
import type { PushOrder, ShippingConnector } from '../../src/core/ports/shipping.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { followingClock, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const START = Date.UTC(2026, 10, 21, 20)
export const never = new AbortController().signal

export interface World extends TestGate {
  readonly sandbox: Sandbox
  readonly connector: ShippingConnector
  connect(
    options?: TestGateOptions,
    settings?: Partial<ShipStationSettings>,
  ): TestGate & { readonly connector: ShippingConnector }
  seed(document: unknown): void
  act(action: string, argument: unknown): void
  // biome-ignore lint/suspicious/noExplicitAny: the books are plain JSON
  books(): any
  /** What the vendor was asked, as `GET /orders?...`. */
  asked(): readonly string[]
}

/** The stand-in with a standing clock, three stores and no limit, and a connector to it. */
export async function shipStationWorld(): Promise<World> {
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: START, scale: 0 }) })
  const connect: World['connect'] = (options = {}, settings = {}) => {
    const gate = testGate('shipstation', { clock: followingClock(sandbox.clock.now, 1000), ...options })
    const connector = createShipStationConnector(gate.gate, { ...settingsFor(sandbox), ...settings })
    return { ...gate, connector }
  }
  sandbox.seed('shipstation', {
    rate_limit: 0,
    stores: [
      { store_id: 101, store_name: 'Amazon US' },
      { store_id: 102, store_name: 'Old', active: false },
      { store_id: 103, store_name: 'Connected', marketplace_id: 1 },
    ],
    tags: [{ tag_id: 7, name: 'amazon' }],
  })
  return {
    ...connect(),
    sandbox,
    connect,
    seed: (document) => sandbox.seed('shipstation', document),
    act: (action, argument) => sandbox.act('shipstation', action, argument),
    books: () => sandbox.books('shipstation'),
    asked: () => sandbox.journal().map(({ method, path, query }) => `${method} ${path}${query === '' ? '' : `?${query}`}`),
  }
}

export function settingsFor(sandbox: Sandbox): ShipStationSettings {
  return {
    apiKey: 'sandbox-key',
    apiSecret: 'sandbox-secret',
    endpoint: sandbox.origins.shipstation,
    timeoutMs: 2000,
    pushTimeoutMs: 2000,
    tags: {},
  }
}

export function aLine(overrides: Partial<OrderLine> = {}): OrderLine {
  return {
    externalLineId: 'L1',
    sku: 'MUG-BLUE',
    name: 'Blue mug',
    qty: 2,
    qtyToShip: 2,
    price: 1250,
    tax: 200,
    discount: 0,
    ...overrides,
  }
}

/** Two mugs at 12.50, tax 2.00, shipping 4.99: 31.99 USD. */
export function anOrder(overrides: Partial<NormalizedOrder> = {}): NormalizedOrder {
  return {
    channel: 'amazon-us',
    externalOrderId: '111-0000001-0000001',
    status: 'open',
    fulfilledBy: 'seller',
    createdAt: START - 3_600_000,
    updatedAt: START - 3_600_000,
    buyer: { name: 'Ann Sample', email: 'ann@example.com' },
    shipTo: { name: 'Bob Sample', address1: '1 Main St', city: 'Austin', state: 'TX', postal: '78701', country: 'US' },
    lines: [aLine()],
    currency: 'USD',
    totals: { items: 2500, shipping: 499, tax: 200, discount: 0, total: 3199 },
    gift: { isGift: false },
    flags: [],
    raw: {},
    ...overrides,
  }
}

export function aPush(overrides: Partial<NormalizedOrder> = {}, push: Partial<PushOrder> = {}): PushOrder {
  const order = anOrder(overrides)
  return { orderKey: orderKeyOf(order.channel, order.externalOrderId), storeId: 101, order, action: 'ship', ...push }
}

/** Orders N1, N2, ... */
export function pushes(count: number): readonly PushOrder[] {
  return Array.from({ length: count }, (_, i) => aPush({ externalOrderId: `N${i + 1}` }))
}

/** As it came in, in words: `stored`, `locked shipped`, `failed permanent`, `failed retryable unknown`. */
export function inWords(outcomes: Awaited<ReturnType<ShippingConnector['upsertOrders']>>): readonly string[] {
  return outcomes.map((outcome) => {
    if (outcome.status === 'stored') return 'stored'
    if (outcome.status === 'locked') return `locked ${outcome.orderStatus}`
    const unknown = 'outcomeUnknown' in outcome.error && outcome.error.outcomeUnknown
    return `failed ${outcome.error.kind}${unknown ? ' unknown' : ''}`
  })
}

/** The error a promise ends in. */
export async function errorFrom(promise: Promise<unknown>): Promise<Error & Readonly<Record<string, unknown>>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Readonly<Record<string, unknown>>
  }
  throw new Error('expected an error')
}
