import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { authorize, type Caller, createRestrictedDataToken, isCaller } from './access.ts'
import { type Account, createAccounts } from './accounts.ts'
import { runAction } from './actions.ts'
import { type Tally, writeBooks } from './books.ts'
import { reader } from './compact.ts'
import { confirmShipment } from './confirm.ts'
import { CARRIERS } from './confirm-body.ts'
import { createLimiter, type Operation } from './limits.ts'
import { exchangeToken } from './lwa.ts'
import { getOrder2026, searchOrders } from './orders-2026.ts'
import { getOrderAddress, getOrderBuyerInfo, getOrderItems, getOrderItemsBuyerInfo, getOrders, getOrderV0 } from './orders-v0.ts'
import { readOrder } from './seed.ts'
import { marketplaceParticipations } from './sellers.ts'
import { createOrderStore } from './store.ts'
import { errorReply, isRecord } from './wire.ts'

const SEED_KEYS = ['accounts', 'rate_limits', 'roles', 'carriers', 'orders']
/** A seeded order that gives no time is history, and so visible at once; one that is added later happens now. */
const SEEDED_AGO_MS = 3_600_000
const V2026 = '/orders/2026-01-01/orders'
const V0 = '/orders/v0/orders'

interface Route {
  readonly operation: Operation
  readonly method: string
  /** `{orderId}` stands for one segment. */
  readonly path: string
}

const ROUTES: readonly Route[] = [
  { operation: 'searchOrders', method: 'GET', path: V2026 },
  { operation: 'getOrder', method: 'GET', path: `${V2026}/{orderId}` },
  { operation: 'getOrders', method: 'GET', path: V0 },
  { operation: 'getOrderV0', method: 'GET', path: `${V0}/{orderId}` },
  { operation: 'getOrderItems', method: 'GET', path: `${V0}/{orderId}/orderItems` },
  { operation: 'getOrderAddress', method: 'GET', path: `${V0}/{orderId}/address` },
  { operation: 'getOrderBuyerInfo', method: 'GET', path: `${V0}/{orderId}/buyerInfo` },
  { operation: 'getOrderItemsBuyerInfo', method: 'GET', path: `${V0}/{orderId}/orderItems/buyerInfo` },
  { operation: 'confirmShipment', method: 'POST', path: `${V0}/{orderId}/shipmentConfirmation` },
  { operation: 'createRestrictedDataToken', method: 'POST', path: '/tokens/2021-03-01/restrictedDataToken' },
  { operation: 'getMarketplaceParticipations', method: 'GET', path: '/sellers/v1/marketplaceParticipations' },
]

/**
 * Amazon: Login with Amazon and the Selling Partner API on one port, whatever the Host header says.
 *
 * Seed: `{accounts?, rate_limits?: 'on' | 'off' | {operation: {rate, burst}}, roles?: {pii: boolean}, carriers?: 'any' | [code], orders?: [compact order]}`.
 * An order whose id is known is replaced. The compact order is read in seed.ts, the actions are in actions.ts, the books in books.ts.
 */
export const createAmazon: StandInFactory = (clock) => createStandIn(clock)

function createStandIn(clock: SandboxClock): StandIn {
  const accounts = createAccounts(clock)
  const store = createOrderStore()
  const limiter = createLimiter(clock)
  const tally: Tally = { calls: new Map(), throttled: 0 }
  const settings = { pii: true, carriers: new Set(CARRIERS) as ReadonlySet<string> | 'any' }
  let requests = 0
  let numbered = 0

  function handle(request: SandboxRequest): SandboxReply {
    requests += 1
    const reply = answer(request)
    const id = `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`
    return { ...reply, headers: { ...reply.headers, 'x-amzn-requestid': id } }
  }

  function answer(request: SandboxRequest): SandboxReply {
    if (request.method === 'POST' && request.path === '/auth/o2/token') {
      count('lwaToken')
      return exchangeToken(accounts, request)
    }
    const found = findRoute(request)
    // The gateway knows no such resource and answers as it does without a signature.
    if (found === undefined) {
      return errorReply(
        403,
        'MissingAuthenticationToken',
        'Access to requested resource is denied.',
        `Not in the sandbox: ${request.method} ${request.path}`,
      )
    }
    count(found.route.operation)
    const caller = authorize(accounts, clock, request, settings.pii)
    if (!isCaller(caller)) return caller
    if (!limiter.take(found.route.operation, caller.account.sellerId)) {
      tally.throttled += 1
      return errorReply(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.')
    }
    const reply = perform(found.route.operation, caller, request, found.orderId)
    // Present on 2xx, 400 and 404 in the models; the contract warns that errors may lack it.
    if (reply.status === 403 || reply.status === 415) return reply
    return { ...reply, headers: { ...reply.headers, 'x-amzn-ratelimit-limit': limiter.header(found.route.operation) } }
  }

  function count(operation: string): void {
    tally.calls.set(operation, (tally.calls.get(operation) ?? 0) + 1)
  }

  function perform(operation: Operation, caller: Caller, request: SandboxRequest, orderId: string): SandboxReply {
    const context = { clock, store, carriers: settings.carriers }
    switch (operation) {
      case 'searchOrders':
        return searchOrders(context, caller, request)
      case 'getOrder':
        return getOrder2026(context, caller, request, orderId)
      case 'getOrders':
        return getOrders(context, caller, request)
      case 'getOrderV0':
        return getOrderV0(context, caller, orderId)
      case 'getOrderItems':
        return getOrderItems(context, caller, orderId, request)
      case 'getOrderAddress':
        return getOrderAddress(context, caller, orderId)
      case 'getOrderBuyerInfo':
        return getOrderBuyerInfo(context, caller, orderId)
      case 'getOrderItemsBuyerInfo':
        return getOrderItemsBuyerInfo(context, caller, orderId)
      case 'confirmShipment':
        return confirmShipment(context, caller, request, orderId)
      case 'createRestrictedDataToken':
        return createRestrictedDataToken(accounts, caller, request)
      case 'getMarketplaceParticipations':
        return marketplaceParticipations(caller)
    }
  }

  function seed(document: unknown): void {
    const given = reader('amazon seed', document, SEED_KEYS)
    const added = list(given.raw('accounts'), 'accounts').map((account) => accounts.put(account))
    if (given.has('rate_limits')) limiter.configure(given.raw('rate_limits'))
    if (given.has('roles')) settings.pii = reader('roles', given.raw('roles'), ['pii']).flag('pii') ?? settings.pii
    if (given.has('carriers'))
      settings.carriers = given.raw('carriers') === 'any' ? 'any' : new Set([...CARRIERS, ...given.texts('carriers')])
    addOrders(list(given.raw('orders'), 'orders'), added[0], clock.now() - SEEDED_AGO_MS)
  }

  function addOrders(documents: readonly unknown[], account: Account | undefined, createdAt: number): readonly string[] {
    const [fallback] = accounts.all()
    const owner = account ?? fallback
    if (owner === undefined) throw new Error('amazon seed: there is no account')
    return documents.map((document) => {
      const order = readOrder(document, { createdAt, accounts, account: owner, next: () => ++numbered })
      const known = store.get(order.id)
      store.put(order)
      // A replaced order has changed just now, unless the document says when.
      if (known !== undefined && !(isRecord(document) && document['updated_at'] !== undefined)) store.touch(order, clock.now())
      return order.id
    })
  }

  function reset(): void {
    accounts.reset()
    store.reset()
    limiter.reset()
    tally.calls.clear()
    tally.throttled = 0
    settings.pii = true
    settings.carriers = new Set(CARRIERS)
    requests = 0
    numbered = 0
  }

  return {
    vendor: 'amazon',
    handle,
    seed,
    act: (action, argument) =>
      runAction(
        { clock, store, accounts, addOrders: (documents) => addOrders(documents, undefined, clock.now()) },
        action,
        argument,
      ),
    books: () => writeBooks(store, accounts, tally),
    reset,
  }
}

function findRoute(request: SandboxRequest): { readonly route: Route; readonly orderId: string } | undefined {
  const segments = request.path.split('/')
  for (const route of ROUTES) {
    if (route.method !== request.method) continue
    const wanted = route.path.split('/')
    if (wanted.length !== segments.length) continue
    if (!wanted.every((name, i) => name === '{orderId}' || name === segments[i])) continue
    return { route, orderId: decode(segments[wanted.indexOf('{orderId}')] ?? '') }
  }
  return undefined
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function list(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Error(`amazon seed: ${name} must be a list`)
  return value
}
