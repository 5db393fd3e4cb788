import { Agent } from 'node:https'
import { connect as connectPlain, type Socket } from 'node:net'
import { release, type } from 'node:os'
import { connect as connectTls } from 'node:tls'
import * as z from 'zod'
import type { Transport, VendorAnswer } from '../../core/ports/gate.ts'
import type { AmazonSettings } from './settings.ts'

/** One call in the words of the package: `orders.searchOrders` in version `2026-01-01`. */
export interface SdkRequest {
  readonly sdk: `${'orders' | 'sellers' | 'tokens' | 'listingsItems' | 'feeds' | 'reports'}.${string}`
  readonly version: string
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
}

type Sdk = typeof import('amazon-sp-api')

/** Loading the package costs 100 ms or more, so only a run that talks to Amazon pays for it. */
export async function loadSdk(): Promise<Sdk> {
  const loaded = await import('amazon-sp-api')
  // Bundled, a CommonJS package has its names on `default` alone.
  return 'SellingPartner' in loaded ? loaded : (loaded as { readonly default: Sdk }).default
}

export const userAgent = `isync/0.1 (Language=Node.js/${process.version}; Platform=${type()}/${release()})`

/**
 * One request through the package with everything clever about it switched off: it would retry without limit, exchange tokens by
 * itself and take error pages for success (contract section 9). Each call has its own client and its own connection, so that no
 * state is carried over and the connection can be ended with the call.
 *
 * The package's timers stay unused: it leaves the one for the first byte running after a 204 or a refused connection, which
 * would keep the process alive. The signal covers the whole call.
 */
export function sdkTransport(sdk: Sdk, settings: AmazonSettings, token: string, request: SdkRequest): Transport {
  return async (signal) => {
    const line = openLine(settings.endpoint, signal)
    const partner = new sdk.SellingPartner({
      region: settings.region,
      refresh_token: settings.credentials.refreshToken,
      access_token: token,
      credentials: {
        SELLING_PARTNER_APP_CLIENT_ID: settings.credentials.clientId,
        SELLING_PARTNER_APP_CLIENT_SECRET: settings.credentials.clientSecret,
      },
      endpoints_versions: { orders: settings.ordersApi },
      options: {
        auto_request_tokens: false,
        auto_request_throttled: false,
        version_fallback: false,
        retry_remote_timeout: false,
        debug_log: false,
        use_sandbox: settings.sandbox,
        user_agent: userAgent,
        https_proxy_agent: line.agent,
      },
    })
    // The package writes into its argument, so every object in it is a copy.
    const call: Promise<unknown> = partner.callAPI({
      operation: request.sdk,
      options: { version: request.version, raw_result: true },
      ...(request.path === undefined ? {} : { path: { ...request.path } }),
      ...(request.query === undefined ? {} : { query: { ...request.query } }),
      ...(request.body === undefined ? {} : { body: structuredClone(request.body) }),
    })
    return answerOf(await Promise.race([call.catch(wordless), line.broken]))
  }
}

/** Errors of the package's own making may quote a whole answer: only their code goes on. Those of the network pass as they are. */
function wordless(error: unknown): never {
  const own = ownError.safeParse(error)
  if (!own.success) throw error
  const { code } = own.data
  throw Object.assign(new Error('the package gave up on the call'), { code: /^\w{1,60}$/.test(code) ? code : 'SDK_ERROR' })
}

const ownError = z.object({ type: z.literal('error'), code: z.string() })

const rawAnswer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  chunks: z.array(z.instanceof(Uint8Array)),
})

/** The package's `body` is damaged wherever a character lies across a chunk border; the chunks are not. */
function answerOf(raw: unknown): VendorAnswer {
  const { statusCode, headers, chunks } = rawAnswer.parse(raw)
  const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])
  return { status: statusCode, headers: Object.fromEntries(flat), body: Buffer.concat(chunks) }
}

interface Line {
  readonly agent: Agent
  /** Rejects when the connection ends: the package waits for ever for the rest of an answer that was cut. */
  readonly broken: Promise<never>
}

/** An agent for one connection; with an `endpoint` it leads there, whatever host the package asks for. */
function openLine(endpoint: string | undefined, signal: AbortSignal): Line {
  const agent = new Agent({ keepAlive: false })
  const connectToAmazon = agent.createConnection.bind(agent)
  const broken = new Promise<never>((_, reject) => {
    agent.createConnection = (options, callback) => {
      const socket = endpoint === undefined ? connectToAmazon(options, callback) : connectTo(new URL(endpoint))
      signal.addEventListener('abort', () => {
        reject(signal.reason)
        socket?.destroy()
      })
      // After the answer's own end, which settles the call first.
      socket?.once('close', () =>
        setImmediate(() => reject(Object.assign(new Error('connection ended'), { code: 'ECONNRESET' }))),
      )
      return socket
    }
  })
  broken.catch(() => undefined)
  return { agent, broken }
}

function connectTo(origin: URL): Socket {
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  if (origin.protocol === 'http:') return connectPlain({ host, port: Number(origin.port || 80) })
  return connectTls({ host, port: Number(origin.port || 443), servername: host, ALPNProtocols: ['http/1.1'] })
}
