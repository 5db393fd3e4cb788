import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

export const START = Date.parse('2026-11-01T10:00:00.250Z')
export const MINUTE = 60_000

/** The fields that are read one by one below; the whole shape is held against the models elsewhere. */
export interface OrderBody {
  readonly order_id: string
  readonly order_state: string
  readonly created_date: string
  readonly last_updated_date: string
  readonly customer_debited_date: string
  readonly shipping_tracking_url: string | null
  readonly customer: { readonly shipping_address: object | null }
  readonly order_lines: readonly { readonly order_line_state: string }[]
}

interface ItemBody {
  readonly id: string
  readonly order_id: string
  readonly last_updated_date: string | null
  readonly shipment_lines: readonly { readonly quantity: number }[]
}

interface Body {
  readonly message: string
  readonly code: string
  readonly orders: readonly OrderBody[]
  readonly total_count: number
  readonly data: readonly ItemBody[]
  readonly next_page_token?: string
  readonly carriers: readonly { readonly code: string }[]
  readonly shipment_success: readonly ItemBody[]
  readonly shipment_errors: readonly { readonly order_id: string; readonly message: string }[]
}

export interface Book {
  readonly order_id: string
  readonly state: string
  readonly lines: readonly object[]
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export interface Client {
  readonly sandbox: Sandbox
  readonly call: (method: string, path: string, body?: unknown, key?: string) => Promise<Answer>
  readonly get: (path: string, key?: string) => Promise<Answer>
  /** One order through OR11. */
  readonly orderOf: (orderId: string) => Promise<OrderBody>
  readonly bookOf: (orderId: string) => Book
}

/** A sandbox whose clock stands still, without rate limits, and a client for its Mirakl. */
export async function startMirakl(): Promise<Client> {
  const sandbox = await startSandbox({ clock: createClock({ start: START, scale: 0 }) })
  sandbox.seed('mirakl', { rate_limits: false })

  async function call(method: string, path: string, body?: unknown, key = 'sandbox-key'): Promise<Answer> {
    const reply = await fetch(`${sandbox.origins.mirakl}${path}`, {
      method,
      headers: { authorization: key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const raw = await reply.text()
    return { status: reply.status, headers: reply.headers, body: (raw === '' ? undefined : JSON.parse(raw)) as Body }
  }

  const get = (path: string, key?: string) => call('GET', path, undefined, key)

  async function orderOf(orderId: string): Promise<OrderBody> {
    return (await get(`/api/orders?order_ids=${encodeURIComponent(orderId)}`)).body.orders[0]!
  }

  function bookOf(orderId: string): Book {
    const books = sandbox.books('mirakl') as { orders: Book[] }
    return books.orders.find((order) => order.order_id === orderId)!
  }

  return { sandbox, call, get, orderOf, bookOf }
}

export function shipmentOf(orderId: string, lines: readonly (readonly [string, number])[], extra: object = {}): object {
  return {
    order_id: orderId,
    shipment_lines: lines.map(([order_line_id, quantity]) => ({ order_line_id, quantity })),
    shipped: true,
    tracking: { carrier_code: 'UPS', tracking_number: `1Z-${orderId}` },
    ...extra,
  }
}
