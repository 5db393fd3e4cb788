import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, API_SCOPE } from './accounts.ts'
import { getMyeBaySelling } from './active-list.ts'
import { completeSale } from './complete-sale.ts'
import { getOrders } from './get-orders.ts'
import { reviseInventoryStatus } from './revise-inventory.ts'
import { isSiteId } from './sites.ts'
import { type Script, type State, scriptedFailure } from './state.ts'
import {
  invalidField,
  type TradingCall,
  type TradingFault,
  type TradingResult,
  tradingReply,
  withNotice,
} from './trading-reply.ts'
import { wholeNumber } from './wire.ts'
import { parseXml, textOf } from './xml.ts'

const CALLS: Readonly<Record<string, (call: TradingCall) => TradingResult>> = {
  GetOrders: getOrders,
  CompleteSale: completeSale,
  ReviseInventoryStatus: reviseInventoryStatus,
  GetMyeBaySelling: getMyeBaySelling,
}

/** The names by which calls are counted and can be made to fail. */
export const TRADING_CALLS: readonly string[] = Object.keys(CALLS)

const SYSTEM_ERRORS: ReadonlySet<number> = new Set([10007, 219255])

/** POST /ws/api.dll: the call is named by a header, the token stands in another (contract section 1). */
export function serveTrading(state: State, request: SandboxRequest): SandboxReply {
  const now = state.clock.now()
  const name = request.headers['x-ebay-api-call-name'] ?? ''
  state.calls.set(name, (state.calls.get(name) ?? 0) + 1)
  if (request.headers['x-ebay-api-cert-name'] !== undefined) state.misdeeds.push(`${name}: the Cert ID was sent along`)
  const document = parseXml(request.body)
  const messageId = document === undefined ? undefined : textOf(document.root, 'MessageID')
  const reply = (result: TradingResult): SandboxReply => tradingReply(name === '' ? 'Unknown' : name, result, now, messageId)
  const refuse = (fault: TradingFault): SandboxReply => reply({ faults: [fault] })

  const run = CALLS[name]
  if (run === undefined)
    return refuse({ code: 2, short: 'Unsupported API call.', long: `The API call "${name}" is not in the sandbox.` })
  if (document === undefined) return refuse({ code: 5, short: 'XML Parse error.' })
  if (document.name !== `${name}Request`) return refuse(invalidField(document.name))
  const level = wholeNumber(request.headers['x-ebay-api-compatibility-level'] ?? '')
  if (level === undefined) return refuse(missingHeader('X-EBAY-API-COMPATIBILITY-LEVEL'))
  if (!isSiteId(request.headers['x-ebay-api-siteid'] ?? '')) return refuse(missingHeader('X-EBAY-API-SITEID'))
  const account = bearerOf(state, request, now)
  if ('code' in account) return refuse(account)
  if (!state.quota.take('trading', account.appId)) {
    state.throttled += 1
    return refuse({ code: 518, short: 'Call usage limit has been reached.', long: 'Usage limit of this call is exceeded.' })
  }
  const script = scriptedFailure(state, name)
  if (script?.applied === false) return refuse(faultOf(script))
  const result = run({ state, account, root: document.root, level, now })
  if (script !== undefined) return refuse(faultOf(script))
  return reply(state.settings.notices && result.faults === undefined ? withNotice(result) : result)
}

function missingHeader(name: string): TradingFault {
  return {
    code: 10012,
    short: 'Header is missing or invalid.',
    long: `The HTTP header "${name}" is missing or invalid.`,
    parameters: [name],
  }
}

function faultOf({ code }: Script): TradingFault {
  const isSystem = SYSTEM_ERRORS.has(code)
  return {
    code,
    short: isSystem ? 'Internal error to the application.' : 'The call failed on purpose.',
    classification: isSystem ? 'SystemError' : 'RequestError',
  }
}

/** The bare token; any user token will do (contract sections 1 and 7). */
function bearerOf(state: State, request: SandboxRequest, now: number): Account | TradingFault {
  const text = request.headers['x-ebay-api-iaf-token'] ?? ''
  if (text === '') return { code: 930, short: 'No auth token.', long: 'The request has no eBay authentication token.' }
  const token = state.accounts.token(text)
  if (token?.account === undefined || token.revoked || !token.scopes.has(API_SCOPE))
    return { code: 21916984, short: 'Invalid IAF token.', long: 'IAF token supplied is invalid.' }
  if (token.expiresAt <= now) return { code: 21917053, short: 'Expired IAF token.', long: 'IAF token supplied is expired.' }
  return token.account
}
