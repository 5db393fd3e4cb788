import { createHmac, randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type Server, request as send } from 'node:http'
import { join } from 'node:path'
import type { MailServer } from '../alerts/mail-server.ts'
import type { TestDatabase } from './databases.ts'
import { freePort } from './free-port.ts'
import { type Ran, type Started, startWorld, type World } from './loop.ts'
import { moreChannels } from './more-channels.ts'

/** A whole town on one database: five channels, two `isync serve` behind one proxy, webhooks of every sender that has some, a mailbox. */
export interface DayTown extends World {
  readonly hooks: Readonly<Record<'SS_HOOK' | 'ZOHO_HOOK' | 'EBAY_HOOK' | 'AMZ_HOOK' | 'ORDERS_HOOK', string>>
  /** Where all senders send to. */
  readonly front: string
  readonly serves: readonly Serve[]
  readonly mails: MailServer
  /** The shop's own script tells of an order of mirakl-macys, once; nobody waits for the answer. */
  pushOrder(orderId: string): void
  /** How those were answered; 0: not at all. */
  readonly pushes: readonly number[]
}

/** One `isync serve`, which is started again after whatever ended it. */
export interface Serve {
  readonly name: string
  start(): Promise<void>
  /** Null: it had ended already. */
  signal(name: NodeJS.Signals): void
  /** SIGTERM, and waits. The exit code. */
  stop(): Promise<number | null>
  readonly isUp: () => boolean
  /** Everything that its processes logged. */
  log(): string
  /** How its processes ended, in order: exit codes and signals. */
  readonly ends: readonly string[]
}

export const SKUS = 40

export function daySku(n: number): string {
  return `SKU-${String(n + 1).padStart(6, '0')}`
}

/** Real milliseconds until a client gives up an answer. Long enough that a busy machine is not taken for a dead vendor. */
const PATIENCE = 'timeout: 10s'

/** `scale`: virtual milliseconds per real one while something is at work. */
export async function openDayTown(database: TestDatabase, mails: MailServer, scale: number): Promise<DayTown> {
  const [front, ...ports] = await Promise.all([freePort(), freePort(), freePort()])
  const hooks = {
    SS_HOOK: randomBytes(32).toString('hex'),
    ZOHO_HOOK: randomBytes(16).toString('hex'),
    EBAY_HOOK: randomBytes(32).toString('hex'),
    AMZ_HOOK: randomBytes(32).toString('hex'),
    ORDERS_HOOK: `whsec_${randomBytes(32).toString('base64')}`,
  }
  const world = await startWorld(database, {
    scale,
    also: moreChannels,
    config: {
      ...{ amazon: PATIENCE, mirakl: PATIENCE, ebay: PATIENCE, dsco: PATIENCE, zoho: PATIENCE },
      channeladvisor: `${PATIENCE}\nupdate_type: Available\ncarriers: { UPS: 'UPS/Ground' }`,
      shipstation: `${PATIENCE}\npush_timeout: 10s`,
      top: topOf(`http://127.0.0.1:${front}`, mails.port),
    },
  })
  const secrets = Object.entries(hooks).map(([name, value]) => `${name}=${value}\n`)
  appendFileSync(join(world.folder, '.env'), secrets.join(''))
  seedGoods(world)
  const serves = ports.map((port, n) => serveOf(world, `serve ${n + 1}`, port))
  const proxy = await startProxy(front ?? 0, ports)
  const pushes: number[] = []
  return {
    ...world,
    hooks,
    front: `http://127.0.0.1:${front}`,
    serves,
    mails,
    pushes,
    pushOrder(orderId) {
      const request = signedPush(`push-${orderId}`, orderId, hooks.ORDERS_HOOK, world.clock.now())
      fetch(`http://127.0.0.1:${front}/webhooks/orders/mirakl-macys`, request).then(
        ({ status }) => pushes.push(status),
        () => pushes.push(0),
      )
    },
    async close() {
      await new Promise<void>((done) => {
        proxy.close(() => done())
        proxy.closeAllConnections()
      })
      await world.close()
    },
  }
}

function topOf(publicUrl: string, mailPort: number): string {
  return `log_level: info
serve: { public_url: '${publicUrl}', trusted_proxies: [127.0.0.1] }
webhooks:
  shipstation: { token: '\${SS_HOOK}' }
  zoho: { secret: '\${ZOHO_HOOK}' }
  ebay: { verification_token: '\${EBAY_HOOK}' }
  amazon: { key: '\${AMZ_HOOK}' }
  orders: { mirakl-macys: '\${ORDERS_HOOK}' }
alerts:
  email: { host: 127.0.0.1, port: ${mailPort}, security: none, from: isync@seller.example, to: [ops@seller.example] }
`
}

/** The same goods everywhere. Zoho and the vendors' limits are as they are: only the day's share of a free Zoho plan would not do. */
function seedGoods({ sandbox }: World): void {
  const goods = { sku: 'SKU-{n:6}', count: SKUS, quantity: 99 }
  const each = Array.from({ length: SKUS }, (_, n) => n)
  sandbox.seed('amazon', { listings: [goods] })
  sandbox.seed('mirakl', { offers: [goods] })
  sandbox.seed('ebay', {
    listings: each.map((n) => ({ sku: daySku(n), quantity: 99, model: n % 2 === 0 ? 'trading' : 'inventory' })),
  })
  sandbox.seed('dsco', { items: each.map((n) => ({ sku: daySku(n), quantity: 99 })) })
  sandbox.seed('channeladvisor', { products: [goods] })
  sandbox.seed('shipstation', { hook_on_marks: true })
  sandbox.seed('zoho', { generate: { count: SKUS, stock: [600, 300, 150, 60, 20] } })
}

function signedPush(id: string, orderId: string, secret: string, now: number): RequestInit {
  const body = JSON.stringify({ order_id: orderId })
  const timestamp = String(Math.floor(now / 1000))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const own = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  return { method: 'POST', headers: { 'content-type': 'application/json', ...own }, body }
}

/** Who has to be told where to send; ShipStation is told by isync itself. */
export async function subscribeAll({ sandbox, hooks, front, isync }: DayTown): Promise<Ran> {
  sandbox.act('zoho', 'webhooks', { hooks: [{ url: `${front}/webhooks/zoho`, secret: hooks.ZOHO_HOOK }] })
  sandbox.act('ebay', 'destination', { url: `${front}/webhooks/ebay`, verification_token: hooks.EBAY_HOOK })
  sandbox.act('amazon', 'forwarder', {
    url: `${front}/webhooks/amazon`,
    key: hooks.AMZ_HOOK,
    form: 'lambda',
    new_orders: true,
  })
  return isync(['webhooks:subscribe', '--json'])
}

function serveOf(world: World, name: string, port: number): Serve {
  const ends: string[] = []
  const logs: string[] = []
  let running: Started | undefined
  return {
    name,
    ends,
    isUp: () => running !== undefined,
    log: () => logs.join('\n'),
    async start() {
      const started = world.start(['serve', '--port', String(port)])
      running = started
      void started.ended.then((ran) => {
        if (running === started) running = undefined
        ends.push(ran.signal ?? `exit ${ran.code}`)
        logs.push(ran.stdout, ran.stderr)
      })
      await started.said('"msg":"ready"')
    },
    signal: (signal) => running?.kill(signal),
    async stop() {
      const stopping = running
      stopping?.kill('SIGTERM')
      return (await stopping?.ended)?.code ?? null
    },
  }
}

/** Takes turns between those behind it; one that does not answer is passed over, and with none left it says 502. */
async function startProxy(port: number, behind: readonly number[]): Promise<Server> {
  let turn = 0
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      turn += 1
      const order = behind.map((_, n) => behind[(turn + n) % behind.length] ?? 0)
      pass(order, Buffer.concat(chunks))
    })
    function pass([next, ...others]: readonly number[], body: Buffer): void {
      if (next === undefined) {
        outgoing.writeHead(502).end()
        return
      }
      const headers = { ...incoming.headers, 'x-forwarded-for': '203.0.113.7' }
      let isAnswered = false
      const onward = send({ host: '127.0.0.1', port: next, path: incoming.url, method: incoming.method, headers }, (answer) => {
        isAnswered = true
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
        answer.on('error', () => outgoing.destroy())
      })
      onward.on('error', (error: NodeJS.ErrnoException) => {
        // Only a request that was never taken goes to the other one, as proxies do with POST.
        if (error.code === 'ECONNREFUSED') pass(others, body)
        else if (isAnswered) outgoing.destroy()
        else outgoing.writeHead(502).end()
      })
      onward.end(body)
    }
  })
  await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done))
  return proxy
}
