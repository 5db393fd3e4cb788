import { AuthError, type ConnectorError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { CachedToken } from '../../core/ports/account.ts'
import type { Transport, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { endOfConsent } from './consent.ts'
import { type EbaySettings, tokenOrigin } from './settings.ts'
import { tokenReply } from './wire-rest.ts'

const LIFE_S = 7200
/** A token is given up this long before it dies, so that none expires under way. */
const MARGIN_MS = 5 * 60_000
const WAIT_WITHOUT_HEADER_MS = 60_000

/** Named every time: what is not named here is not in the token (contract section 1). */
const scopes = ['', '/sell.inventory', '/sell.fulfillment'].map((part) => `https://api.ebay.com/oauth/api_scope${part}`)

/** What the operator does about each refusal. */
const remedies: Readonly<Record<string, string>> = {
  invalid_grant:
    'the refresh token is older than 18 months, was revoked, ended with a change of password, or belongs to another keyset or environment: the seller must consent again',
  invalid_scope: `the seller's consent lacks a scope; isync needs api_scope, sell.inventory and sell.fulfillment: the seller must consent again`,
  invalid_client: 'app_id or cert_id is wrong, or belongs to the other environment (sandbox or production)',
  unauthorized_client: 'the keyset may not use refresh tokens: look at its state in the developer account',
}

/** A request for a token, with the keyset's own login (contract section 1). */
export function tokenRequest(settings: EbaySettings, form: URLSearchParams): Transport {
  const { appId, certId } = settings.credentials
  return fetchTransport({
    url: `${tokenOrigin(settings)}/identity/v1/oauth2/token`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${appId}:${certId}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
  })
}

/**
 * Exchanges the refresh token for an access token. Refused credentials open the account's circuit and throw AuthError with what
 * to do.
 */
export async function exchangeToken(gate: Gate, settings: EbaySettings, signal: AbortSignal): Promise<CachedToken> {
  const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs: settings.timeoutMs }
  const { refreshToken } = settings.credentials
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, scope: scopes.join(' ') })
  const transport = tokenRequest(settings, form)
  // The gate lets token calls pass, but credentials that were refused must not be tried again with every run.
  await gate.shared.assertClosed(call.operation)
  const askedAt = gate.clock.now()
  const answer = await gate.send(call, transport, signal)
  const reply = tokenReply.safeParse(jsonOf(answer)).data
  if (answer.status >= 300 || reply?.access_token === undefined) throw await refusal(gate, call, answer)
  await gate.shared.close()
  const consent = endOfConsent(settings, askedAt)
  if (consent?.isNear === true) gate.log.warn({ channel: gate.account }, consent.detail)
  const told = reply.expires_in ?? LIFE_S
  const lifeMs = (told > 0 && told <= LIFE_S ? told : LIFE_S) * 1000
  return { token: reply.access_token, expiresAt: askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
}

async function refusal(gate: Gate, call: VendorCall, answer: VendorAnswer): Promise<ConnectorError> {
  const code = tokenReply.safeParse(jsonOf(gate.clean(answer))).data?.error ?? ''
  const facts = { account: gate.account, operation: call.operation, status: answer.status }
  if (answer.status === 429) {
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    return new ThrottledError('answered 429: too many tokens were asked for', { ...facts, waitMs })
  }
  const remedy = Object.hasOwn(remedies, code) ? remedies[code] : undefined
  if (remedy !== undefined) return gate.refuse(new AuthError(`answered ${code}: ${remedy}`, facts))
  // Without eBay's own words it is a proxy or a firewall that spoke.
  const said = code === '' ? `${answer.body.length} bytes` : safeText(code)
  return new RetryableError(`answered ${answer.status} without a token (${said})`, facts)
}
