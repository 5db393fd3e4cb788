import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestDatabase } from '../world/databases.ts'
import { freePort } from '../world/free-port.ts'
import type { Ran, Started } from '../world/loop.ts'
import { openStockWorld, type StockWorld } from '../world/stock-world.ts'

const SIGNED = randomBytes(32)
const hooks = {
  SS_HOOK: randomBytes(32).toString('hex'),
  ZOHO_HOOK: randomBytes(16).toString('hex'),
  AMZ_HOOK: randomBytes(32).toString('hex'),
  /** Before the load, when time goes faster than it should for a short one. */
  LEASE: '2m',
  ORDERS_HOOK: `whsec_${SIGNED.toString('base64')}`,
}

const sections = `lease: \${LEASE}
serve: { max_backlog: 100000 }
webhooks:
  shipstation: { token: '\${SS_HOOK}' }
  zoho: { secret: '\${ZOHO_HOOK}' }
  amazon: { key: '\${AMZ_HOOK}' }
  orders: { mirakl-macys: '\${ORDERS_HOOK}' }
`

/** One webhook to be sent. Of two with the same `id` the second is the first once more. */
export interface Hook {
  readonly provider: 'shipstation' | 'zoho' | 'amazon' | 'orders'
  readonly id: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How one webhook ended. */
export interface Sent {
  readonly n: number
  /** 0: never answered. */
  readonly status: number
  /** From the planned moment to the first answer, or to its failure. */
  readonly ms: number
  readonly tries: number
  /** How long after the planned moment the sender itself came to it. */
  readonly late: number
  readonly at: number
}

export interface Sender {
  /** `at`: ms from the sender's start; absent: now. The number by which {@link Sent.n} names it. */
  send(hook: Hook, at?: number): number
  readonly hooks: readonly Hook[]
  unanswered(): number
  /** No more is to be sent: everything that was, answered. */
  finished(): Promise<readonly Sent[]>
}

export interface LoadWorld extends StockWorld {
  /** Starts `isync serve` and waits until it listens, always at the same port. */
  serve(): Promise<Started>
  /** A command beside it. */
  cron(command: string): Promise<Ran>
  startSender(giveUpMs?: number): Sender
}

/** A shop of so many SKUs, and a server that may be sent to by every vendor that has a sender here. */
export async function openLoadWorld(database: TestDatabase, skus: number): Promise<LoadWorld> {
  const port = await freePort()
  const world = await openStockWorld(database, { count: skus, stock: [40] }, { config: { top: sections } })
  appendFileSync(
    join(world.folder, '.env'),
    Object.entries(hooks)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  return {
    ...world,
    async serve() {
      const server = world.start(['serve', '--port', String(port)], { LEASE: '60s' })
      await server.said('"msg":"ready"')
      return server
    },
    cron: (command) => world.isync([command, '--json']),
    startSender: (giveUpMs = 60_000) => startSender(port, giveUpMs),
  }
}

function startSender(port: number, giveUpMs: number): Sender {
  const script = resolve(import.meta.dirname, 'load-sender.mjs')
  const child = spawn(process.execPath, [script, String(port), String(giveUpMs)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const sent: Sent[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => sent.push(JSON.parse(line) as Sent))
  const ended = new Promise<void>((done, fail) => {
    child.on('error', fail)
    lines.on('close', done)
  })
  const all: Hook[] = []
  return {
    hooks: all,
    unanswered: () => all.length - sent.length,
    send(hook, at) {
      const { path, headers, body } = hook
      const n = all.push(hook) - 1
      child.stdin.write(`${JSON.stringify({ n, path, headers, body, ...(at === undefined ? {} : { at }) })}\n`)
      return n
    },
    async finished() {
      child.stdin.end()
      await ended
      return sent
    },
  }
}

/** A push of an order's number for mirakl-macys, signed now. */
export function orderPush(id: string, orderId: string, now: number): Hook {
  const body = JSON.stringify({ order_id: orderId })
  const timestamp = String(Math.floor(now / 1000))
  const signature = createHmac('sha256', SIGNED).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    provider: 'orders',
    id,
    path: '/webhooks/orders/mirakl-macys',
    headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    body,
  }
}

/** ORDER_CHANGE as whatever empties the queue forwards it. */
export function orderChange(id: string, orderId: string, now: number): Hook {
  const at = new Date(now).toISOString()
  const body = JSON.stringify({
    NotificationType: 'ORDER_CHANGE',
    EventTime: at,
    Payload: {
      OrderChangeNotification: {
        SellerId: 'A1SANDBOX',
        AmazonOrderId: orderId,
        OrderChangeTrigger: { TimeOfOrderChange: at },
        Summary: { MarketplaceId: 'ATVPDKIKX0DER', FulfillmentType: 'MFN', OrderStatus: 'Unshipped' },
      },
    },
    NotificationMetadata: { NotificationId: id },
  })
  return { provider: 'amazon', id, path: '/webhooks/amazon', headers: { 'x-isync-key': hooks.AMZ_HOOK }, body }
}

/** An item of Zoho's whose stock has changed; `event` makes it a message of its own. */
export function itemChange(event: string, itemId: string): Hook {
  const body = JSON.stringify({ event_id: event, item: { item_id: itemId } })
  const signature = createHmac('sha256', hooks.ZOHO_HOOK).update(body).digest('hex')
  return { provider: 'zoho', id: event, path: '/webhooks/zoho', headers: { 'x-zoho-webhook-signature': signature }, body }
}

/** Labels of one press of a button at ShipStation. */
export function labelsMade(origin: string, query: string): Hook {
  const body = JSON.stringify({ resource_url: `${origin}/shipments?${query}`, resource_type: 'SHIP_NOTIFY' })
  return { provider: 'shipstation', id: query, path: `/webhooks/shipstation/${hooks.SS_HOOK}`, headers: {}, body }
}
