import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const SECOND = 1_000
export const MINUTE = 60_000
export const DAY = 86_400_000

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects in a reply
export type Json = any

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

export interface Client {
  readonly sandbox: Sandbox
  readonly origin: string
  /** With the static token unless another is given; the path is without `/api/v3`. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>
  get(path: string): Promise<Answer>
  /** A token reply; an empty field is left out. */
  token(fields?: Readonly<Record<string, string>>): Promise<Answer>
  /** A search by window; `until` is six seconds ago, `since` a month. */
  page(query?: string): Promise<Answer>
  order(orderId: string): Promise<Json>
  item(sku: string): Promise<Json>
  log(kind: 'order' | 'inventory', requestId: string): Promise<Json>
  /** Sends a batch, lets the work be done and spread, and gives the log's entries. */
  settled(kind: 'order' | 'inventory', path: string, batch: unknown): Promise<Json>
  pass(ms: number): void
  act(action: string, argument?: unknown): Json
  books(): Json
  bookOf(orderId: string): Json
  stockOf(sku: string): Json
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** A sandbox whose clock stands still until it is moved, and a client for its Dsco. */
export async function openDsco(seed: unknown = {}): Promise<Client> {
  const clock = createClock({ start: NOW, scale: 0 })
  const sandbox = await startSandbox({ clock })
  sandbox.seed('dsco', seed)
  const origin = sandbox.origins.dsco

  const call: Client['call'] = async (method, path, body, token = 'sandbox-token') => {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const headers = { authorization: `bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    return read(await fetch(`${origin}/api/v3${path}`, { method, headers, ...sent }))
  }
  const log: Client['log'] = async (kind, requestId) => (await call('GET', `/${kind}/log?requestId=${requestId}`)).body
  const books = (): Json => sandbox.books('dsco')
  return {
    sandbox,
    origin,
    call,
    get: (path) => call('GET', path),
    async token(fields = {}) {
      const form = { grant_type: 'client_credentials', client_id: 'sandbox-client', client_secret: 'sandbox-secret', ...fields }
      const body = new URLSearchParams(Object.entries(form).filter(([, value]) => value !== ''))
      return read(await fetch(`${origin}/api/v3/oauth2/token`, { method: 'POST', body }))
    },
    page(query = '') {
      const window = `ordersUpdatedSince=${iso(clock.now() - 30 * DAY)}&until=${iso(clock.now() - 6 * SECOND)}`
      return call('GET', `/order/page?${window}${query}`)
    },
    order: async (orderId) => (await call('GET', `/order/?orderKey=dscoOrderId&value=${orderId}`)).body,
    item: async (sku) => (await call('GET', `/inventory?itemKey=sku&value=${encodeURIComponent(sku)}`)).body,
    log,
    async settled(kind, path, batch) {
      const { body } = await call('POST', path, batch)
      clock.advance(MINUTE)
      return (await log(kind, body.requestId)).logs
    },
    pass: (ms) => clock.advance(ms),
    act: (action, argument) => sandbox.act('dsco', action, argument),
    books,
    bookOf: (orderId) => books().orders.find((order: Json) => order.order_id === orderId),
    stockOf: (sku) => books().items.find((item: Json) => item.sku === sku),
  }
}

async function read(reply: Response): Promise<Answer> {
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** One order's package, as ShipmentsForUpdate. */
export function parcel(orderId: string, tracking: string, lines: readonly object[], more: object = {}): object {
  return {
    dscoOrderId: orderId,
    shipments: [
      { trackingNumber: tracking, shipCarrier: 'UPS', shipMethod: 'Ground', shipDate: iso(NOW), lineItems: lines, ...more },
    ],
  }
}
