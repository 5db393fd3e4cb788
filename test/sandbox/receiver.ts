import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came off the wire. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
}

export interface Answer {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Receiver {
  readonly origin: string
  readonly received: readonly Received[]
  close(): Promise<void>
}

/** Somebody on this machine who takes webhooks; 'never': does not answer. */
export async function startReceiver(
  answer: (request: Received) => Answer | 'never' = () => ({ status: 202 }),
): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming)
    received.push(request)
    const given = answer(request)
    if (given !== 'never') response.writeHead(given.status, given.headers).end(given.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

async function read(incoming: IncomingMessage): Promise<Received> {
  const at = Date.now()
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const [path = '', query = ''] = (incoming.url ?? '').split('?')
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
  return { method: incoming.method ?? '', path, query, headers, body: Buffer.concat(chunks).toString('utf8'), at }
}
