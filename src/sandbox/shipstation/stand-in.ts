import type { SandboxReply, SandboxRequest, StandInFactory } from '../stand-in.ts'
import { createAccess } from './access.ts'
import { ACTIONS } from './actions.ts'
import { booksOf } from './books.ts'
import { markAsShipped } from './labels.ts'
import { getStore, listCarriers, listServices, listStores, listWebhooks, subscribe, unsubscribe } from './lookups.ts'
import { parseDate } from './los-angeles.ts'
import { takeNotifications } from './notify.ts'
import { createOrder, createOrders } from './order-write.ts'
import { changeTag, deleteOrder, getOrder, holdUntil, listByTag, listOrders, restoreFromHold } from './orders.ts'
import { modelState, noSuchOrder, notFound, ok, refused, wrongMethod } from './replies.ts'
import { seedState } from './seed.ts'
import { listFulfillments, listShipments } from './shipments.ts'
import { emptyState, type State, settle } from './state.ts'

type Fields = Readonly<Record<string, unknown>>

interface Call {
  readonly state: State
  readonly query: URLSearchParams
  readonly id: number
  readonly now: number
  /** The body as JSON; an object for all but the two write calls. */
  readonly body: unknown
}

interface Route {
  readonly name: string
  readonly method: string
  readonly path: RegExp
  readonly answer: (call: Call) => SandboxReply
}

const ROUTES: readonly Route[] = [
  route('createorder', 'POST', '/orders/createorder', ({ state, body, now }) => createOrder(state, body, now)),
  route('createorders', 'POST', '/orders/createorders', ({ state, body, now }) => createOrders(state, body, now)),
  route('holduntil', 'POST', '/orders/holduntil', ({ state, body, now }) => holdUntil(state, fields(body), now)),
  route('restorefromhold', 'POST', '/orders/restorefromhold', ({ state, body, now }) =>
    restoreFromHold(state, fields(body), now),
  ),
  route('addtag', 'POST', '/orders/addtag', ({ state, body, now }) => changeTag(state, fields(body), true, now)),
  route('removetag', 'POST', '/orders/removetag', ({ state, body, now }) => changeTag(state, fields(body), false, now)),
  route('markasshipped', 'POST', '/orders/markasshipped', ({ state, body, now }) => markOverTheWire(state, fields(body), now)),
  route('listbytag', 'GET', '/orders/listbytag', ({ state, query }) => listByTag(state, query)),
  route('orders', 'GET', '/orders', ({ state, query }) => listOrders(state, query)),
  route('order', 'GET', '/orders/:id', ({ state, id }) => getOrder(state, id)),
  route('deleteorder', 'DELETE', '/orders/:id', ({ state, id, now }) => deleteOrder(state, id, now)),
  route('shipments', 'GET', '/shipments', ({ state, query }) => listShipments(state, query)),
  route('fulfillments', 'GET', '/fulfillments', ({ state, query }) => listFulfillments(state, query)),
  route('stores', 'GET', '/stores', ({ state, query }) => listStores(state, query)),
  route('store', 'GET', '/stores/:id', ({ state, id }) => getStore(state, id)),
  route('listtags', 'GET', '/accounts/listtags', ({ state }) => ok(state.tags)),
  route('carriers', 'GET', '/carriers', ({ state }) => listCarriers(state)),
  route('listservices', 'GET', '/carriers/listservices', ({ state, query }) => listServices(state, query)),
  route('webhooks', 'GET', '/webhooks', ({ state }) => listWebhooks(state)),
  route('subscribe', 'POST', '/webhooks/subscribe', ({ state, body }) => subscribe(state, fields(body))),
  route('unsubscribe', 'DELETE', '/webhooks/:id', ({ state, id }) => unsubscribe(state, id)),
]

/** ShipStation V1 as contracts/shipstation describes it. Seeds: seed.ts; actions: actions.ts; books: books.ts. */
export const createShipStation: StandInFactory = (clock) => {
  let state = emptyState()
  let access = newAccess()

  function newAccess(): ReturnType<typeof createAccess> {
    // The settings are looked up anew at each request, because a seed may change them.
    const now = state
    return createAccess(clock, {
      get keys() {
        return now.keys
      },
      get rateLimit() {
        return now.rateLimit
      },
    })
  }

  return {
    vendor: 'shipstation',
    handle(request) {
      settle(state, clock.now())
      state.heardAt = `http://${request.headers['host'] ?? ''}`
      const admitted = access.admit(request)
      if ('refusal' in admitted) return admitted.refusal
      const reply = answer(state, request, clock.now())
      return { ...reply, headers: { ...reply.headers, ...access.headers(admitted.key) } }
    },
    seed(document) {
      settle(state, clock.now())
      seedState(state, document, clock.now())
    },
    act(action, argument) {
      settle(state, clock.now())
      const perform = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
      if (perform === undefined)
        throw new Error(`ShipStation knows no action "${action}"; there are: ${Object.keys(ACTIONS).join(', ')}.`)
      return perform(state, fields(argument), clock.now())
    },
    books() {
      settle(state, clock.now())
      return booksOf(state, access.throttled())
    },
    outgoing: () => takeNotifications(state),
    reset() {
      state = emptyState()
      access = newAccess()
    },
  }
}

function route(name: string, method: string, path: string, answer: Route['answer']): Route {
  return { name, method, path: new RegExp(`^${path.replace(':id', '(\\d+)')}/?$`, 'i'), answer }
}

function answer(state: State, request: SandboxRequest, now: number): SandboxReply {
  const here = ROUTES.filter(({ path }) => path.test(request.path))
  if (here.length === 0) return notFound(request.path)
  const found = here.find(({ method }) => method === request.method)
  if (found === undefined) return wrongMethod(request.method)
  state.calls.set(found.name, (state.calls.get(found.name) ?? 0) + 1)
  const body = bodyOf(request)
  if (body === undefined) return modelState({ '': ['The request body could not be read as JSON.'] })
  const id = Number(found.path.exec(request.path)?.[1] ?? 0)
  return found.answer({ state, query: request.query, id, now, body })
}

/** Undefined when there is a body that is not JSON. */
function bodyOf(request: SandboxRequest): unknown {
  if (request.method !== 'POST' || request.body.length === 0) return null
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch {
    return undefined
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

// isync has no business here, but other tools on the same account do.
function markOverTheWire(state: State, body: Fields, now: number): SandboxReply {
  const order = state.orders.get(Number(body['orderId']))
  if (order === undefined || order.deleted) return noSuchOrder()
  if (typeof body['carrierCode'] !== 'string') return refused('carrierCode is required.')
  if (order.status === 'cancelled' || order.mergedInto !== null)
    return refused(`Order ${order.orderNumber} cannot be marked as shipped.`)
  const shipDate = typeof body['shipDate'] === 'string' ? body['shipDate'] : undefined
  if (shipDate !== undefined && parseDate(shipDate) === undefined) return refused('shipDate must be a date.')
  markAsShipped(state, order, body['carrierCode'], String(body['trackingNumber'] ?? ''), shipDate, now)
  return ok({ orderId: order.orderId, orderNumber: order.orderNumber })
}
