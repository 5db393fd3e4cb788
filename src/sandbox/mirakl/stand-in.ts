import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { runAction } from './actions.ts'
import { booksOf } from './books.ts'
import { type Call, shopOf } from './call.ts'
import type { State } from './model.ts'
import { readStorage, workOffExports } from './order-export.ts'
import { throttle } from './rate.ts'
import { matchOperation } from './routes.ts'
import { applySeed, emptyState } from './seed.ts'
import { workOffImports } from './stock-import.ts'
import { fail } from './wire.ts'

const REFUSED_PATH: Readonly<Record<400 | 404 | 405, string>> = {
  400: 'The path is malformed.',
  404: 'Resource not found.',
  405: 'Method not allowed.',
}

/** The seller role of one or several Mirakl marketplaces, told apart by their keys (contract sections 1 and 3 to 8). */
export const createMirakl: StandInFactory = (clock: SandboxClock): StandIn => {
  let state = emptyState()

  /** Puts into effect what was answered earlier and is due by now. */
  function catchUp(): number {
    const now = clock.now()
    for (const late of takeDue(state, now)) late.apply(late.due)
    for (const account of state.accounts.values()) {
      workOffImports(account, now)
      workOffExports(account, now)
    }
    return now
  }

  return {
    vendor: 'mirakl',
    handle: (request) => answer(state, request, catchUp()),
    seed(document) {
      applySeed(state, document, catchUp())
    },
    act: (action, argument) => runAction(state, action, argument, catchUp()),
    books() {
      catchUp()
      return booksOf(state)
    },
    reset() {
      state = emptyState()
    },
  }
}

function takeDue(state: State, now: number): State['pending'] {
  if (!state.pending.some((late) => late.due <= now)) return []
  const all = state.pending.splice(0)
  state.pending.push(...all.filter((late) => late.due > now))
  return all.filter((late) => late.due <= now).sort((a, b) => a.due - b.due)
}

function answer(state: State, request: SandboxRequest, now: number): SandboxReply {
  const stored = readStorage(state, request, now)
  if (stored !== undefined) return stored
  // The bare key: with a scheme in front it is another, unknown key.
  const account = state.accounts.get(request.headers['authorization'] ?? '')
  if (account === undefined || account.revoked) return fail(401, 'Unauthorized')
  const match = matchOperation(request)
  const limited = throttle(account, 'operation' in match ? match.operation.code : '', now)
  if (limited !== undefined) {
    state.throttled += 1
    return limited
  }
  if (!('operation' in match)) return fail(match.status, REFUSED_PATH[match.status])
  const { operation, pathId } = match
  state.calls[operation.code] = (state.calls[operation.code] ?? 0) + 1

  const shop = shopOf(account, request)
  if ('refusal' in shop) return shop.refusal
  if (operation.multiShipment && !account.settings.multi_shipment) return fail(404, REFUSED_PATH[404])
  if (operation.write && shop.shopId === undefined) return fail(404, 'Shop not found.')
  const call: Call = { state, account, request, pathId, now, shopId: shop.shopId }
  return operation.run(call)
}
