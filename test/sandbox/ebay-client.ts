import { XMLParser } from 'fast-xml-parser'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const DAY = 86_400_000
export const ORDERS = '/sell/fulfillment/v1/order'
export const STOCK = '/sell/inventory/v1'

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects in a reply
export type Json = any

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** JSON as it is, XML as an object of texts. */
  readonly body: Json
  readonly text: string
}

export interface Client {
  readonly sandbox: Sandbox
  /** A token reply; fields over the good ones, an empty one is left out. */
  token(fields?: Readonly<Record<string, string>>, basic?: string): Promise<Answer>
  /** With a token that is fetched once; the body is what stands inside the request element. */
  trading(call: string, inside: string, headers?: Readonly<Record<string, string | undefined>>): Promise<Answer>
  rest(method: string, path: string, body?: unknown, token?: string): Promise<Answer>
  /** GetOrders of all that changed in the last 30 days, unless the test says otherwise. */
  orders(inside?: string): Promise<Json>
  seed(document: unknown): void
  act(action: string, argument?: unknown): Json
  books(): Json
  /** One order's or one listing's page of the books. */
  bookOf(orderId: string): Json
  liveOf(sku: string): number | null
}

const parser = new XMLParser({ parseTagValue: false, htmlEntities: true, ignoreAttributes: true, isArray: isList })

function isList(name: string): boolean {
  return ['Order', 'Transaction', 'Errors', 'ShipmentTrackingDetails', 'InventoryStatus', 'ErrorParameters'].includes(name)
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** A sandbox whose clock stands still, and a client for its eBay. */
export async function openEbay(seed: unknown = {}): Promise<Client> {
  const sandbox = await startSandbox({ clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('ebay', seed)
  const origin = sandbox.origins.ebay
  let own: string | undefined

  const token: Client['token'] = async (fields = {}, basic = 'sandbox-app:sandbox-cert') => {
    const form = { grant_type: 'refresh_token', refresh_token: 'sandbox-refresh', ...fields }
    const body = new URLSearchParams(Object.entries(form).filter(([, value]) => value !== ''))
    const headers = { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }
    return read(await fetch(`${origin}/identity/v1/oauth2/token`, { method: 'POST', body, headers }))
  }
  async function ownToken(): Promise<string> {
    own ??= (await token()).body.access_token as string
    return own
  }
  const trading: Client['trading'] = async (call, inside, headers = {}) => {
    const sent = {
      'content-type': 'text/xml',
      'x-ebay-api-call-name': call,
      'x-ebay-api-siteid': '0',
      'x-ebay-api-compatibility-level': '1423',
      'x-ebay-api-iaf-token': 'x-ebay-api-iaf-token' in headers ? '' : await ownToken(),
      ...headers,
    }
    const given = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const body = `<?xml version="1.0" encoding="utf-8"?><${call}Request xmlns="urn:ebay:apis:eBLBaseComponents">${inside}</${call}Request>`
    return read(await fetch(`${origin}/ws/api.dll`, { method: 'POST', headers: Object.fromEntries(given), body }))
  }
  const books = (): Json => sandbox.books('ebay')
  return {
    sandbox,
    token,
    trading,
    async rest(method, path, body, used) {
      const headers = { authorization: `Bearer ${used ?? (await ownToken())}`, 'accept-language': 'en-US' }
      const json = body === undefined ? {} : { 'content-type': 'application/json' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      return read(await fetch(`${origin}${path}`, { method, headers: { ...headers, ...json }, ...sent }))
    },
    async orders(inside = `<ModTimeFrom>${iso(NOW - 29 * DAY)}</ModTimeFrom>`) {
      return (await trading('GetOrders', inside)).body
    },
    seed: (document) => sandbox.seed('ebay', document),
    act: (action, argument) => sandbox.act('ebay', action, argument),
    books,
    bookOf: (orderId) => books().orders.find((order: Json) => order.paid_id === orderId),
    liveOf: (sku) => books().listings.find((listing: Json) => listing.sku === sku).live,
  }
}

async function read(reply: Response): Promise<Answer> {
  const text = await reply.text()
  const type = reply.headers.get('content-type') ?? ''
  const answer = { status: reply.status, headers: reply.headers, text }
  if (/json/.test(type)) return { ...answer, body: JSON.parse(text) }
  if (!/xml/.test(type)) return { ...answer, body: undefined }
  const [[, root] = []] = Object.entries(parser.parse(text.replace(/^<\?xml[^>]*\?>/, '')) as Json)
  return { ...answer, body: root }
}
