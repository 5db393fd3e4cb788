import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Api } from './quota.ts'
import { invalidToken } from './rest-call.ts'
import type { State } from './state.ts'
import { isoMs, restError } from './wire.ts'

interface Counted {
  readonly apiContext: string
  readonly apiName: string
  readonly apiVersion: string
  readonly resource: string
  readonly api: Api
}

const COUNTED: readonly Counted[] = [
  { apiContext: 'tradingapi', apiName: 'TradingAPI', apiVersion: '1451', resource: 'TradingAPI', api: 'trading' },
  { apiContext: 'sell', apiName: 'inventory', apiVersion: 'v1', resource: 'sell.inventory', api: 'inventory' },
  { apiContext: 'sell', apiName: 'fulfillment', apiVersion: 'v1', resource: 'sell.fulfillment', api: 'fulfillment' },
]
const DAY_SECONDS = 86_400

/** GET /developer/analytics/v1_beta/rate_limit and user_rate_limit: what is left of the day, and when it ends (contract section 7). */
export function getRateLimits(state: State, request: SandboxRequest): SandboxReply {
  if (request.method !== 'GET')
    return restError(405, { errorId: 2002, message: `Not in the sandbox: ${request.method} ${request.path}` })
  state.calls.set('getRateLimits', (state.calls.get('getRateLimits') ?? 0) + 1)
  const text = /^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  const token = text === undefined ? undefined : state.accounts.token(text)
  if (token === undefined || token.revoked || token.expiresAt <= state.clock.now()) return invalidToken()
  if (!state.quota.take('analytics', token.appId)) return restError(429, { errorId: 2001, message: 'Too many requests.' })
  const context = request.query.get('api_context')?.toLowerCase()
  const name = request.query.get('api_name')?.toLowerCase()
  const asked = COUNTED.filter(
    ({ apiContext, apiName }) =>
      (context === undefined || apiContext === context) && (name === undefined || apiName.toLowerCase() === name),
  )
  if (asked.length === 0) return { status: 204 }
  const rateLimits = asked.map(({ apiContext, apiName, apiVersion, resource, api }) => {
    const { limit, count, reset } = state.quota.use(api, token.appId)
    // Numbers of 32 bits.
    const shown = Math.min(limit, 2_147_483_647)
    const rate = { count, limit: shown, remaining: Math.max(0, shown - count), reset: isoMs(reset), timeWindow: DAY_SECONDS }
    return { apiContext, apiName, apiVersion, resources: [{ name: resource, rates: [rate] }] }
  })
  return { status: 200, body: { rateLimits } }
}
