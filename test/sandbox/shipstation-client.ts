import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

/** 12:00 in Los Angeles, PST. */
export const START = Date.UTC(2026, 10, 21, 20)

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects in a reply
export type Json = any

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

export interface ShipStationClient {
  readonly sandbox: Sandbox
  call(method: string, path: string, body?: unknown, authorization?: string): Promise<Reply>
  get(path: string): Promise<Reply>
  createOrders(...orders: readonly unknown[]): Promise<Reply>
  act(action: string, argument: unknown): Json
  books(): Json
}

export function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`
}

/** A sandbox whose clock stands still at START and whose ShipStation has no call limit. */
export async function startShipStation(): Promise<ShipStationClient> {
  const sandbox = await startSandbox({ clock: createClock({ start: START, scale: 0 }) })
  sandbox.seed('shipstation', { rate_limit: 0 })

  async function call(
    method: string,
    path: string,
    body?: unknown,
    authorization = basic('sandbox-key', 'sandbox-secret'),
  ): Promise<Reply> {
    const init = { method, headers: { authorization, 'content-type': 'application/json' } }
    const url = `${sandbox.origins.shipstation}${path}`
    const reply = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) })
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) }
  }

  return {
    sandbox,
    call,
    get: (path) => call('GET', path),
    createOrders: (...orders) => call('POST', '/orders/createorders', orders),
    act: (action, argument) => sandbox.act('shipstation', action, argument),
    books: () => sandbox.books('shipstation'),
  }
}

/** An order for three lines, the last of them a discount. */
export function order(number: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    orderNumber: number,
    orderKey: `amazon:${number}`,
    orderDate: '2026-11-20 09:30:00',
    orderStatus: 'awaiting_shipment',
    customerEmail: 'buyer@example.com',
    billTo: { name: 'Bill Payer' },
    shipTo: {
      name: 'Ada Sample',
      street1: '1 Invented Way',
      city: 'Springfield',
      state: 'IL',
      postalCode: '62701',
      country: 'US',
      phone: '555-0100',
    },
    items: [
      { lineItemKey: 'L1', sku: 'SKU-1', name: 'Mug', quantity: 2, unitPrice: 9.99 },
      { lineItemKey: 'L2', sku: 'SKU-2', name: 'Cap', quantity: 1, unitPrice: 5.1 },
      { sku: 'PROMO', name: 'Discount', quantity: 1, unitPrice: -1.5, adjustment: true },
    ],
    taxAmount: 1.25,
    shippingAmount: 4,
    advancedOptions: { storeId: 20002, customField1: number },
    ...changes,
  }
}
