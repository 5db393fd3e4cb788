import { AuthError, type ConnectorError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { CachedToken } from '../../core/ports/account.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { exactJsonOf } from '../http/json.ts'
import { accountsOrigin, type ZohoSettings } from './settings.ts'
import { tokenReply } from './wire.ts'

const DAY_MS = 24 * 3_600_000
const LIFE_S = 3600
/** A token is given up this long before it dies, so that none expires under way. */
const MARGIN_MS = 5 * 60_000
/** How long Zoho gives no more tokens once it has given ten in as many minutes. */
const THROTTLED_MS = 10 * 60_000
/** Five at once and one more every two minutes: never more than ten in any ten minutes, however many processes ask. */
const mintRate = { perSecond: 1 / 120, burst: 5 }

/** The host that the last token reply named, for all processes. */
export const API_DOMAIN_NOTE = 'api_domain'

/** What the operator does about each refusal (contract section 2). */
const remedies: Readonly<Record<string, string>> = {
  invalid_code: `the refresh token was revoked, or removed because the user's twenty-first was made: make a new one and set it`,
  invalid_grant: 'the refresh token is wrong or was revoked: make a new one and set it',
  invalid_client:
    'client id or secret is wrong, or belongs to another data centre: compare them with the API console, and zoho.data_center with the address of the organization',
  invalid_client_secret: 'the client secret is wrong: copy it from the API console',
  unauthorized_client: 'the client may not use this grant: make a self client or a server-based client in the API console',
}

/**
 * Exchanges the refresh token for an access token (contract section 2). The reply is judged by whether there is a token in it, never
 * by its status. Refused credentials open the account's circuit and throw AuthError with what to do; the throttle that looks like a
 * refusal is ThrottledError.
 */
export async function exchangeToken(gate: Gate, settings: ZohoSettings, signal: AbortSignal): Promise<CachedToken> {
  const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs: settings.timeoutMs }
  const { clientId, clientSecret, refreshToken } = settings.credentials
  const form = new URLSearchParams({
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'refresh_token',
  })
  const transport = fetchTransport({
    url: `${accountsOrigin(settings)}/oauth/v2/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
    body: form.toString(),
  })
  // The gate lets token calls pass, but credentials that were refused must not be tried again with every run.
  await gate.shared.assertClosed(call.operation)
  // Not by the gate, which would wait its turn while all others wait for this one.
  const waitMs = await gate.shared.take(call.operation, mintRate)
  if (waitMs > 0) throw throttled(gate, call, 'not asked for another token, since Zoho gives ten in ten minutes', waitMs)
  const askedAt = gate.clock.now()
  const answer = await gate.send(call, transport, signal)
  const reply = tokenReply.safeParse(exactJsonOf(answer)).data
  if (reply?.access_token === undefined) throw await refusal(gate, call, answer, reply)
  await gate.shared.close()
  await gate.shared.remember(API_DOMAIN_NOTE, reply.api_domain ?? '', askedAt + 365 * DAY_MS)
  const told = Number(reply.expires_in ?? LIFE_S)
  const lifeMs = (told > 0 && told <= LIFE_S ? told : LIFE_S) * 1000
  return { token: reply.access_token, expiresAt: askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
}

async function refusal(
  gate: Gate,
  call: VendorCall,
  answer: VendorAnswer,
  reply: { readonly error?: string | null | undefined; readonly error_description?: string | null | undefined } | undefined,
): Promise<ConnectorError> {
  const facts = { account: gate.account, operation: call.operation, status: answer.status }
  const code = reply?.error ?? ''
  if (answer.status === 429 || /^access denied$/i.test(code) || /too many requests/i.test(reply?.error_description ?? '')) {
    await gate.shared.drain(call.operation, gate.clock.now() + THROTTLED_MS)
    return throttled(gate, call, `answered ${answer.status}: too many tokens were asked for`, THROTTLED_MS, answer.status)
  }
  const remedy = Object.hasOwn(remedies, code) ? remedies[code] : undefined
  if (remedy !== undefined) return gate.refuse(new AuthError(`answered ${code}: ${remedy}`, facts))
  if (code !== '') return new RetryableError(`answered ${answer.status} without a token: ${safeText(code)}`, facts)
  // Without the vendor's own words it is a proxy or a firewall that spoke.
  return new RetryableError(`answered ${answer.status} without a token (${answer.body.length} bytes)`, facts)
}

function throttled(gate: Gate, { operation }: VendorCall, what: string, waitMs: number, status?: number): ThrottledError {
  const facts = { account: gate.account, operation, waitMs, ...(status === undefined ? {} : { status }) }
  return new ThrottledError(`${what}; free again in ${Math.ceil(waitMs / 60_000)} min`, facts)
}
