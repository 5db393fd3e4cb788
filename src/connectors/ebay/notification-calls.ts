import { createPublicKey } from 'node:crypto'
import * as z from 'zod'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { NotificationKey } from '../../core/ports/marketplace.ts'
import { errorOf } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { apiOrigin, type EbaySettings } from './settings.ts'
import { tokenRequest } from './token.ts'
import { tokenReply } from './wire-rest.ts'

const OPERATION = 'notification/public_key'
/** Whoever sent the message waits for our answer meanwhile. */
const LONGEST_WAIT_MS = 10_000
const WAIT_WITHOUT_HEADER_MS = 60_000
const MARGIN_MS = 5 * 60_000
const LIFE_S = 7200

const keyReply = z.object({ key: z.string(), algorithm: z.string(), digest: z.string() })
/** The digests that an elliptic curve of eBay's may sign, as eBay spells them and as Node does. */
const digests: ReadonlyMap<string, string> = new Map([
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
  ['SHA512', 'sha512'],
])

export interface KeyCalls {
  readonly operation: string
  /** Undefined: eBay knows no key of that id. Throws ConnectorError. */
  publicKey(keyId: string, signal: AbortSignal): Promise<NotificationKey | undefined>
}

/**
 * getPublicKey with a token of the keyset itself, since the seller's may be what a message says was revoked. That is also why these calls pass an open
 * circuit and never close one: it is about the seller's credentials.
 */
export function createKeyCalls(gate: Gate, settings: EbaySettings): KeyCalls {
  const timeoutMs = Math.min(settings.timeoutMs, LONGEST_WAIT_MS)
  let token: { readonly text: string; readonly until: number } | undefined

  async function tokenOf(signal: AbortSignal, rejected?: string): Promise<string> {
    const now = gate.clock.now()
    if (token !== undefined && token.until > now && token.text !== rejected) return token.text
    const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs }
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'https://api.ebay.com/oauth/api_scope' })
    const answer = await gate.send(call, tokenRequest(settings, form), signal)
    const reply = tokenReply.safeParse(jsonOf(answer)).data
    if (answer.status >= 300 || reply?.access_token === undefined) throw refusal(call, answer)
    const told = reply.expires_in ?? LIFE_S
    const lifeMs = (told > 0 && told <= LIFE_S ? told : LIFE_S) * 1000
    token = { text: reply.access_token, until: now + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
    return token.text
  }

  async function askWith(bearer: string, keyId: string, signal: AbortSignal): Promise<VendorAnswer> {
    const url = `${apiOrigin(settings)}/commerce/notification/v1/public_key/${encodeURIComponent(keyId)}`
    const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' }
    const send = fetchTransport({ url, method: 'GET', headers })
    return gate.send({ operation: OPERATION, effect: 'token', timeoutMs }, send, signal)
  }

  function refusal(call: VendorCall, answer: VendorAnswer): Error {
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    const facts = { account: gate.account, operation: call.operation, status: answer.status }
    if (answer.status === 429) return new ThrottledError('answered 429', { ...facts, waitMs })
    const code = tokenReply.safeParse(jsonOf(gate.clean(answer))).data?.error
    if (code === 'invalid_client')
      return new AuthError('answered invalid_client: app_id or cert_id is wrong, or of the other environment', facts)
    return errorOf(gate.account, call, answer, { waitMs, message: '' }) ?? new RetryableError('answered without a token', facts)
  }

  return {
    operation: OPERATION,
    async publicKey(keyId, signal) {
      const bearer = await tokenOf(signal)
      const first = await askWith(bearer, keyId, signal)
      const answer = first.status === 401 ? await askWith(await tokenOf(signal, bearer), keyId, signal) : first
      // 195001, or an id that eBay does not even look up.
      if (answer.status === 404 || answer.status === 400) return undefined
      const call: VendorCall = { operation: OPERATION, effect: 'token' }
      if (answer.status >= 300) throw refusal(call, answer)
      const reply = readAnswer(gate.account, call, answer, keyReply)
      return keyFrom(reply, { account: gate.account, operation: OPERATION })
    },
  }
}

/** eBay gives the key as one line between its marks. Throws PermanentError for one that isync cannot check a signature with. */
function keyFrom(
  { key, algorithm, digest }: z.infer<typeof keyReply>,
  facts: { account: string; operation: string },
): NotificationKey {
  const named = digests.get(digest.toUpperCase().replace('-', ''))
  const pem = pemOf(key)
  if (named === undefined || algorithm.toUpperCase() !== 'ECDSA' || !isCurve(pem))
    throw new PermanentError('the key is not one of ECDSA with a known digest', facts)
  return { pem, digest: named }
}

function pemOf(key: string): string {
  const inner = key.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')
  return `-----BEGIN PUBLIC KEY-----\n${(inner.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PUBLIC KEY-----\n`
}

function isCurve(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'ec'
  } catch {
    return false
  }
}
