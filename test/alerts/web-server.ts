import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'

export interface Heard {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface WebServer {
  readonly origin: string
  readonly heard: readonly Heard[]
  /** As {@link heard}, with what was answered; `undefined` where nothing was. */
  readonly exchanges: readonly { readonly heard: Heard; readonly reply: Reply | undefined }[]
  stop(): Promise<void>
}

/** A real HTTP server on this machine, for one test. An answer `undefined` cuts the connection. */
export async function startWebServer(answer: (heard: Heard) => Reply | undefined): Promise<WebServer> {
  const exchanges: { readonly heard: Heard; readonly reply: Reply | undefined }[] = []
  const server = createServer(async (request, response) => {
    const heard = await read(request)
    const reply = answer(heard)
    exchanges.push({ heard, reply })
    if (reply === undefined) response.destroy()
    else response.writeHead(reply.status, { ...reply.headers }).end(reply.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  async function stop(): Promise<void> {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  onTestFinished(stop)
  return {
    origin: `http://127.0.0.1:${address.port}`,
    exchanges,
    get heard() {
      return exchanges.map(({ heard }) => heard)
    },
    stop,
  }
}

async function read(request: IncomingMessage): Promise<Heard> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const url = new URL(request.url ?? '/', 'http://here')
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks).toString(),
  }
}
