import { createHash, randomUUID } from 'node:crypto'
import type { Outgoing, SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, API_SCOPE } from './accounts.ts'
import { reader } from './compact.ts'
import { type Destination, handshake, readDestination } from './destination.ts'
import { idOf, lineIdOf, type Order } from './order.ts'
import { denied, invalidToken } from './rest-call.ts'
import { type State, scriptedFailure } from './state.ts'
import { isoMs, type Json, restError } from './wire.ts'

/** Contract section 6.1. */
const ATTEMPTS = 3
const NOTIFY_KEYS = ['topic', 'order_id', 'user', 'data']
const REVOKE_REASON = 'REVOKED_BY_USER'

/** The name by which its calls are counted and can be made to fail. */
export const KEY_CALL = 'getPublicKey'
const KEY_PATH = /^\/commerce\/notification\/v1\/public_key\/([^/]+)$/

/**
 * - `destination`: `{url, verification_token, endpoint?, user?, topics?, retry_after_ms?, spaced?}`, or `{url, remove: true}`; see destination.ts
 * - `notify`: `{topic, order_id?, user?, data?}`: of an order its lines, its buyer or its seller as the topic wants it; `data` is laid over that
 * - `rotate-key`: `{forget_old?}`
 */
export const NOTIFICATION_ACTIONS: Readonly<Record<string, (state: State, argument: unknown) => unknown>> = {
  destination: setDestination,
  notify,
  'rotate-key': rotateKey,
}

function setDestination(state: State, argument: unknown): unknown {
  const { url, made } = readDestination(argument)
  const { notifications } = state
  notifications.destinations = notifications.destinations.filter((one) => one.url !== url)
  if (made !== undefined) {
    notifications.destinations = [...notifications.destinations, made]
    notifications.unsent.push(handshake(made))
  }
  return { destinations: notifications.destinations.length }
}

function rotateKey({ notifications }: State, argument: unknown): unknown {
  notifications.signer.rotate(reader('rotate-key', argument ?? {}, ['forget_old']).flag('forget_old') ?? false)
  return { key_id: notifications.signer.keyId() }
}

function notify(state: State, argument: unknown): unknown {
  const given = reader('notify', argument, NOTIFY_KEYS)
  const topic = given.text('topic') ?? ''
  if (!/^[A-Z][A-Z_]*$/.test(topic)) throw new Error('notify: give a topic such as ORDER_CONFIRMATION')
  const id = given.text('order_id')
  const order = id === undefined ? undefined : state.orders.find(id)
  if (id !== undefined && order === undefined) throw new Error(`notify: no order '${id}'`)
  const seller = sellerOf(state, given.text('user') ?? order?.user)
  const messages = messagesOf(topic, order, seller, isoMs(state.clock.now()))
  const ids = messages.map((data) => publish(state, seller, topic, { ...data, ...given.object('data') }))
  return { notification_ids: ids }
}

function messagesOf(topic: string, order: Order | undefined, seller: Account, now: string): readonly Json[] {
  if (topic === 'MARKETPLACE_ACCOUNT_DELETION') return [order === undefined ? {} : person(order.buyer.userId)]
  if (topic === 'AUTHORIZATION_REVOCATION') return [{ ...person(seller.user), revokeReason: REVOKE_REASON, revocationDate: now }]
  return order === undefined ? [{}] : linesOf(order)
}

/** Of this message only the order's number is documented. */
function linesOf(order: Order): readonly Json[] {
  return order.lines.map((line) => ({ orderId: idOf(order), orderLineItemId: lineIdOf(line) }))
}

/** By all the names that eBay has for somebody. */
function person(username: string): Json {
  const hash = createHash('sha256').update(username).digest('base64')
  return {
    username,
    userId: hash.replace(/[^A-Za-z0-9]/g, '').slice(0, 11),
    eiasToken: `nY+sHZ2PrBmdj6wVnY+${hash.slice(0, 20)}==`,
  }
}

function sellerOf({ accounts }: State, user: string | undefined): Account {
  const account = user === undefined ? accounts.all()[0] : accounts.byUser(user)
  if (account === undefined) throw new Error(`notify: no account of user '${user ?? ''}'`)
  return account
}

/** One message for each line, once the payment has cleared. */
export function confirmOrder(state: State, order: Order): void {
  if (order.payment !== 'PAID') return
  for (const data of linesOf(order)) publish(state, sellerOf(state, order.user), 'ORDER_CONFIRMATION', data)
}

export function tellRevocation(state: State, account: Account): void {
  const [data] = messagesOf('AUTHORIZATION_REVOCATION', undefined, account, isoMs(state.clock.now()))
  publish(state, account, 'AUTHORIZATION_REVOCATION', data ?? {})
}

function publish(state: State, seller: Account, topic: string, data: Json): string {
  const { destinations, unsent } = state.notifications
  const id = `${randomUUID()}_${randomUUID()}`
  const eventDate = isoMs(state.clock.now())
  for (const one of destinations) {
    const isWanted = one.topics?.includes(topic) ?? true
    const isTheirs = one.user === undefined || one.user === seller.user
    if (one.status === 'enabled' && isWanted && isTheirs) unsent.push(messageTo(state, one, { topic, id, eventDate, data }))
  }
  return id
}

interface Message {
  readonly topic: string
  readonly id: string
  readonly eventDate: string
  readonly data: Json
}

function messageTo({ notifications }: State, { url, retryAfterMs, spaced }: Destination, message: Message): Outgoing {
  const { topic, id, eventDate, data } = message
  return {
    url,
    topic,
    attempts: ATTEMPTS,
    retryAfterMs,
    request(attempt, now) {
      const notification = { notificationId: id, eventDate, publishDate: isoMs(now), publishAttemptCount: attempt, data }
      const document = { metadata: { topic, schemaVersion: '1.0', deprecated: false }, notification }
      const signed = JSON.stringify(document)
      const headers = { 'content-type': 'application/json', 'x-ebay-signature': notifications.signer.headerOf(signed) }
      return { method: 'POST', headers, body: spaced ? JSON.stringify(document, undefined, 1) : signed }
    },
  }
}

export function takeNotifications({ notifications }: State): readonly Outgoing[] {
  const taken = notifications.unsent
  notifications.unsent = []
  return taken
}

/** GET /commerce/notification/v1/public_key/{id}, for a token of the application itself; undefined: it is another path. */
export function servePublicKey(state: State, request: SandboxRequest): SandboxReply | undefined {
  const found = KEY_PATH.exec(request.path)
  if (found === null) return undefined
  if (request.method !== 'GET')
    return restError(405, { errorId: 2002, message: `Not in the sandbox: ${request.method} ${request.path}` })
  state.calls.set(KEY_CALL, (state.calls.get(KEY_CALL) ?? 0) + 1)
  const token = state.accounts.token(/^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '')
  if (token === undefined || token.revoked || token.expiresAt <= state.clock.now()) return invalidToken()
  if (token.account !== undefined || !token.scopes.has(API_SCOPE)) return denied()
  if (!state.quota.take('notification', token.appId)) {
    state.throttled += 1
    return restError(429, { errorId: 2001, message: 'Too many requests.' })
  }
  const script = scriptedFailure(state, KEY_CALL)
  if (script !== undefined) {
    const fault = { errorId: script.code, domain: 'API_NOTIFICATION', message: 'The call failed on purpose.' }
    return restError(script.status, { ...fault, category: script.status >= 500 ? 'APPLICATION' : 'REQUEST' })
  }
  const key = state.notifications.signer.publicKey(found[1] ?? '')
  if (key !== undefined) return { status: 200, body: key }
  return restError(404, { errorId: 195001, domain: 'API_NOTIFICATION', message: 'The specified key id is invalid.' })
}
