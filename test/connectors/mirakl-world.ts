import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createMiraklConnector, type MiraklSettings } from '../../src/connectors/mirakl/connector.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { JournalEntry } from '../../src/sandbox/stand-in.ts'
import { followingClock, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'

export const KEY = 'sandbox-key'
export const HOUR = 3600_000
export const signal = new AbortController().signal

export let sandbox: Sandbox
/** Nobody listens here. */
export let closedOrigin: string
export let world: TestGate
export let mirakl: MarketplaceConnector

beforeAll(async () => {
  const other = await startSandbox({ portBase: 0 })
  closedOrigin = other.origins.mirakl
  await other.close()
  sandbox = await startSandbox({ portBase: 0 })
})

afterAll(async () => {
  await sandbox.close()
})

beforeEach(() => {
  sandbox.reset()
  sandbox.seed('mirakl', { rate_limits: false })
  connect()
})

export function connect(over: Partial<MiraklSettings> = {}, gate: TestGateOptions = {}): void {
  world = testGate('mirakl-test', { clock: followingClock(now), ...gate })
  mirakl = createMiraklConnector(world.gate, {
    channel: 'mirakl-test',
    baseUrl: 'https://unreachable.invalid',
    endpoint: sandbox.origins.mirakl,
    credentials: { apiKey: KEY },
    carriers: {},
    countryNames: {},
    timeoutMs: 2000,
    ...over,
  })
}

export const now = () => sandbox.clock.now()
export const since = (hours = 24): Cursor => ({ at: now() - hours * HOUR })

export function seed(orders: readonly object[], settings?: object): void {
  sandbox.seed('mirakl', { orders, ...(settings === undefined ? {} : { settings }) })
}

/** Orders that came in one minute apart, the first an hour ago. */
export function manyOrders(count: number, over: object = {}): void {
  const start = now() - HOUR * 20
  seed(
    Array.from({ length: count }, (_, i) => ({
      order_id: `M-${String(i).padStart(4, '0')}-A`,
      created_at: start + i * 1000,
      ...over,
    })),
  )
}

export async function pages(from: Cursor = since()): Promise<OrderPage[]> {
  const found: OrderPage[] = []
  for await (const page of mirakl.listOrders(from, signal)) found.push(page)
  return found
}

export async function pull(from: Cursor = since()): Promise<readonly NormalizedOrder[]> {
  return (await pages(from)).flatMap((page) => page.orders)
}

export async function order(id: string): Promise<NormalizedOrder> {
  const { orders } = await mirakl.getOrders([id], signal)
  if (orders[0] === undefined) throw new Error(`no order ${id}`)
  return orders[0]
}

export const ids = (orders: readonly NormalizedOrder[]) => orders.map((each) => each.externalOrderId)

export function calls(path: RegExp, method = 'GET'): readonly JournalEntry[] {
  return sandbox.journal().filter((entry) => entry.method === method && path.test(entry.path))
}

export const OR11 = /^\/api\/orders$/
export const ST = /^\/api\/shipments$/
export const ST12 = /items_to_ship$/

export interface Book {
  readonly order_id: string
  readonly state: string
  readonly accepted_calls: number
  readonly lines: readonly { readonly shipped: number; readonly state: string }[]
  readonly shipments: readonly {
    readonly tracking: string
    readonly carrier_code: string | null
    readonly carrier_name: string | null
    readonly lines: readonly object[]
  }[]
  readonly tracking?: { readonly tracking_number: string; readonly carrier_code?: string; readonly tracking_url?: string }
}

export function book(id: string): Book {
  const { orders } = sandbox.books('mirakl') as { orders: readonly Book[] }
  const found = orders.find((each) => each.order_id === id)
  if (found === undefined) throw new Error(`no book of ${id}`)
  return found
}

export let reference = 1000
export function aPackage(orderId: string, over: Partial<Confirmation> = {}): Confirmation {
  reference += 1
  return {
    channel: 'mirakl-test',
    externalOrderId: orderId,
    reference,
    trackingNumber: `1Z${orderId}`,
    carrier: { code: 'ups', name: 'UPS', family: 'ups' },
    shippedAt: now(),
    lines: [{ externalLineId: `${orderId}-1`, quantity: 1 }],
    wholeOrder: true,
    ...over,
  }
}

export const confirm = (batch: readonly Confirmation[]) => mirakl.confirmShipments(batch, signal)
export const lookUp = (batch: readonly Confirmation[]) => mirakl.lookUpConfirmations(batch, signal)
export const accept = (...orderIds: string[]) =>
  mirakl.acknowledgeOrders?.(
    orderIds.map((externalOrderId) => ({ externalOrderId, externalLineIds: [`${externalOrderId}-1`] })),
    signal,
  ) ?? []

export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}
