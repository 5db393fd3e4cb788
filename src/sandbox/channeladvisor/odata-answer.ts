import { overlay } from '../overlay.ts'
import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { type Kind, QueryMistake } from './odata-kind.ts'
import { type Query, readQuery, type Shape } from './odata-query.ts'
import { exactNumber, type Json, odataError, originOf } from './wire.ts'

interface View {
  readonly call: Call
  /** How many members of an expanded collection are shown; undefined: all (contract section 9). */
  readonly cut: number | undefined
}

export interface Listing {
  readonly kind: Kind<unknown>
  /** In the vendor's own order. */
  readonly entities: readonly unknown[]
  readonly pageSize: number | ((query: Query) => number)
}

/**
 * One page of a list. Beyond the last page stands the first one again (contract section 9). The link repeats the whole query of the
 * request, an access token in it too, and names the host that was called.
 */
export function answerList(call: Call, { kind, entities, pageSize }: Listing): SandboxReply {
  return guarded(() => {
    const query = readQuery(call.request.query, kind, true)
    const found = select(call, entities, query)
    const size = typeof pageSize === 'number' ? pageSize : pageSize(query)
    const skip = query.skip < found.length ? query.skip : 0
    const rest = found.slice(skip, query.top === undefined ? undefined : skip + query.top)
    const page = rest.slice(0, size)
    const isFull = page.length === size
    const hasMore = rest.length > size || (isFull && call.state.settings.trailingLink)
    const view = { call, cut: call.state.settings.collectionCut }
    return {
      status: 200,
      body: {
        '@odata.context': `${originOf(call.request)}/v1/$metadata#${kind.set}`,
        ...(query.count ? { '@odata.count': found.length } : {}),
        value: page.map((entity) => formOf(kind, entity, query.shape, view)),
        ...(hasMore ? { '@odata.nextLink': nextLink(call, query, skip + size, size) } : {}),
      },
    }
  })
}

/** One entity, nothing cut. */
export function answerEntity(call: Call, kind: Kind<unknown>, entity: unknown): SandboxReply {
  return guarded(() => {
    const { shape } = readQuery(call.request.query, kind, false)
    const form = formOf(kind, entity, shape, { call, cut: undefined })
    return { status: 200, body: { '@odata.context': `${originOf(call.request)}/v1/$metadata#${kind.set}/$entity`, ...form } }
  })
}

function guarded(run: () => SandboxReply): SandboxReply {
  try {
    return run()
  } catch (error) {
    if (error instanceof QueryMistake) return odataError(400, error.message)
    throw error
  }
}

/** As long as nothing happened, all pages of a list are of one search. */
function select(call: Call, entities: readonly unknown[], { filter, order }: Query): readonly unknown[] {
  const { state, now, application, request } = call
  const asked = [...request.query].filter(([name]) => name !== '$skip')
  const key = JSON.stringify([state.version, now, application.appId, request.path, asked])
  if (state.lastFound?.key === key) return state.lastFound.entities
  const fitting = filter === undefined ? entities : entities.filter((entity) => filter(entity, now))
  const found = order === undefined ? fitting : fitting.toSorted((a, b) => order(a, b, now))
  state.lastFound = { key, entities: found }
  return found
}

function nextLink(call: Call, query: Query, skip: number, size: number): string {
  const { request } = call
  const parameters = [...request.query].filter(([name]) => name !== '$skip' && name !== '$top')
  const asked = parameters.map(([name, value]) => `${encodeName(name)}=${encodeURIComponent(value)}`)
  const top = query.top === undefined ? [] : [`$top=${Math.max(0, query.top - size)}`]
  return `${originOf(request)}${request.path}?${[...asked, ...top, `$skip=${skip}`].join('&')}`
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%24', '$')
}

function formOf(kind: Kind<unknown>, entity: unknown, shape: Shape, view: View): Json {
  const form: Record<string, unknown> = {}
  const names = shape.select ?? Object.keys(kind.fields)
  for (const name of names) {
    const field = kind.fields[name]
    if (field === undefined) continue
    const value = field.of(entity, view.call.now)
    form[name] = field.type === 'decimal' && value !== null ? exactNumber(String(value)) : value
  }
  for (const [name, inner] of shape.expand) {
    const link = kind.links[name]
    if (link === undefined) continue
    const members = link.of(entity)
    const path = link.path?.(entity)
    const shown = view.cut === undefined || path === undefined ? members : members.slice(0, view.cut)
    form[name] = shown.map((member) => formOf(link.to(), member, inner, view))
    if (shown.length < members.length) form[`${name}@odata.nextLink`] = restLink(view.call, path ?? '', inner, shown.length)
  }
  const patch = kind.patch?.(entity)
  return patch === undefined ? form : (overlay(form, patch) as Json)
}

function restLink({ request }: Call, path: string, { options }: Shape, skip: number): string {
  const token = request.query.get('access_token')
  const carried = token === null ? [] : [`access_token=${encodeURIComponent(token)}`]
  const parts = [...carried, ...(options === '' ? [] : [options]), `$skip=${skip}`]
  return `${originOf(request)}/v1/${path}?${parts.join('&')}`
}
