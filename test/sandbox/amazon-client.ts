import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

export const US = 'ATVPDKIKX0DER'
export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const YEAR = '2026-01-01T00:00:00Z'
export const ID = '111-2222222-3333333'
export const OTHER = '111-2222222-4444444'
export const ALL_DATA =
  'BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS'
export const LINES = [
  { order_item_id: 'A', sku: 'SKU-A', quantity: 2, unit_price: '12.50', tax: '1.75', discount: '2.00', shipping: '4.99' },
  { order_item_id: 'B', sku: 'SKU-B', quantity: 1, unit_price: '3.10', gift: { message: 'Enjoy', wrap: 'CLASSIC' } },
]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the wire as it is
  readonly body: any
}

export interface Client {
  readonly sandbox: Sandbox
  readonly origin: string
  readonly token: string
  get(path: string, query?: Readonly<Record<string, string>>, token?: string): Promise<Answer>
  post(path: string, body: unknown, token?: string): Promise<Answer>
  confirm(
    orderId: string,
    packageDetail: Readonly<Record<string, unknown>>,
    more?: Readonly<Record<string, unknown>>,
  ): Promise<Answer>
  search(query: Readonly<Record<string, string>>, token?: string): Promise<Answer>
  exchange(fields: Readonly<Record<string, string>>): Promise<Answer>
}

export const GRANT = {
  grant_type: 'refresh_token',
  refresh_token: 'sandbox-refresh',
  client_id: 'sandbox-client',
  client_secret: 'sandbox-secret',
}

/** A sandbox whose clock stands still, with a token in hand. */
export async function openAmazon(seed: unknown = {}): Promise<Client> {
  const sandbox = await startSandbox({ clock: createClock({ start: NOW, scale: 0 }) })
  const origin = sandbox.origins.amazon
  sandbox.seed('amazon', seed)
  const exchange = (fields: Readonly<Record<string, string>>) =>
    ask(`${origin}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(fields) })
  const token: string = (await exchange(GRANT)).body.access_token
  const get: Client['get'] = (path, query = {}, used = token) =>
    ask(`${origin}${path}?${new URLSearchParams(query)}`, { headers: { 'x-amz-access-token': used } })
  const post: Client['post'] = (path, body, used = token) =>
    ask(`${origin}${path}`, {
      method: 'POST',
      headers: { 'x-amz-access-token': used, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    sandbox,
    origin,
    token,
    get,
    post,
    exchange,
    search: (query, used = token) => get('/orders/2026-01-01/orders', query, used),
    confirm: (orderId, packageDetail, more = {}) =>
      post(`/orders/v0/orders/${orderId}/shipmentConfirmation`, { marketplaceId: US, packageDetail, ...more }),
  }
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** A package that is good but for what the test changes. */
export function parcel(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    packageReferenceId: '101',
    carrierCode: 'UPS',
    shippingMethod: 'UPS Ground',
    trackingNumber: '1Z0000000000000001',
    shipDate: '2026-11-21T14:00:00Z',
    orderItems: [{ orderItemId: 'A', quantity: 1 }],
    ...changes,
  }
}
