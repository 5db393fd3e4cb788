import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto'
import * as z from 'zod'
import { type ConnectorError, isConnectorError, RetryableError, StoppedError } from '../../core/errors.ts'
import type { ChannelCode } from '../../core/model/channel.ts'
import type { Trigger } from '../../core/model/trigger.ts'
import type { MarketplaceConnector, NotificationKey } from '../../core/ports/marketplace.ts'
import type { Delivery, WebhookRequest, WebhookSource, WebhookVerdict } from '../../core/ports/webhook.ts'
import { deliveryKey, jsonIn } from '../http/delivery.ts'
import { buyerIn, messageIn } from './notifications.ts'

export interface EbayWebhookSettings {
  /** As typed into eBay; the first answers the handshake. */
  readonly verificationTokens: readonly string[]
  /** Under which address eBay reaches the server, without the path of webhooks. Without it no handshake can be answered. */
  readonly publicUrl?: string
  /** Every eBay channel of the configuration, switched off or not: a deleted account is forgotten on all of them. */
  readonly channels: readonly ChannelCode[]
}

const PATH = '/webhooks/ebay'
/** eBay's are 64 characters of hex. */
const CHALLENGE = /^[A-Za-z0-9._~-]{1,256}$/
const LONGEST_HEADER = 2_000
/** Theirs have one or two thousand bytes; these are parsed before anybody knows whose they are. */
const LONGEST_BODY = 65_536
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const MOST_KEYS = 8
const NOBODY = 'no eBay channel that it may be for is enabled'

/** The header X-EBAY-SIGNATURE, which is base64 of this (contract section 6.1). */
const signatureHeader = z.object({
  alg: z.string().regex(/^ecdsa$/i),
  kid: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{7,63}$/),
  signature: z.base64().min(8).max(400),
  digest: z.string().regex(/^sha-?(?:1|256|384|512)$/i),
})
type Signature = z.infer<typeof signatureHeader>

/**
 * Messages of eBay's Notification API, signed with eBay's own key (contract section 6.1). Their signature is the same for every seller: which channels
 * an order may be of is told by the path, where it names one.
 */
export function createEbayWebhook(settings: EbayWebhookSettings, enabled: readonly MarketplaceConnector[]): WebhookSource {
  const isPath = (rest: string) => rest === '' || settings.channels.includes(rest)
  const objects = new Map<string, KeyObject>()

  async function verify(request: WebhookRequest, signal: AbortSignal): Promise<WebhookVerdict> {
    if (!isPath(request.rest)) return { status: 'refused', reason: 'path' }
    if (request.method === 'GET') return handshake(settings, request)
    if (request.body.length > LONGEST_BODY) return { status: 'refused', reason: 'size' }
    const shown = signatureIn(request.headers['x-ebay-signature'])
    if (shown === undefined) return { status: 'refused', reason: 'signature' }
    const message = messageIn(request.body)
    if (message === undefined) return { status: 'refused', reason: 'shape' }
    const found = await keyOf(enabled, request.rest, shown.kid, signal)
    if ('error' in found) return { status: 'undecided', error: found.error }
    if (found.key === undefined || !isSigned(objects, found.key, shown, request.body))
      return { status: 'refused', reason: 'signature' }
    const delivery: Delivery = {
      key: deliveryKey(...(request.rest === '' ? [] : [request.rest]), message.id),
      repeated: 'same',
      ...(request.rest === '' ? {} : { channel: request.rest }),
      topic: message.topic,
      body: request.body,
    }
    return { status: 'genuine', deliveries: [delivery] }
  }

  return {
    name: 'ebay',
    methods: ['GET', 'POST'],
    types: ['application/json'],
    refusedStatus: 412,
    paths: () => [
      { path: PATH, for: 'eBay: every topic, and the notices of deleted accounts' },
      ...(settings.channels.length > 1
        ? settings.channels.map((channel) => ({
            path: `${PATH}/${channel}`,
            for: `eBay: topics that ${channel} alone subscribes to`,
          }))
        : []),
    ],
    verify,
    read: (delivery) => read(settings.channels, enabled, delivery),
  }
}

/** eBay registers an address only after it has answered with the verification token, and asks again now and then. */
function handshake(
  { verificationTokens: [token], publicUrl }: EbayWebhookSettings,
  { query, rest }: WebhookRequest,
): WebhookVerdict {
  const codes = query.filter(([name]) => name === 'challenge_code').map(([, value]) => value)
  const [code] = codes
  if (code === undefined || codes.length > 1 || !CHALLENGE.test(code)) return { status: 'refused', reason: 'shape' }
  if (token === undefined || publicUrl === undefined) return { status: 'refused', reason: 'address' }
  const endpoint = `${publicUrl}${PATH}${rest === '' ? '' : `/${rest}`}`
  const answer = createHash('sha256').update(code).update(token).update(endpoint).digest('hex')
  return { status: 'handshake', answer: { challengeResponse: answer } }
}

function signatureIn(header: string | undefined): Signature | undefined {
  // Of anything but base64 Node reads what it can.
  if (header === undefined || header.length > LONGEST_HEADER || !BASE64.test(header)) return undefined
  return signatureHeader.safeParse(jsonIn(Buffer.from(header, 'base64'))).data
}

/** By the first of the channels that can tell, that of the path before the others: eBay signs for all of them with the same keys. */
async function keyOf(
  enabled: readonly MarketplaceConnector[],
  rest: string,
  kid: string,
  signal: AbortSignal,
): Promise<{ readonly key: NotificationKey | undefined } | { readonly error: ConnectorError }> {
  const facts = { account: 'ebay', operation: 'notification/public_key' }
  let failure: ConnectorError | undefined
  for (const connector of enabled.toSorted((a, b) => Number(b.channel === rest) - Number(a.channel === rest))) {
    try {
      if (connector.notificationKey !== undefined) return { key: await connector.notificationKey(kid, signal) }
    } catch (cause) {
      if (cause instanceof StoppedError) throw cause
      failure ??= isConnectorError(cause) ? cause : new RetryableError('its key could not be looked up', facts, { cause })
    }
  }
  return { error: failure ?? new RetryableError("no enabled eBay channel can ask for eBay's public key", facts) }
}

/** Over the bytes as they came; eBay's own verifiers hash the parsed and rewritten document, so that one second. */
function isSigned(objects: Map<string, KeyObject>, key: NotificationKey, shown: Signature, body: Buffer): boolean {
  if (shown.digest.toLowerCase().replace('-', '') !== key.digest) return false
  const signature = Buffer.from(shown.signature, 'base64')
  const fits = (bytes: Buffer) => verifySignature(key.digest, bytes, keyObject(objects, key.pem), signature)
  try {
    return fits(body) || fits(Buffer.from(JSON.stringify(jsonIn(body))))
  } catch {
    return false
  }
}

function keyObject(objects: Map<string, KeyObject>, pem: string): KeyObject {
  const known = objects.get(pem)
  if (known !== undefined) return known
  if (objects.size >= MOST_KEYS) objects.clear()
  const key = createPublicKey(pem)
  objects.set(pem, key)
  return key
}

function read(
  configured: readonly ChannelCode[],
  enabled: readonly MarketplaceConnector[],
  { body, channel }: Pick<Delivery, 'body' | 'channel'>,
): Trigger {
  const message = messageIn(body)
  if (message === undefined) return { kind: 'unreadable', why: 'not a message of the Notification API' }
  const { topic } = message
  const meant = enabled.filter((connector) => channel === undefined || connector.channel === channel)
  const channels = meant.map((connector) => connector.channel)
  switch (topic) {
    case 'ORDER_CONFIRMATION':
    case 'ORDER_CANCELLATION_ACTIVITY':
      return ordersIn(meant, topic, body)
    case 'MARKETPLACE_ACCOUNT_DELETION': {
      const buyer = buyerIn(message)
      // One notice for a keyset: the buyer may have bought from each of its sellers.
      if (buyer !== undefined) return { kind: 'erase-buyer', channels: configured, buyer }
      return { kind: 'unreadable', why: `${topic} names nobody` }
    }
    case 'AUTHORIZATION_REVOCATION':
      return channels.length > 0 ? { kind: 'consent-revoked', channels } : { kind: 'nothing', why: NOBODY }
    default:
      return { kind: 'nothing', why: `${topic} asks for nothing` }
  }
}

function ordersIn(meant: readonly MarketplaceConnector[], topic: string, body: Buffer): Trigger {
  if (meant.length === 0) return { kind: 'nothing', why: NOBODY }
  const orders = meant.flatMap((connector) =>
    (connector.readNotification?.(body).orders ?? []).map((order) => ({ channel: connector.channel, order })),
  )
  if (orders.length > 0) return { kind: 'orders', orders }
  const why = `${topic} without a number of an order`
  // Of a cancellation the number need not be eBay's present one; the poll brings it.
  return { kind: topic === 'ORDER_CONFIRMATION' ? 'unreadable' : 'nothing', why }
}
