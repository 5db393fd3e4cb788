import { AuthError, type ConnectorError, RetryableError, ThrottledError } from '../../../core/errors.ts'
import type { CachedToken } from '../../../core/ports/account.ts'
import type { VendorAnswer, VendorCall } from '../../../core/ports/gate.ts'
import { safeText } from '../../http/classify.ts'
import { fetchTransport } from '../../http/fetch.ts'
import type { Gate } from '../../http/gate.ts'
import { exactJsonOf } from '../../http/json.ts'
import { retryAfterMs } from '../../http/wait.ts'
import { type DscoSettings, tokenBase } from './settings.ts'
import { tokenReply } from './wire.ts'

const LIFE_S = 3600
/** A token is given up this long before it dies, so that none expires under way. */
const MARGIN_MS = 5 * 60_000
const WAIT_WITHOUT_HEADER_MS = 60_000

const ASK_SUPPORT =
  "only Dsco's support can make a new pair (e-mail with account name, account id and user), and production and staging have one each"

/** What the operator does about each refusal. */
const remedies: Readonly<Record<string, string>> = {
  invalid_client: `client_id or client_secret is wrong, ended, or of the other environment (sandbox); ${ASK_SUPPORT}`,
  invalid_request: `Dsco could not read the credentials: look for blanks or a missing half in client_id and client_secret; ${ASK_SUPPORT}`,
  unauthorized_client: `the pair may not be used for this: ${ASK_SUPPORT}`,
}

/**
 * Client credentials for an access token (contract section 1). Refused credentials open the account's circuit and throw AuthError with
 * what to do.
 */
export async function exchangeToken(
  gate: Gate,
  settings: DscoSettings,
  auth: Extract<DscoSettings['auth'], { kind: 'oauth2' }>,
  signal: AbortSignal,
): Promise<CachedToken> {
  const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs: settings.timeoutMs }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: auth.clientId,
    client_secret: auth.clientSecret,
  })
  const transport = fetchTransport({
    url: `${tokenBase(settings)}/oauth2/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  })
  // The gate lets token calls pass, but credentials that were refused must not be tried again with every run.
  await gate.shared.assertClosed(call.operation)
  const askedAt = gate.clock.now()
  const answer = await gate.send(call, transport, signal)
  const reply = tokenReply.safeParse(exactJsonOf(answer)).data
  if (answer.status >= 300 || reply?.access_token === undefined) throw await refusal(gate, call, answer, reply?.error)
  await gate.shared.close()
  const told = Number(reply.expires_in ?? LIFE_S)
  const lifeMs = (told > 0 && told <= 24 * LIFE_S ? told : LIFE_S) * 1000
  return { token: reply.access_token, expiresAt: askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) }
}

async function refusal(gate: Gate, call: VendorCall, answer: VendorAnswer, code = ''): Promise<ConnectorError> {
  const facts = { account: gate.account, operation: call.operation, status: answer.status }
  if (answer.status === 429) {
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    return new ThrottledError('answered 429: too many tokens were asked for', { ...facts, waitMs })
  }
  const remedy = Object.hasOwn(remedies, code) ? remedies[code] : undefined
  if (remedy !== undefined) return gate.refuse(new AuthError(`answered ${code}: ${remedy}`, facts))
  // Without the vendor's own words it is a proxy or a firewall that spoke.
  const said = code === '' ? `${answer.body.length} bytes` : safeText(code)
  return new RetryableError(`answered ${answer.status} without a token (${said})`, facts)
}
