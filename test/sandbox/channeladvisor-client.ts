import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const DAY = 86_400_000

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects in a reply
export type Json = any

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
  readonly text: string
}

export interface Client {
  readonly sandbox: Sandbox
  readonly origin: string
  /** A token reply; fields over the good ones. */
  token(fields?: Readonly<Record<string, string>>, basic?: string): Promise<Answer>
  /** Below /v1, or an absolute address; with a token that is fetched once an hour unless the test has one. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  /** IDs of all pages, following the links. */
  pages(path: string): Promise<readonly (readonly number[])[]>
  seed(document: unknown): void
  act(action: string, argument?: unknown): Json
  books(): Json
  bookOf(orderId: number): Json
  /** A product's page of the books. */
  shelf(sku: string): Json
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** A sandbox whose clock stands still, and a client for its ChannelAdvisor. */
export async function openChannelAdvisor(seed: unknown = {}): Promise<Client> {
  const sandbox = await startSandbox({ clock: createClock({ start: NOW, scale: 0 }) })
  sandbox.seed('channeladvisor', seed)
  const origin = sandbox.origins.channeladvisor
  let own: { readonly token: string; readonly at: number } | undefined

  const token: Client['token'] = async (fields = {}, basic = 'sandbox-app:sandbox-shared') => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'sandbox-refresh', ...fields })
    const headers = { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }
    return read(await fetch(`${origin}/oauth2/token`, { method: 'POST', body, headers }))
  }
  const call: Client['call'] = async (method, path, body, headers = {}) => {
    const at = sandbox.clock.now()
    if (own === undefined || at - own.at >= 60 * MINUTE) own = { token: (await token()).body.access_token, at }
    const type = body === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const address = path.startsWith('http') ? path : `${origin}/v1/${path}`
    return read(await fetch(address, { method, headers: { authorization: `Bearer ${own.token}`, ...type, ...headers }, ...sent }))
  }
  const books = (): Json => sandbox.books('channeladvisor')
  return {
    sandbox,
    origin,
    token,
    call,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    async pages(path) {
      const pages: number[][] = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const { body } = await call('GET', next)
        pages.push(body.value.map(({ ID }: Json) => ID))
        next = body['@odata.nextLink']
      }
      return pages
    },
    seed: (document) => sandbox.seed('channeladvisor', document),
    act: (action, argument) => sandbox.act('channeladvisor', action, argument),
    books,
    bookOf: (orderId) => books().orders.find((order: Json) => order.order_id === orderId),
    shelf: (sku) => books().products.find((product: Json) => product.sku === sku),
  }
}

async function read(reply: Response): Promise<Answer> {
  const text = await reply.text()
  const isJson = (reply.headers.get('content-type') ?? '').includes('json')
  return { status: reply.status, headers: reply.headers, text, body: isJson ? JSON.parse(text) : undefined }
}
