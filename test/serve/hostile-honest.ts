import { Agent, request } from 'node:http'
import { type Besieged, genuine, type Message, PROXY, type Sender, senders } from './hostile-world.ts'

const EVERY_MS = 50
/** Each sender has an address of its own on the other side of the proxy. */
const addresses: Readonly<Record<Sender, string>> = {
  shipstation: '203.0.113.1',
  zoho: '203.0.113.2',
  ebay: '203.0.113.3',
  amazon: '203.0.113.4',
  orders: '203.0.113.5',
}

export interface Sent {
  readonly sender: Sender
  readonly n: string
  /** 0: no answer. */
  readonly status: number
  readonly ms: number
}

export interface HonestSender {
  /** Sends nothing more and resolves when everything was answered. */
  stop(): Promise<readonly Sent[]>
}

/** Sends twenty messages a second, of every sender in turn, whether or not the ones before are answered. */
export function startHonest({ port, proofs, world }: Pick<Besieged, 'port' | 'proofs' | 'world'>): HonestSender {
  const agent = new Agent({ keepAlive: true })
  const underWay: Promise<Sent>[] = []
  const timer = setInterval(() => {
    const n = underWay.length
    const sender = senders[n % senders.length]
    if (sender !== undefined) underWay.push(one(sender, `good-${n}`))
  }, EVERY_MS)

  async function one(sender: Sender, id: string): Promise<Sent> {
    const message = genuine[sender](proofs, id, world.clock.now())
    const began = performance.now()
    const status = await post(agent, port, message, { 'x-forwarded-for': addresses[sender] })
    return { sender, n: id, status, ms: performance.now() - began }
  }

  return {
    async stop() {
      clearInterval(timer)
      const sent = await Promise.all(underWay)
      agent.destroy()
      return sent
    },
  }
}

/** Through the proxy. Resolves with the status; 0 where there is none. */
export function post(
  agent: Agent,
  port: number,
  { path, headers, body }: Message,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const size = { 'content-length': String(body.length) }
    const options = { host: '127.0.0.1', port, localAddress: PROXY, method: 'POST', path, agent }
    const asking = request({ ...options, headers: { ...headers, ...size, ...more } }, (response) => {
      response.resume()
      response.on('close', () => resolve(response.statusCode ?? 0))
    })
    asking.on('error', () => resolve(0))
    asking.end(body)
  })
}
