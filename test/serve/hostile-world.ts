import { createHmac, randomBytes, sign } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { aKeyPair, type EbayKeys, type KeyPair, KID, startEbayKeys } from '../connectors/webhook-ebay-world.ts'
import type { TestDatabase } from '../world/databases.ts'
import { type Started, startWorld, type World } from '../world/loop.ts'

/** What each sender proves itself by. */
export interface Proofs {
  readonly token: string
  readonly zohoSecret: string
  readonly amazonKey: string
  /** `whsec_` and base64. */
  readonly ordersSecret: string
  readonly pair: KeyPair
}

export interface Besieged {
  readonly world: World
  readonly port: number
  readonly proofs: Proofs
  readonly ebay: EbayKeys
  readonly serve: Started
  /** Where the watch in the program writes what leaves it. */
  readonly outward: string
  /** Everything that must be in no log. */
  readonly secrets: readonly string[]
}

/** Whose X-Forwarded-For is believed. */
export const PROXY = '127.0.0.9'
export const ORDER = '111-0000001-0000001'
export const PUSHED = 'push-1'
export const ITEM = '4600000000001'
export const REQUEST_TIMEOUT_MS = 2_000
const PER_MINUTE = 2_400

/** A real `isync serve` that listens to all five senders, with a watch on whatever leaves it. */
export async function besiege(database: TestDatabase): Promise<Besieged> {
  const port = await freePort()
  const world = await startWorld(database, { also: ['ebay'], config: { top: sections(port) } })
  const pair = aKeyPair()
  const ebay = await startEbayKeys(pair)
  const proofs: Proofs = {
    token: randomBytes(24).toString('base64url'),
    zohoSecret: randomBytes(16).toString('hex'),
    amazonKey: randomBytes(24).toString('base64url'),
    ordersSecret: `whsec_${randomBytes(32).toString('base64')}`,
    pair,
  }
  const more = {
    HOOK_SHIPSTATION: proofs.token,
    HOOK_ZOHO: proofs.zohoSecret,
    HOOK_AMAZON: proofs.amazonKey,
    HOOK_ORDERS: proofs.ordersSecret,
    HOOK_EBAY: randomBytes(24).toString('hex'),
    METRICS: randomBytes(24).toString('hex'),
  }
  appendFileSync(
    join(world.folder, '.env'),
    Object.entries(more)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const file = join(world.folder, 'isync.config.yaml')
  // Its keys are the test's own.
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(world.sandbox.origins.ebay, ebay.server.origin))
  seed(world)
  // Of eBay nothing is asked here but its keys.
  expect((await world.isync(['pause', 'ebay-us', '--inventory'])).code).toBe(0)
  const outward = join(world.folder, 'outward.jsonl')
  const watch = `--import ${resolve(import.meta.dirname, 'outward.mjs')}`
  const serve = world.start(['serve'], { NODE_OPTIONS: watch, ISYNC_TEST_OUTWARD: outward })
  await serve.said('"ready"')
  return {
    world,
    port,
    proofs,
    ebay,
    serve,
    outward,
    secrets: [...Object.values(world.secrets).filter(isTelling), ...Object.values(more)],
  }
}

/** A word such as sandbox-key would be found where nobody has written it down. */
function isTelling(secret: string): boolean {
  return secret.length > 20
}

function sections(port: number): string {
  return `serve:
  port: ${port}
  public_url: https://hooks.example.com
  trusted_proxies: [${PROXY}]
  request_timeout: ${REQUEST_TIMEOUT_MS / 1000}s
  rate_limit_per_minute: ${PER_MINUTE}
  metrics_token: \${METRICS}
webhooks:
  shipstation: { token: '\${HOOK_SHIPSTATION}' }
  zoho: { secret: '\${HOOK_ZOHO}' }
  ebay: { verification_token: '\${HOOK_EBAY}' }
  amazon: { key: '\${HOOK_AMAZON}' }
  orders: { mirakl-macys: '\${HOOK_ORDERS}' }
`
}

function seed({ sandbox, clock }: World): void {
  const at = clock.now() - 600_000
  const when = { created_at: at, updated_at: at }
  sandbox.seed('amazon', { rate_limits: 'off', orders: [{ ...when, order_id: ORDER, items: [{ quantity: 1 }] }] })
  sandbox.seed('mirakl', { rate_limits: false, orders: [{ ...when, order_id: PUSHED, lines: [{ quantity: 1 }] }] })
  sandbox.seed('zoho', { items: [{ item_id: ITEM, sku: 'SKU-1', stock: 5 }] })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((go) => server.once('listening', go))
  const address = server.address()
  await new Promise((go) => server.close(go))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A message with what proves it. */
export interface Message {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const json = { 'content-type': 'application/json' }

export function fromShipStation({ token }: Proofs, body: object | string): Message {
  return { path: `/webhooks/shipstation/${token}`, headers: json, body: bytesOf(body) }
}

export function fromZoho({ zohoSecret }: Proofs, body: object | string | Buffer): Message {
  const bytes = bytesOf(body)
  const signature = createHmac('sha256', zohoSecret).update(bytes).digest('hex')
  return { path: '/webhooks/zoho', headers: { ...json, 'x-zoho-webhook-signature': signature }, body: bytes }
}

export function fromEbay({ pair }: Proofs, body: object | string | Buffer, over: object = {}): Message {
  const bytes = bytesOf(body)
  const signature = sign('sha1', bytes, pair.privateKey).toString('base64')
  const header = Buffer.from(JSON.stringify({ alg: 'ecdsa', kid: KID, signature, digest: 'SHA1', ...over })).toString('base64')
  return { path: '/webhooks/ebay', headers: { ...json, 'x-ebay-signature': header }, body: bytes }
}

export function fromAmazon({ amazonKey }: Proofs, body: object | string | Buffer): Message {
  return { path: '/webhooks/amazon', headers: { ...json, 'x-isync-key': amazonKey }, body: bytesOf(body) }
}

/** `at`: epoch ms. */
export function pushOf({ ordersSecret }: Proofs, id: string, at: number, body: object | string | Buffer): Message {
  const bytes = bytesOf(body)
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(ordersSecret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(bytes).digest('base64')
  const shown = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  return { path: '/webhooks/orders/mirakl-macys', headers: { ...json, ...shown }, body: bytes }
}

export const senders = ['shipstation', 'zoho', 'ebay', 'amazon', 'orders'] as const

export type Sender = (typeof senders)[number]

/** Of something that happened, as each sender tells it; `n` makes it another one. */
export const genuine: Readonly<Record<Sender, (proofs: Proofs, n: string, now: number) => Message>> = {
  shipstation: (proofs: Proofs, n: string) =>
    fromShipStation(proofs, {
      resource_url: `https://ssapi6.shipstation.com/shipments?importBatch=${n}`,
      resource_type: 'SHIP_NOTIFY',
    }),
  zoho: (proofs: Proofs, n: string) => fromZoho(proofs, { event_id: n, item: { item_id: ITEM } }),
  ebay: (proofs: Proofs, n: string) =>
    fromEbay(proofs, {
      metadata: { topic: 'MARKETPLACE_ACCOUNT_DELETION', schemaVersion: '1.0', deprecated: false },
      notification: { notificationId: n, data: { username: `nobody-${n}`, userId: n } },
    }),
  amazon: (proofs: Proofs, n: string) =>
    fromAmazon(proofs, {
      NotificationType: 'ORDER_CHANGE',
      EventTime: '2026-11-21T14:59:00.000Z',
      Payload: {
        OrderChangeNotification: {
          SellerId: 'A1SANDBOX',
          AmazonOrderId: ORDER,
          OrderChangeTrigger: { TimeOfOrderChange: '2026-11-21T14:58:00.000Z' },
          Summary: { MarketplaceId: 'ATVPDKIKX0DER', FulfillmentType: 'MFN', OrderStatus: 'Unshipped' },
        },
      },
      NotificationMetadata: { NotificationId: n },
    }),
  orders: (proofs: Proofs, n: string, now: number) => pushOf(proofs, n, now, { order_ids: [PUSHED] }),
}

function bytesOf(body: object | string | Buffer): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
