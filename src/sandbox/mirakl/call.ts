import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Account, Order, State } from './model.ts'
import { fail, wholeNumber } from './wire.ts'

/** One authenticated call. */
export interface Call {
  readonly state: State
  readonly account: Account
  readonly request: SandboxRequest
  /** The decoded id in the path (of an order, of an import), where there is one. */
  readonly pathId: string
  readonly now: number
  /** undefined: a shop that the key does not see. Reads find nothing, writes answer 404 (section 1). */
  readonly shopId: number | undefined
}

/** The shop a call is about: `shop_id`, else the default shop of the key (section 1). */
export function shopOf(
  account: Account,
  request: SandboxRequest,
): { readonly shopId: number | undefined } | { readonly refusal: SandboxReply } {
  const asked = wholeNumber(request.query.get('shop_id'))
  if (asked === undefined) return { shopId: account.defaultShop }
  if (Number.isNaN(asked)) return { refusal: fail(400, "The parameter 'shop_id' must be an integer.") }
  return { shopId: account.shops.includes(asked) ? asked : undefined }
}

/** The order of the path, as far as the shop sees it. */
export function orderOf(call: Call): Order | undefined {
  const order = call.account.orders.get(call.pathId)
  return order !== undefined && order.shopId === call.shopId ? order : undefined
}

export function orderNotFound(call: Call): SandboxReply {
  return fail(404, `Order '${call.pathId}' not found.`, 'ORDER_NOT_FOUND')
}

/** Page size and the like: whole, at least `least`, cut down to `ceiling`. */
export function pageNumber(
  query: URLSearchParams,
  name: string,
  fallback: number,
  least: number,
  ceiling: number,
): number | SandboxReply {
  const asked = wholeNumber(query.get(name))
  if (asked === undefined) return fallback
  if (Number.isNaN(asked) || asked < least) return fail(400, `The parameter '${name}' is invalid.`)
  return Math.min(asked, ceiling)
}

/** The neighbouring pages of an offset-paged list; empty when there are none. */
export function linkHeader(request: SandboxRequest, offset: number, max: number, total: number): string {
  const links: string[] = []
  if (offset + max < total) links.push(`<${pageUrl(request, offset + max, max)}>; rel="next"`)
  if (offset > 0) links.push(`<${pageUrl(request, Math.max(0, offset - max), max)}>; rel="previous"`)
  return links.join(', ')
}

function pageUrl(request: SandboxRequest, offset: number, max: number): string {
  const query = new URLSearchParams(request.query)
  query.set('max', String(max))
  query.set('offset', String(offset))
  return `http://${request.headers['host'] ?? 'localhost'}${request.path}?${query}`
}
