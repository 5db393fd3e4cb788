import * as z from 'zod'
import { AuthError, type ConnectorError, RetryableError } from '../../core/errors.ts'
import type { CachedToken } from '../../core/ports/account.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { errorOf, safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import type { AmazonSettings } from './settings.ts'
import { userAgent } from './transport.ts'

const AUTH_ORIGIN = 'https://api.amazon.com'
/** A token is given up this long before it dies, so that none expires under way. */
const MARGIN_MS = 5 * 60_000

/** What the operator does about each refusal (contract section 1). */
const remedies: Readonly<Record<string, string>> = {
  invalid_grant:
    'the refresh token is wrong or was revoked: authorise the app again in Seller Central and set the new refresh token',
  invalid_client:
    'client id or secret is wrong or expired (a secret must be rotated every 180 days): rotate it and set the new one',
  unauthorized_client: 'the app may not use this grant: check in the developer console that it is authorised for this seller',
}

const grant = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().default(3600) })
const refusal = z.object({ error: z.string(), error_description: z.string().nullish() })

/**
 * Exchanges the refresh token for an access token (contract section 1). Refused credentials open the account's circuit and throw
 * AuthError with what to do; anything else is retryable or throttled.
 */
export async function exchangeToken(gate: Gate, settings: AmazonSettings, signal: AbortSignal): Promise<CachedToken> {
  const call: VendorCall = { operation: 'token', effect: 'token', timeoutMs: settings.timeoutMs }
  const { clientId, clientSecret, refreshToken } = settings.credentials
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
  })
  const transport = fetchTransport({
    url: `${settings.authEndpoint ?? AUTH_ORIGIN}/auth/o2/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', 'user-agent': userAgent },
    body: form.toString(),
  })
  // The gate lets token calls pass, but credentials that were refused must not be tried again with every run.
  await gate.shared.assertClosed(call.operation)
  const askedAt = gate.clock.now()
  const answer = await gate.send(call, transport, signal)
  const error = refusalOf(gate, call, answer)
  if (error instanceof AuthError) throw await gate.refuse(error)
  if (error !== undefined) throw error
  const { access_token, expires_in } = readAnswer(gate.account, call, answer, grant)
  await gate.shared.close()
  const life = expires_in * 1000
  return { token: access_token, expiresAt: askedAt + life - Math.min(MARGIN_MS, life / 2) }
}

function refusalOf(gate: Gate, call: VendorCall, answer: VendorAnswer): ConnectorError | undefined {
  const told = refusal.safeParse(jsonOf(answer))
  const code = told.success ? told.data.error : undefined
  const message = told.success ? safeText(`${told.data.error}: ${told.data.error_description ?? ''}`) : ''
  const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? 60_000
  const error = errorOf(gate.account, call, answer, { waitMs, message })
  const facts = { account: gate.account, operation: call.operation, status: answer.status }
  if (error === undefined || error.kind === 'retryable' || error.kind === 'throttled') return error
  const remedy = code === undefined ? undefined : remedies[code]
  if (remedy !== undefined) return new AuthError(`answered ${code}: ${remedy}`, facts)
  // Without the vendor's own words it is a proxy or a firewall that spoke.
  if (code === undefined) return new RetryableError(error.message.slice(error.message.indexOf('answered')), facts)
  return error.kind === 'auth' || answer.status === 400 ? new AuthError(message, facts) : error
}
