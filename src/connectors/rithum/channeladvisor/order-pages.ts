import { PermanentError, RetryableError } from '../../../core/errors.ts'
import type { NormalizedOrder, PoisonOrder } from '../../../core/model/order.ts'
import type { Cursor, OrderPage } from '../../../core/ports/marketplace.ts'
import { chunksOf, inLanes } from '../../http/lanes.ts'
import { type Centers, externalIn } from './centers.ts'
import { type ChannelAdvisorClient, type Page, pathOf, type Request } from './client.ts'
import { mayBeCut } from './cut.ts'
import { readOrder } from './orders.ts'
import { digestOf } from './values.ts'
import { keptPlace, orderIdOf, wireAnyOrder, wirePlaces } from './wire.ts'

export interface OrderDeps {
  readonly client: ChannelAdvisorClient
  readonly centers: Centers
}

type Orders = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

/** Whatever an order's units and money are told by. */
export const EXPAND = 'Items($expand=Promotions,Adjustments),Fulfillments($expand=Items)'
/** What was changed a moment ago may not be found yet. */
const LATENCY_MS = 2 * 60_000
const MOST_STARTS = 5
/** A place in a search is no use after that: too much has been changed meanwhile. */
const PLACE_LIFE_MS = 3600_000
/** Fewer than the smallest page that the vendor is known to give. */
const IDS_PER_CALL = 20

/** Where a search stands. */
interface Place {
  readonly from: number
  readonly startedAt: number
  /** Up to where everything is known once the search has ended; never further than the vendor's own clock. */
  readonly end: number
  readonly path: string
  /** The first order of the search: beyond its last page the vendor gives the first one again. */
  readonly firstId?: string | undefined
}

/**
 * Every order imported or changed since `since.at`, in whatever status, page by page along the vendor's own next links (contract section 9).
 * The export mark plays no part: it is set when an order has been handed on, and a cancellation after that matters as much.
 *
 * The search has no end in time and is sorted by id: an order that changes while we read can only come into it, which moves the others
 * to later places and shows one of them twice. Should the search get smaller all the same (an order was merged into another), it begins
 * anew, and what was handed out already is left out. For the same reasons a search may go on where a crash has ended it.
 */
export async function* listOrderPages(deps: OrderDeps, since: Cursor, signal: AbortSignal): AsyncGenerator<OrderPage> {
  const { client } = deps
  const opening = openingOf(client, since)
  const kept = resumed(since, opening)
  let place = kept ?? opening
  const handedOut = new Set<string>()
  const paths = new Set<string>()
  let starts = 1
  let total: number | undefined
  let before: string | undefined
  for (;;) {
    const page = await readPlace(client, place, place === kept, signal)
    if (page === 'stale') {
      place = opening
      continue
    }
    const isShrunk = total !== undefined && page.total !== undefined && page.total < total
    total = isShrunk ? undefined : (page.total ?? total)
    if (isShrunk) {
      starts += 1
      if (starts > MOST_STARTS) throw unsteady(client, 'orders kept leaving the search while it was read')
      place = { ...opening, end: place.end }
      paths.clear()
      continue
    }
    const firstId = orderIdOf(page.raws[0])
    const isOver = place.path !== opening.path && firstId !== undefined && firstId === place.firstId
    const fresh = isOver ? [] : page.raws.filter((raw) => isNew(handedOut, raw))
    const end = Math.min(place.end, (page.answeredAt ?? place.startedAt) - LATENCY_MS)
    // Where the vendor's clock stood when the search began: later pages were answered later.
    place = { ...place, end: place.path === opening.path ? end : place.end, firstId: place.firstId ?? firstId }
    const next = isOver ? undefined : page.next
    const orders = await readAll(deps, fresh, signal)
    if (next === undefined) {
      yield { ...orders, next: { at: Math.max(since.at, place.end) } }
      return
    }
    const content = digestOf(page.raws)
    if (paths.has(next) || (content === before && page.raws.length > 0)) throw unsteady(client, 'the same page was offered twice')
    paths.add(next)
    before = content
    place = { ...place, path: next }
    yield { ...orders, next: { at: since.at, resume: JSON.stringify(place) } }
  }
}

/** These orders as they are now, whatever their export mark. Unknown ids are absent. */
export async function getOrders(deps: OrderDeps, externalOrderIds: readonly string[], signal: AbortSignal): Promise<Orders> {
  const ids = [...new Set(externalOrderIds)].filter((id) => /^\d{1,18}$/.test(id))
  const found = await inLanes(chunksOf(ids, IDS_PER_CALL), (chunk) => {
    const filter = chunk.map((id) => `ID eq ${id}`).join(' or ')
    return deps.client.readAll(
      searchOf(
        pathOf('/v1/Orders', [
          ['$filter', filter],
          ['$expand', EXPAND],
        ]),
      ),
      signal,
    )
  })
  const wanted = new Set(ids)
  const raws = new Map(found.flat().map((raw) => [orderIdOf(raw) ?? digestOf(raw), raw]))
  return readAll(
    deps,
    [...raws].flatMap(([id, raw]) => (wanted.has(id) ? [raw] : [])),
    signal,
  )
}

function openingOf(client: ChannelAdvisorClient, since: Cursor): Place {
  const startedAt = client.gate.clock.now()
  const from = new Date(Math.min(since.at, startedAt)).toISOString()
  const path = pathOf('/v1/Orders', [
    ['$filter', `UpdatedDateUtc ge ${from} or ImportDateUtc ge ${from}`],
    ['$orderby', 'ID'],
    ['$expand', EXPAND],
    ['$count', 'true'],
  ])
  return { from: since.at, startedAt, end: startedAt - LATENCY_MS, path }
}

/** The search of `since.resume`, unless it is too old or does not reach as far back as this one. */
function resumed(since: Cursor, { startedAt }: Place): Place | undefined {
  if (since.resume === undefined) return undefined
  const place = keptPlace.safeParse(parsed(since.resume)).data
  if (place === undefined || place.from > since.at) return undefined
  const age = startedAt - place.startedAt
  return age >= 0 && age < PLACE_LIFE_MS ? place : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `stale`: a place from before a crash that the vendor no longer knows. */
async function readPlace(
  client: ChannelAdvisorClient,
  place: Place,
  isKept: boolean,
  signal: AbortSignal,
): Promise<Page | 'stale'> {
  try {
    return await client.readPage(searchOf(place.path), signal)
  } catch (error) {
    if (error instanceof PermanentError && isKept) return 'stale'
    throw error
  }
}

export function searchOf(path: string): Request {
  return { operation: 'GET Orders', method: 'GET', path }
}

export function unsteady(client: ChannelAdvisorClient, what: string): RetryableError {
  return new RetryableError(what, { account: client.gate.account, operation: 'GET Orders' })
}

/** By the whole document: an order that has changed meanwhile is told again. */
function isNew(handedOut: Set<string>, raw: unknown): boolean {
  const key = digestOf(raw)
  if (handedOut.has(key)) return false
  handedOut.add(key)
  return true
}

export async function readAll(deps: OrderDeps, raws: readonly unknown[], signal: AbortSignal): Promise<Orders> {
  const whole = await inLanes(raws, (raw) => completed(deps.client, raw, signal))
  const wanted = whole.map(centersOf).filter((ids) => ids !== undefined)
  const isExternal = externalIn(wanted.length === 0 ? [] : await deps.centers.read(wanted.flat(), signal))
  const orders: NormalizedOrder[] = []
  const poison: PoisonOrder[] = []
  let skipped = 0
  for (const raw of whole) {
    const reading = readOrder(deps.client.settings, raw, isExternal)
    if (reading.kind === 'order') orders.push(reading.order)
    else if (reading.kind === 'poison') poison.push(reading.poison)
    else skipped += 1
  }
  return { orders, poison, skipped }
}

/** The order with everything that belongs to it: in a list its collections end after twenty entries. */
async function completed(client: ChannelAdvisorClient, raw: unknown, signal: AbortSignal): Promise<unknown> {
  const id = orderIdOf(raw)
  if (id === undefined || !mayBeCut(raw)) return raw
  const path = pathOf(`/v1/Orders(${id})`, [['$expand', EXPAND]])
  const request: Request = { operation: 'GET Orders(ID)', method: 'GET', path, expect: [404] }
  const answer = await client.send(request, signal)
  return answer.status === 404 ? raw : client.parse(request, answer, wireAnyOrder)
}

/** Where the order lies; undefined where it says itself whether all of it lies with the seller. */
function centersOf(raw: unknown): readonly number[] | undefined {
  const read = wirePlaces.safeParse(raw).data
  const rollup = read?.DistributionCenterTypeRollup
  if (read === undefined || rollup === 'SellerManaged' || rollup === 'ExternallyManaged') return undefined
  return read.Fulfillments.flatMap(({ DistributionCenterID }) => DistributionCenterID ?? [])
}
