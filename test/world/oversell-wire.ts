import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SdkRequest } from '../../src/connectors/amazon/transport.ts'
import type { Transport } from '../../src/core/ports/gate.ts'
import type { SandboxReply, SandboxRequest } from '../../src/sandbox/stand-in.ts'
import { deliver, encode, readRequest } from '../../src/sandbox/wire.ts'

export const places = ['amazon', 'mirakl', 'zoho'] as const
export type Place = (typeof places)[number]

/** Whoever answers for the vendors. */
export type Answer = (place: Place, request: SandboxRequest) => Promise<SandboxReply>

/** Where the vendors are reached. */
export interface Wire {
  readonly origins: Readonly<Record<Place, string>>
  answer: Answer
  /** The vendors' time. */
  now: () => number
  close(): Promise<void>
}

const nobody: Answer = () => Promise.reject(new Error('nobody answers yet'))

/** Real servers on loopback. `answer` may be exchanged between two calls. */
export async function openSockets(): Promise<Wire> {
  const servers: Server[] = []
  const wire = {
    origins: { amazon: '', mirakl: '', zoho: '' },
    answer: nobody,
    now: Date.now,
    async close() {
      for (const server of servers) server.closeAllConnections()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
  for (const place of places) {
    const server = createServer(async (incoming, response) => {
      const request = await readRequest(incoming)
      if (request === undefined || request === 'too-long') return void response.destroy()
      await deliver(response, { how: 'reply', reply: await wire.answer(place, request) }, wire.now())
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    wire.origins[place] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return wire
}

const direct = new Map<string, readonly [Wire, Place]>()

/**
 * No sockets: what a connector hands over for sending is given to `answer` as it is. For many thousands of calls; the test has to put
 * {@link directFetch} in the place of fetch and {@link directSdk} in the place of Amazon's transport.
 */
export function openDirect(): Wire {
  const wire: Wire = {
    origins: { amazon: 'http://amazon.direct', mirakl: 'http://mirakl.direct', zoho: 'http://zoho.direct' },
    answer: nobody,
    now: Date.now,
    close: async () => direct.clear(),
  }
  for (const place of places) direct.set(wire.origins[place], [wire, place])
  return wire
}

async function hand(url: URL, method: string, headers: Headers, body: Buffer): Promise<ReturnType<typeof encode>> {
  const [wire, place] = direct.get(url.origin) ?? []
  if (wire === undefined || place === undefined) throw new Error(`nobody is reached at ${url.origin}`)
  const request = { method, path: url.pathname, query: url.searchParams, headers: Object.fromEntries(headers), body }
  return encode(await wire.answer(place, request))
}

export const directFetch: typeof fetch = async (input, init) => {
  const { method = 'GET', headers, body } = init ?? {}
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(String(body ?? ''))
  const reply = await hand(new URL(String(input)), method, new Headers(headers), bytes)
  return new Response(new Uint8Array(reply.body), { status: reply.status, headers: reply.headers })
}

const calls: Readonly<Record<string, (path: Readonly<Record<string, string>>) => readonly [method: string, path: string]>> = {
  'orders.searchOrders': () => ['GET', '/orders/2026-01-01/orders'],
  'listingsItems.searchListingsItems': ({ sellerId }) => ['GET', `/listings/2021-08-01/items/${sellerId}`],
  'listingsItems.patchListingsItem': ({ sellerId, sku }) => [
    'PATCH',
    `/listings/2021-08-01/items/${sellerId}/${encodeURIComponent(sku ?? '')}`,
  ],
}

/** What stands in for src/connectors/amazon/transport.ts. */
export const directSdk = {
  userAgent: 'isync/test',
  loadSdk: async () => ({}),
  sdkTransport(_sdk: unknown, { endpoint }: { readonly endpoint: string }, token: string, request: SdkRequest): Transport {
    return async () => {
      const [method, path] = calls[request.sdk]?.(request.path ?? {}) ?? []
      if (method === undefined || path === undefined) throw new Error(`not known here: ${request.sdk}`)
      const url = new URL(`${endpoint}${path}?${new URLSearchParams(request.query)}`)
      const headers = new Headers({ 'x-amz-access-token': token, 'content-type': 'application/json', 'user-agent': 'isync/test' })
      return hand(url, method, headers, Buffer.from(request.body === undefined ? '' : JSON.stringify(request.body)))
    }
  },
}
