import { createHmac, randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Market, markets, packedOrder, trackingOf } from '../world/all-channels.ts'
import type { TestDatabase } from '../world/databases.ts'
import { freePort } from '../world/free-port.ts'
import { type Started, startWorld, type World } from '../world/loop.ts'
import { moreChannels, withoutMoreLimits } from '../world/more-channels.ts'

const whsec = randomBytes(32)
const hooks = {
  HOOK_SHIPSTATION: randomBytes(24).toString('base64url'),
  HOOK_ZOHO: randomBytes(16).toString('hex'),
  HOOK_EBAY: randomBytes(24).toString('hex'),
  HOOK_AMAZON: randomBytes(24).toString('base64url'),
  HOOK_ORDERS: `whsec_${whsec.toString('base64')}`,
}

/** Who has no webhooks of its own: somebody's script tells of its orders. */
const told = { mirakl: 'mirakl-macys', dsco: 'rithum-acme', channeladvisor: 'rithum-ca' } as const

function isTold(market: Market): market is keyof typeof told {
  return market in told
}

/** Bought by everybody, and never counted anew. */
export const SOLD = 'SOLD-1'

/** SKU-000001 and so on: what somebody counts in Zoho, each once. */
export function countedSku(n: number): string {
  return `SKU-${String(n + 1).padStart(6, '0')}`
}

export interface LatencyWorld extends World {
  /** Starts `isync serve` and enters its addresses at every sender, until each is sent to. */
  serve(): Promise<Started>
  /** A buyer orders, and whoever tells of orders there tells it. */
  order(market: Market, n: number): Promise<string>
  /** The clerk makes the label of an order. */
  label(market: Market, orderId: string): string
  /** Somebody counts a SKU in Zoho. */
  count(sku: string, units: number): void
}

/** A channel of every type with the same SKUs on sale, ShipStation with its limit of calls, and time that goes as fast as ours. */
export async function openLatencyWorld(database: TestDatabase, counted: number): Promise<LatencyWorld> {
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const world = await startWorld(database, {
    scale: 20,
    also: moreChannels,
    config: { channeladvisor: 'update_type: Available', top: sections(port, base) },
  })
  appendFileSync(
    join(world.folder, '.env'),
    Object.entries(hooks)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  sell(world, [SOLD, ...Array.from({ length: counted }, (_, n) => countedSku(n))])
  const { sandbox, clock } = world
  return {
    ...world,
    async serve() {
      const server = world.start(['serve'])
      await server.said('"msg":"ready"')
      const subscribed = await world.isync(['webhooks:subscribe', '--json'])
      if (subscribed.code !== 0) throw new Error(`${subscribed.stdout}\n${subscribed.stderr}`)
      sandbox.act('zoho', 'webhooks', { hooks: [{ url: `${base}/webhooks/zoho`, secret: hooks.HOOK_ZOHO }] })
      sandbox.act('amazon', 'forwarder', { url: `${base}/webhooks/amazon`, key: hooks.HOOK_AMAZON })
      sandbox.act('ebay', 'destination', { url: `${base}/webhooks/ebay`, verification_token: hooks.HOOK_EBAY })
      await sandbox.settle()
      return server
    },
    async order(market, n) {
      const { id, document } = anOrder(market, n)
      sandbox.act(market, 'add-orders', [market === 'amazon' ? { ...document, visible_at: clock.now() } : document])
      if (isTold(market)) await tell(`${base}/webhooks/orders/${told[market]}`, id, clock.now())
      return id
    },
    label(market, orderId) {
      const order = packedOrder(world, market, orderId)
      if (order === undefined) throw new Error(`${market} ${orderId} is not in ShipStation`)
      const tracking = trackingOf(market, orderId, 1)
      const label = { tracking, carrier_code: 'ups_walleted', service_code: 'ups_ground' }
      sandbox.act('shipstation', 'ship', { order_id: order.order_id, packages: [label] })
      return tracking
    },
    count: (sku, units) => void sandbox.act('zoho', 'set-stock', { sku, stock: units }),
  }
}

/** Orders from before the server's time, `each` of every channel, as they will stand in ShipStation. */
export function orderBefore({ sandbox }: World, each: number): readonly { readonly market: Market; readonly id: string }[] {
  return Array.from({ length: each }, (_, n) => n).flatMap((n) =>
    markets.map((market) => {
      const { id, document } = anOrder(market, n)
      sandbox.act(market, 'add-orders', [document])
      return { market, id }
    }),
  )
}

function anOrder(market: Market, n: number): { readonly id: string; readonly document: object } {
  const lines = [{ sku: SOLD, quantity: 1 }]
  switch (market) {
    case 'amazon': {
      const id = `115-0000001-${String(n).padStart(7, '0')}`
      return { id, document: { order_id: id, items: lines } }
    }
    case 'mirakl': {
      const id = `L${n}-A`
      return { id, document: { order_id: id, state: 'SHIPPING', lines: [{ offer_sku: SOLD, quantity: 1 }] } }
    }
    case 'ebay': {
      const id = `22-00001-${String(n).padStart(5, '0')}`
      return { id, document: { order_id: id, lines } }
    }
    case 'dsco': {
      const id = String(9_007_199_256_000_000n + BigInt(n))
      return { id, document: { id, lines } }
    }
    case 'channeladvisor':
      return { id: String(22_000_000 + n), document: { order_id: 22_000_000 + n, lines } }
  }
}

function sell({ sandbox }: World, skus: readonly string[]): void {
  const listed = skus.map((sku) => ({ sku, quantity: 99 }))
  // How long a quantity takes from there to the buyers' pages is Amazon's matter.
  sandbox.seed('amazon', { listings: listed, stock: { live_after_ms: 0 } })
  sandbox.seed('mirakl', { offers: listed })
  // Old listings and new ones: each is written by its own API.
  sandbox.seed('ebay', { listings: listed.map((one, n) => ({ ...one, model: n % 2 === 0 ? 'trading' : 'inventory' })) })
  sandbox.seed('dsco', { items: listed })
  sandbox.seed('channeladvisor', { products: listed })
  sandbox.seed('zoho', { items: skus.map((sku) => ({ sku, stock: sku === SOLD ? 100_000 : 40 })) })
  sandbox.seed('shipstation', { hook_origin: 'own' })
  withoutMoreLimits(sandbox)
}

/** As Standard Webhooks 1.0 has it. */
async function tell(url: string, orderId: string, now: number): Promise<void> {
  const id = `push-${orderId}`
  const body = JSON.stringify({ order_id: orderId })
  const timestamp = String(Math.floor(now / 1000))
  const signature = createHmac('sha256', whsec).update(`${id}.${timestamp}.${body}`).digest('base64')
  const shown = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...shown }, body })
  if (status !== 202) throw new Error(`${url} answered ${status}`)
}

function sections(port: number, base: string): string {
  return `serve: { port: ${port}, public_url: "${base}" }
webhooks:
  shipstation: { token: '\${HOOK_SHIPSTATION}' }
  zoho: { secret: '\${HOOK_ZOHO}' }
  ebay: { verification_token: '\${HOOK_EBAY}' }
  amazon: { key: '\${HOOK_AMAZON}' }
  orders:
${Object.values(told)
  .map((channel) => `    ${channel}: '\${HOOK_ORDERS}'\n`)
  .join('')}`
}
