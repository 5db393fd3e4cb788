import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, fullScope } from './accounts.ts'
import { createShippingFulfillment, getShippingFulfillment, getShippingFulfillments } from './fulfillments.ts'
import { bulkUpdatePriceQuantity } from './inventory.ts'
import { bulkGetInventoryItem, getInventoryItem, getInventoryItems, getOffers } from './inventory-read.ts'
import { KEY_CALL, servePublicKey } from './notifications.ts'
import { getRateLimits } from './rate-limits.ts'
import { denied, invalidToken, type RestCall } from './rest-call.ts'
import { getOrder, listOrders } from './rest-orders.ts'
import { type Script, type State, scriptedFailure } from './state.ts'
import { isReply, restError } from './wire.ts'

interface Operation {
  /** The vendor's name of it. */
  readonly name: string
  readonly method: string
  readonly path: RegExp
  readonly api: 'inventory' | 'fulfillment'
  readonly run: (call: RestCall) => SandboxReply
}

const ORDERS = '^/sell/fulfillment/v1/order'
const STOCK = '^/sell/inventory/v1'

// biome-ignore format: a table
const OPERATIONS: readonly Operation[] = [
  { name: 'getOrders', method: 'GET', path: new RegExp(`${ORDERS}$`), api: 'fulfillment', run: listOrders },
  { name: 'getOrder', method: 'GET', path: new RegExp(`${ORDERS}/([^/]+)$`), api: 'fulfillment', run: getOrder },
  { name: 'getShippingFulfillments', method: 'GET', path: new RegExp(`${ORDERS}/([^/]+)/shipping_fulfillment$`), api: 'fulfillment', run: getShippingFulfillments },
  { name: 'createShippingFulfillment', method: 'POST', path: new RegExp(`${ORDERS}/([^/]+)/shipping_fulfillment$`), api: 'fulfillment', run: createShippingFulfillment },
  { name: 'getShippingFulfillment', method: 'GET', path: new RegExp(`${ORDERS}/([^/]+)/shipping_fulfillment/([^/]+)$`), api: 'fulfillment', run: getShippingFulfillment },
  { name: 'bulkUpdatePriceQuantity', method: 'POST', path: new RegExp(`${STOCK}/bulk_update_price_quantity$`), api: 'inventory', run: bulkUpdatePriceQuantity },
  { name: 'bulkGetInventoryItem', method: 'POST', path: new RegExp(`${STOCK}/bulk_get_inventory_item$`), api: 'inventory', run: bulkGetInventoryItem },
  { name: 'getInventoryItem', method: 'GET', path: new RegExp(`${STOCK}/inventory_item/([^/]+)$`), api: 'inventory', run: getInventoryItem },
  { name: 'getInventoryItems', method: 'GET', path: new RegExp(`${STOCK}/inventory_item$`), api: 'inventory', run: getInventoryItems },
  { name: 'getOffers', method: 'GET', path: new RegExp(`${STOCK}/offer$`), api: 'inventory', run: getOffers },
]

/** The names by which calls are counted and can be made to fail. */
export const REST_CALLS: readonly string[] = [...OPERATIONS.map(({ name }) => name), KEY_CALL]

const LIMITS_PATH = /^\/developer\/analytics\/v1_beta\/(?:user_)?rate_limit\/?$/

/** Every REST resource: token, scope, quota, then the operation (contract sections 1 and 7). */
export function serveRest(state: State, request: SandboxRequest): SandboxReply {
  if (LIMITS_PATH.test(request.path)) return getRateLimits(state, request)
  const key = servePublicKey(state, request)
  if (key !== undefined) return key
  const matching = OPERATIONS.filter(({ path }) => path.test(request.path))
  const operation = matching.find(({ method }) => method === request.method)
  if (operation === undefined) {
    const status = matching.length > 0 ? 405 : 404
    return restError(status, { errorId: 2002, message: `Not in the sandbox: ${request.method} ${request.path}` })
  }
  state.calls.set(operation.name, (state.calls.get(operation.name) ?? 0) + 1)
  const account = bearerOf(state, operation, request)
  if (isReply(account)) return account
  if (!state.quota.take(operation.api, account.appId)) {
    state.throttled += 1
    return restError(429, { errorId: 2001, message: 'Too many requests.' })
  }
  // Missing, or the `*` of a client that sets none: refused in the wild, whatever the documents say of it.
  if (operation.api === 'inventory' && !/^[a-z]{2}-[A-Z]{2}\b/.test(request.headers['accept-language'] ?? ''))
    return restError(400, { errorId: 25709, domain: 'API_INVENTORY', message: 'Invalid value for header Accept-Language.' })
  const ids = idsOf(operation, request)
  if (ids === undefined) return restError(400, { errorId: 2004, message: 'The path is malformed.' })
  const script = scriptedFailure(state, operation.name)
  if (script?.applied === false) return failure(operation, script)
  const reply = operation.run({ state, account, request, ids, now: state.clock.now() })
  return script === undefined ? reply : failure(operation, script)
}

function failure({ api }: Operation, { status, code }: Script): SandboxReply {
  const domain = api === 'inventory' ? 'API_INVENTORY' : 'API_FULFILLMENT'
  const category = status >= 500 ? 'APPLICATION' : 'REQUEST'
  return restError(status, { errorId: code, domain, category, message: 'The call failed on purpose.' })
}

/** A readonly scope is enough to read. Inventory calls a dead token missing rights, where it is set to. */
function bearerOf(state: State, { api, method }: Operation, request: SandboxRequest): Account | SandboxReply {
  const text = /^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  const token = text === undefined ? undefined : state.accounts.token(text)
  if (token === undefined) return invalidToken()
  if (token.revoked || token.expiresAt <= state.clock.now()) {
    return api === 'inventory' && state.settings.expiredInventoryToken === 403 ? denied() : invalidToken()
  }
  const scope = fullScope(`sell.${api}`)
  const isAllowed = token.scopes.has(scope) || (method === 'GET' && token.scopes.has(`${scope}.readonly`))
  return token.account !== undefined && isAllowed ? token.account : denied()
}

function idsOf({ path }: Operation, request: SandboxRequest): readonly string[] | undefined {
  try {
    return (path.exec(request.path) ?? []).slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
}
