import { AuthError, type ConnectorError, RetryableError, ThrottledError } from '../../../core/errors.ts'
import type { CachedToken } from '../../../core/ports/account.ts'
import type { VendorAnswer, VendorCall } from '../../../core/ports/gate.ts'
import { safeText } from '../../http/classify.ts'
import { fetchTransport } from '../../http/fetch.ts'
import type { Gate } from '../../http/gate.ts'
import { jsonOf } from '../../http/json.ts'
import { retryAfterMs } from '../../http/wait.ts'
import { type ChannelAdvisorSettings, tokenOrigin } from './settings.ts'
import { tokenReply } from './wire.ts'

const LIFE_S = 3600
/** A token is given up this long before it dies, so that none expires under way. */
const MARGIN_MS = 5 * 60_000
const WAIT_WITHOUT_HEADER_MS = 60_000

const WRONG_PAIR =
  'compare application_id and shared_secret with the developer console, and make a new refresh token there if they are right: an unused one dies after three months'

/** What the operator does about each refusal. */
const remedies: Readonly<Record<string, string>> = {
  invalid_grant: 'the refresh token was revoked or has expired: make a new one in the developer console',
  invalid_client: 'application_id or shared_secret is wrong: compare them with the developer console',
  unauthorized_client:
    "the application may not use refresh tokens, or the account's owner has withdrawn its access: authorize it again",
}

/**
 * Exchanges the refresh token, which stays as it is, for an access token of an hour (contract section 8). A wrong pair is answered by 400,
 * so any 4xx but 408 and 429 opens the account's circuit and throws AuthError with what to do.
 */
export async function exchangeToken(gate: Gate, settings: ChannelAdvisorSettings, signal: AbortSignal): Promise<CachedToken> {
  const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs: settings.timeoutMs }
  const { applicationId, sharedSecret, refreshToken } = settings.credentials
  const transport = fetchTransport({
    url: `${tokenOrigin(settings)}/oauth2/token`,
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${applicationId}:${sharedSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }).toString(),
  })
  // The gate lets token calls pass, but credentials that were refused must not be tried again with every run.
  await gate.shared.assertClosed(call.operation)
  const askedAt = gate.clock.now()
  const answer = await gate.send(call, transport, signal)
  const reply = tokenReply.safeParse(jsonOf(answer)).data
  if (answer.status >= 300 || reply?.access_token === undefined) throw await refusal(gate, call, answer, reply?.error)
  await gate.shared.close()
  const told = reply.expires_in ?? LIFE_S
  const lifeMs = (told > 0 && told <= LIFE_S ? told : LIFE_S) * 1000
  return { token: reply.access_token, expiresAt: askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
}

async function refusal(gate: Gate, call: VendorCall, answer: VendorAnswer, code = ''): Promise<ConnectorError> {
  const { status } = answer
  const facts = { account: gate.account, operation: call.operation, status }
  if (status === 429) {
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    return new ThrottledError('answered 429: too many tokens were asked for', { ...facts, waitMs })
  }
  const remedy = Object.hasOwn(remedies, code) ? remedies[code] : undefined
  if (remedy !== undefined) return gate.refuse(new AuthError(`answered ${status} ${code}: ${remedy}`, facts))
  // A page that is not JSON comes from a proxy or a firewall, which says nothing about the credentials.
  const isOwn = jsonOf(answer) !== undefined || answer.body.length === 0
  if ((status === 400 || status === 401 || status === 403) && isOwn)
    return gate.refuse(new AuthError(`answered ${status} without a token: ${WRONG_PAIR}`, facts))
  const said = code === '' ? `${answer.body.length} bytes` : safeText(code)
  return new RetryableError(`answered ${status} without a token (${said})`, facts)
}
