import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Addresses of this machine that no part of isync has any business with. */
const HOSTS = ['127.0.0.1', '127.0.0.2', '::1'] as const

export interface Honeypot {
  /** The one port that is listened on at every one of the addresses. */
  readonly port: number
  /** Connections that came, with the address that they came to. */
  readonly visits: readonly string[]
  close(): Promise<void>
}

/** Listens where hostile messages point to. */
export async function startHoneypot(): Promise<Honeypot> {
  const visits: string[] = []
  const servers: Server[] = []
  let port = 0
  for (const host of HOSTS) {
    const server = createServer((socket) => {
      visits.push(host)
      socket.destroy()
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    port = address.port
    servers.push(server)
  }
  return {
    port,
    visits,
    close: async () => void (await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))),
  }
}

export interface Outward {
  /** `host:port` of every connection, without repeats. */
  readonly targets: readonly string[]
  /** Names that were looked up. */
  readonly names: readonly string[]
  /** Programs that were started. */
  readonly programs: readonly string[]
}

/** What the preloaded watch (outward.mjs) wrote of one program. Throws when it watched nobody. */
export function readOutward(file: string): Outward {
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { to?: string; name?: string; program?: string; watches?: number })
  if (!entries.some(({ watches }) => watches !== undefined)) throw new Error('nothing was watched')
  const distinct = (pick: (entry: (typeof entries)[number]) => string | undefined) => [
    ...new Set(entries.flatMap((entry) => pick(entry) ?? [])),
  ]
  return { targets: distinct(({ to }) => to), names: distinct(({ name }) => name), programs: distinct(({ program }) => program) }
}
