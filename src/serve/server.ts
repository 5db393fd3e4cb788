import { createServer } from 'node:http'
import { type AddressInfo, isIPv6, type Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Answering, createApp } from './app.ts'

export interface Listening {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Milliseconds for a request to arrive whole. */
  readonly requestTimeoutMs: number
}

export interface WebhookServer {
  /** `http://127.0.0.1:4680` */
  readonly origin: string
  /** Takes no more connections, answers what is under way and resolves; after `graceMs` it cuts what is left. */
  stop(graceMs: number): Promise<void>
}

/** Longer than the proxies in front keep theirs, so that it is never us who closes a connection that they are about to use. */
const KEEP_ALIVE_MS = 75_000
const MOST_CONNECTIONS = 4_096
const MOST_HEADER_BYTES = 16_384

/** Listens. Rejects when the address cannot be had. */
export async function startServer(listening: Listening, on: Answering): Promise<WebhookServer> {
  const { host, port, requestTimeoutMs } = listening
  const app = createApp(on)
  const listener = getRequestListener(app.fetch, {
    // Half of the program fetches from vendors: their Request and Response stay Node's own.
    overrideGlobalObjects: false,
    // What cannot even be read as a request, such as one to a host that is no name.
    errorHandler: () => {
      on.refused(undefined, 'shape')
      return new Response(null, { status: 400 })
    },
  })
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: MOST_HEADER_BYTES,
    requireHostHeader: true,
    joinDuplicateHeaders: true,
    noDelay: true,
  } as const
  const server = createServer(limits, listener)
  server.maxConnections = MOST_CONNECTIONS
  server.maxRequestsPerSocket = 10_000
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    on.refused(undefined, 'shape')
    answerBroken(error, socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // Out of file handles, say: whoever is connected is served on.
  server.on('error', (error: NodeJS.ErrnoException) =>
    on.log.error({ step: 'serve', error: error.code ?? error.name }, 'the server failed'),
  )
  const { port: bound } = server.address() as AddressInfo

  async function stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(cut)
    await on.inbox.idle()
  }

  return { origin: `http://${isIPv6(host) ? `[${host}]` : host}:${bound}`, stop }
}

/** What is no HTTP gets the status for it and no more. */
function answerBroken({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
