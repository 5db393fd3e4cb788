import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

/** 04:00 in Los Angeles; the day of the quota began at 18:30 UTC the evening before. */
export const START = Date.parse('2026-11-01T12:00:00.000Z')
export const MINUTE = 60_000
export const ORGANIZATION = '10234695'

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
  /** The whole token reply; fields over the good ones. */
  token(fields?: Readonly<Record<string, string>>): Promise<Answer>
  /** With a token that is fetched once, and the organization; `''` leaves either out. */
  get(
    path: string,
    query?: Readonly<Record<string, string>>,
    given?: { readonly token?: string; readonly organization?: string },
  ): Promise<Answer>
  items(query?: Readonly<Record<string, string>>): Promise<Answer>
  seed(document: unknown): void
  act(action: string, argument?: unknown): Json
  books(): Json
}

/** A sandbox whose clock stands still, without limits on calls, and a client for its Zoho. */
export async function startZoho(seed: unknown = {}): Promise<Client> {
  const sandbox = await startSandbox({ clock: createClock({ start: START, scale: 0 }) })
  sandbox.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 } })
  sandbox.seed('zoho', seed)
  const origin = sandbox.origins.zoho
  let own: string | undefined

  async function token(fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'sandbox-client',
      client_secret: 'sandbox-secret',
      refresh_token: 'sandbox-refresh',
      ...fields,
    })
    return read(await fetch(`${origin}/oauth/v2/token`, { method: 'POST', body }))
  }

  const get: Client['get'] = async (path, query = {}, { token: given, organization = ORGANIZATION } = {}) => {
    const search = new URLSearchParams({ ...(organization === '' ? {} : { organization_id: organization }), ...query })
    own ??= given === undefined ? ((await token()).body.access_token as string) : undefined
    const bearer = given ?? own ?? ''
    return read(
      await fetch(`${origin}/inventory/v1${path}?${search}`, {
        headers: bearer === '' ? {} : { authorization: `Zoho-oauthtoken ${bearer}` },
      }),
    )
  }

  return {
    sandbox,
    token,
    get,
    items: (query) => get('/items', query),
    seed: (document) => sandbox.seed('zoho', document),
    act: (action, argument) => sandbox.act('zoho', action, argument),
    books: () => sandbox.books('zoho'),
  }
}

async function read(reply: Response): Promise<Answer> {
  const text = await reply.text()
  const isJson = /^application\/json\b/.test(reply.headers.get('content-type') ?? '')
  return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : undefined, text }
}

export function skus(answer: Answer): readonly string[] {
  return answer.body.items.map((item: { sku: string }) => item.sku)
}
