import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { runAction } from './actions.ts'
import { takeOdd } from './answers.ts'
import { booksOf } from './books.ts'
import { bulkDetails, oneItem } from './item-details.ts'
import { listItems } from './list.ts'
import { authorize, exchangeToken } from './oauth.ts'
import { listLocations, listOrganizations } from './places.ts'
import { applySeed } from './seed.ts'
import { emptyState, type State } from './state.ts'
import { takeHooks } from './webhooks.ts'
import { fail, jsonWithNumericIds, wholeNumber } from './wire.ts'

const TOKEN_PATH = '/oauth/v2/token'
const API = '/inventory/v1'
const ITEMS = 'ZohoInventory.items.READ'
const SETTINGS = 'ZohoInventory.settings.READ'

interface Route {
  readonly shape: string
  readonly path: RegExp
  readonly scope: string
  /** GET /organizations is how a client finds out what to put there. */
  readonly needsOrganization: boolean
  readonly run: (call: Call) => SandboxReply
}

interface Call {
  readonly state: State
  readonly request: SandboxRequest
  /** What the path names. */
  readonly id: string
  /** The organization is the one that has the items. */
  readonly isOwner: boolean
}

const ROUTES: readonly Route[] = [
  {
    shape: `${API}/organizations`,
    path: /^\/inventory\/v1\/organizations$/,
    scope: SETTINGS,
    needsOrganization: false,
    run: ({ state }) => listOrganizations(state),
  },
  {
    shape: `${API}/locations`,
    path: /^\/inventory\/v1\/locations$/,
    scope: SETTINGS,
    needsOrganization: true,
    run: ({ state, request, isOwner }) => listLocations(state, request, isOwner),
  },
  {
    shape: `${API}/items`,
    path: /^\/inventory\/v1\/items$/,
    scope: ITEMS,
    needsOrganization: true,
    run: ({ state, request, isOwner }) =>
      listItems(state, request, isOwner, takeOdd(state.odd, 'items', wholeNumber(request.query.get('page')) ?? 1)),
  },
  {
    shape: `${API}/itemdetails`,
    path: /^\/inventory\/v1\/itemdetails$/,
    scope: ITEMS,
    needsOrganization: true,
    run: ({ state, request, isOwner }) => bulkDetails(state, request, isOwner, takeOdd(state.odd, 'itemdetails', 1)),
  },
  {
    shape: `${API}/items/{id}`,
    path: /^\/inventory\/v1\/items\/([^/]+)$/,
    scope: ITEMS,
    needsOrganization: true,
    run: ({ state, id, isOwner }) => oneItem(state, id, isOwner),
  },
]

/**
 * Zoho Inventory and Zoho Accounts on one port, for reading stock (contract sections 1 to 8), and its webhooks (section 9).
 *
 * Seed: `{ items?: [compact item], generate?: { count, prefix?, first?, stock? }, settings?, accounts?, organizations?, places? }`; see seed.ts and
 * settings.ts. Actions are in actions.ts, webhooks are set by webhooks.ts, the books in books.ts.
 */
export const createZoho: StandInFactory = (clock: SandboxClock): StandIn => {
  let state = emptyState()
  return {
    vendor: 'zoho',
    handle: (request) => withIds(state, answer(state, request, clock.now())),
    seed(document) {
      applySeed(state, document, clock.now())
    },
    act: (action, argument) => runAction(state, action, argument, clock.now()),
    books: () => booksOf(state, clock.now()),
    outgoing: () => takeHooks(state),
    reset() {
      state = emptyState()
    },
  }
}

function answer(state: State, request: SandboxRequest, now: number): SandboxReply {
  if (request.method === 'POST' && request.path === TOKEN_PATH) {
    count(state, `POST ${TOKEN_PATH}`, now)
    return exchangeToken(state.accounts, state.settings, request, now)
  }
  const found = routeOf(request.path)
  if (found === undefined) return fail(404, 5, 'Invalid URL Passed')
  const { route, id } = found
  if (request.method !== 'GET') {
    state.writes += 1
    // The scopes are for reading only.
    return fail(401, 57, 'You are not authorized to perform this operation')
  }
  const caller = authorize(state.accounts, request, route.scope, now)
  if ('refusal' in caller) return caller.refusal
  const organizationId = request.query.get('organization_id') ?? (route.needsOrganization ? '' : mainId(state))
  if (!state.organizations.some((one) => one.organization_id === organizationId))
    return fail(400, 6041, 'This user is not associated with the CompanyID/CompanyName:CompanyID.')
  const limited = state.limits.take(organizationId, state.settings, now)
  const headers = state.limits.headers(organizationId, state.settings, now)
  if (limited !== undefined) return { ...limited, headers }
  count(state, `GET ${route.shape}`, now)
  const reply = route.run({ state, request, id, isOwner: organizationId === mainId(state) })
  return { ...reply, headers: { ...reply.headers, ...headers } }
}

function mainId({ organizations }: State): string {
  return organizations[0]?.organization_id ?? ''
}

function routeOf(path: string): { readonly route: Route; readonly id: string } | undefined {
  for (const route of ROUTES) {
    const found = route.path.exec(path)
    if (found !== null) return { route, id: found[1] ?? '' }
  }
  return undefined
}

function count({ calls }: State, shape: string, now: number): void {
  const minute = `${new Date(now).toISOString().slice(0, 16)}Z`
  const own = calls.get(shape) ?? new Map<string, number>()
  calls.set(shape, own.set(minute, (own.get(minute) ?? 0) + 1))
}

/** The vendor's examples print ids as numbers. */
function withIds({ settings }: State, reply: SandboxReply): SandboxReply {
  if (settings.ids === 'text' || typeof reply.body !== 'object') return reply
  const headers = { 'content-type': 'application/json;charset=UTF-8', ...reply.headers }
  return { ...reply, headers, body: jsonWithNumericIds(reply.body) }
}
