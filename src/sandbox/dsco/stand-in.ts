import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { runAction } from './actions.ts'
import { booksOf } from './books.ts'
import { serveRest } from './rest.ts'
import { applySeed } from './seed.ts'
import { createState, type State } from './state.ts'

const TOKEN_PATH = '/api/v3/oauth2/token'

/**
 * Rithum's Dsco platform API v3 for one or several supplier accounts. The seed is read in seed.ts, a compact order in order-compact.ts, an item
 * in item-seed.ts; what happens is in order-actions.ts, item-actions.ts and actions.ts, the books in books.ts. What is sent in a batch is done
 * later, in requests.ts, and what is done is seen later still.
 */
export const createDsco: StandInFactory = (clock: SandboxClock): StandIn => {
  let state = createState(clock)
  return {
    vendor: 'dsco',
    handle: (request) => answer(state, request),
    seed: (document) => applySeed(state, document),
    act: (action, argument) => runAction(state, action, argument),
    books: () => booksOf(state),
    reset() {
      state = createState(clock)
    },
  }
}

function answer(state: State, request: SandboxRequest): SandboxReply {
  if (request.path !== TOKEN_PATH || request.method !== 'POST') return serveRest(state, request)
  state.calls.set('getAccessToken', (state.calls.get('getAccessToken') ?? 0) + 1)
  return state.access.grant(request)
}
