import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { runAction } from './actions.ts'
import { booksOf } from './books.ts'
import { takeNotifications } from './notifications.ts'
import { grantToken } from './oauth.ts'
import { serveRest } from './rest.ts'
import { applySeed } from './seed.ts'
import { createState, type State } from './state.ts'
import { serveTrading } from './trading.ts'
import { restError } from './wire.ts'

const TOKEN_PATH = '/identity/v1/oauth2/token'
const TRADING_PATH = '/ws/api.dll'

/**
 * eBay for one or several sellers: the token endpoint, the Trading API (GetOrders, CompleteSale, ReviseInventoryStatus, GetMyeBaySelling), Sell Fulfillment,
 * Sell Inventory, the read-out of quotas and the Notification API's messages and keys, on one port. The seed is read in seed.ts, a compact order in order-seed.ts, a listing in
 * listing-seed.ts; what happens is in order-actions.ts, listing-actions.ts, notifications.ts and actions.ts, the books in books.ts.
 */
export const createEbay: StandInFactory = (clock: SandboxClock): StandIn => {
  let state = createState(clock)
  return {
    vendor: 'ebay',
    handle: (request) => answer(state, request),
    seed: (document) => applySeed(state, document),
    act: (action, argument) => runAction(state, action, argument),
    books: () => booksOf(state),
    outgoing: () => takeNotifications(state),
    reset() {
      state = createState(clock)
    },
  }
}

function answer(state: State, request: SandboxRequest): SandboxReply {
  if (request.path === TRADING_PATH && request.method === 'POST') return serveTrading(state, request)
  if (request.path !== TOKEN_PATH) return serveRest(state, request)
  if (request.method !== 'POST')
    return restError(405, { errorId: 2002, message: `Not in the sandbox: ${request.method} ${request.path}` })
  state.calls.set('token', (state.calls.get('token') ?? 0) + 1)
  return grantToken(state, request)
}
