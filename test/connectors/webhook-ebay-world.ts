import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createEbayConnector, type EbaySettings } from '../../src/connectors/ebay/connector.ts'
import { createEbayWebhook } from '../../src/connectors/ebay/webhook.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import type { WebhookSource } from '../../src/core/ports/webhook.ts'
import { type Reply, startWebServer, type WebServer } from '../alerts/web-server.ts'
import { followingClock, limitedAccount, type TestGate, type TestGateOptions, testGate } from '../world/gate.ts'
import { settingsFor } from './ebay-world.ts'
import { NOW } from './webhook-world.ts'

export const VERIFICATION = 'verify-me-'.repeat(4)
export const PUBLIC_URL = 'https://hooks.example.com/isync'
export const KID = '9936261a-7d7b-4621-a0f1-96ccb428af49'

export interface KeyPair {
  readonly privateKey: KeyObject
  /** As eBay gives it: one line, no breaks between the marks. */
  readonly line: string
}

export function aKeyPair(curve = 'prime256v1'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
  return { privateKey, line: publicKey.export({ type: 'spki', format: 'pem' }).toString().replaceAll('\n', '') }
}

export interface EbayKeys {
  readonly server: WebServer
  /** Id -> what eBay answers for it; any other id is unknown to it. */
  readonly keys: Map<string, object>
  /** Answers instead of all that, while it is there. */
  outage: Reply | undefined
  /** Calls for keys, and for tokens. */
  count(what: 'key' | 'token'): number
}

/** eBay as far as its keys go: tokens of the keyset itself, and getPublicKey. */
export async function startEbayKeys(pair: KeyPair): Promise<EbayKeys> {
  const keys = new Map<string, object>([[KID, { key: pair.line, algorithm: 'ECDSA', digest: 'SHA1' }]])
  const world: { outage: Reply | undefined } = { outage: undefined }
  const server = await startWebServer(({ method, path, headers, body }) => {
    if (path === '/identity/v1/oauth2/token') {
      const form = new URLSearchParams(body)
      const basic = `Basic ${Buffer.from('sandbox-app:sandbox-cert').toString('base64')}`
      const good = form.get('grant_type') === 'client_credentials' && headers['authorization'] === basic
      return good ? json(200, { access_token: 'of-the-keyset', expires_in: 7200 }) : json(401, { error: 'invalid_client' })
    }
    if (world.outage !== undefined) return world.outage
    const id = /^\/commerce\/notification\/v1\/public_key\/([^/]+)$/.exec(path)?.[1]
    if (method !== 'GET' || id === undefined) return json(404, {})
    if (headers['authorization'] !== 'Bearer of-the-keyset') return json(401, { errors: [{ errorId: 1001 }] })
    const found = keys.get(id)
    return found === undefined ? json(404, { errors: [{ errorId: 195_001, domain: 'API_NOTIFICATION' }] }) : json(200, found)
  })
  return Object.assign(world, {
    server,
    keys,
    count: (what: 'key' | 'token') => server.heard.filter(({ path }) => /public_key/.test(path) === (what === 'key')).length,
  })
}

function json(status: number, body: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

export interface EbayHooks extends TestGate {
  readonly source: WebhookSource
  readonly connector: MarketplaceConnector
  readonly clock: { now: number }
}

/** One process that listens to eBay. Processes of one world share `options.shared`. */
export function listening(origin: string, options: TestGateOptions = {}, settings: Partial<EbaySettings> = {}): EbayHooks {
  const clock = { now: NOW }
  const virtual = options.clock ?? followingClock(() => clock.now)
  const gate = testGate('ebay-us', { shared: limitedAccount(virtual), ...options, clock: virtual })
  const connector = createEbayConnector(gate.gate, { ...settingsFor(origin), ...settings })
  const source = createEbayWebhook(
    { verificationTokens: [VERIFICATION], publicUrl: PUBLIC_URL, channels: ['ebay-us', 'ebay-uk'] },
    [connector],
  )
  return { ...gate, source, connector, clock }
}

export interface Signing {
  readonly pair: KeyPair
  readonly kid?: string
  readonly digest?: string
  readonly alg?: string
}

/** The header of a message. */
export function signatureOf(body: string | Buffer, { pair, kid = KID, digest = 'SHA1', alg = 'ecdsa' }: Signing): string {
  const signature = sign(digest.replace('-', ''), Buffer.from(body), pair.privateKey).toString('base64')
  return Buffer.from(JSON.stringify({ alg, kid, signature, digest })).toString('base64')
}

export function aNotice(
  topic: string,
  data: unknown,
  id = `n-${createHash('sha1')
    .update(JSON.stringify([topic, data]))
    .digest('hex')}`,
) {
  return {
    metadata: { topic, schemaVersion: '1.0', deprecated: false },
    notification: {
      notificationId: id,
      eventDate: '2026-11-21T14:59:00.000Z',
      publishDate: '2026-11-21T14:59:01.000Z',
      publishAttemptCount: 1,
      data,
    },
  }
}

/** A whole request of eBay's. */
export function noticed(notice: object, signing: Signing) {
  const body = JSON.stringify(notice)
  return { body, headers: { 'x-ebay-signature': signatureOf(body, signing) } }
}
