import { createServer, type ServerResponse } from 'node:http'

/** What a monitor was told: the path behind its address, which run, and the text. */
export interface Told {
  readonly method: string
  readonly path: string
  readonly rid: string | null
  readonly text: string
}

export interface TestMonitor {
  readonly origin: string
  /** In the order in which it came. */
  readonly told: Told[]
  close(): Promise<void>
}

/** A service like healthchecks.io, as far as it listens, on a port of this machine. */
export async function aMonitor(
  answer: (response: ServerResponse) => unknown = (response) => response.end('OK'),
): Promise<TestMonitor> {
  const told: Told[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url ?? '/', 'http://monitor')
    const rid = url.searchParams.get('rid')
    url.searchParams.delete('rid')
    told.push({ method: request.method ?? '', path: url.pathname + url.search, rid, text: String(Buffer.concat(chunks)) })
    answer(response)
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the monitor has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    told,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle())
        server.closeAllConnections()
      }),
  }
}
