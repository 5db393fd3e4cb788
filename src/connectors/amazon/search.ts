import * as z from 'zod'
import { PermanentError, RetryableError, StoppedError, ThrottledError } from '../../core/errors.ts'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { type FoundOrder, normalizeAll } from './orders.ts'
import type { Backlog, OrderSource, SourcePage } from './source.ts'
import { parseJson, parseTime } from './values.ts'

/** Orders appear in searches about this long after their change (contract section 2, rule 3). */
const LATENCY_MS = 2 * 60_000
/** No search begins later than this before now: Amazon wants its end, which lies two minutes back, not before its start. */
const SHORTEST_WINDOW_MS = 3 * 60_000
/** Page tokens live this long. */
const TOKEN_LIFE_MS = 24 * 60 * 60_000
/** Half of what a full bucket gives: a search that goes on after it will soon have to wait, and a report takes minutes to be made. */
const MANY_PAGES = 10
/** A page that takes this long is waiting for its turn. */
const SLOW_PAGE_MS = 30_000

const placeSchema = z.object({
  query: z.record(z.string(), z.string()),
  token: z.string().min(1).optional(),
  startedAt: z.number(),
  /** The earliest end that a page of this search has named, epoch ms. */
  until: z.number().optional(),
  /** Pages so far. */
  pages: z.number().default(0),
  backlog: z.object({ report: z.string(), done: z.string() }).optional(),
})

/** Where a search stands. Kept as text in the cursor between its pages. */
type Place = z.infer<typeof placeSchema>

/**
 * One search over everything changed since `since.at`, page by page (contract section 2, rules 3 and 4). `next.resume` holds the
 * frozen query and the next page's token; `next.at` moves with the last page only, to the end of the window that Amazon names. A
 * search found half done is gone on with while its token lives; a token that Amazon no longer knows starts the window over, once.
 * Pages that repeat end the search with RetryableError. While a long search waits for its turn, open orders that it would bring later are
 * fetched from the source's backlog; only the search tells when everything is there.
 */
export async function* searchPages(
  gate: Gate,
  source: OrderSource,
  since: Cursor,
  signal: AbortSignal,
): AsyncGenerator<OrderPage> {
  const opening = (): Place => openingOf(gate, source, since)
  let place = resumed(since, opening()) ?? opening()
  let restarted = false
  let watch = createWatch(gate)
  const catchUp = createCatchUp(gate, source)
  if (place.backlog !== undefined) await catchUp.begin(place)
  const pageOf = (found: readonly FoundOrder[]): OrderPage => {
    const backlog = catchUp.backlog()?.note()
    place = { ...place, ...(backlog === undefined ? {} : { backlog }) }
    return { ...normalizeAll(gate.account, found), next: { at: since.at, resume: JSON.stringify(place) } }
  }
  for (;;) {
    const { page, error, fetched } = await oneRound(source, place, catchUp, signal)
    if (page === undefined) {
      if (fetched.length > 0) yield pageOf(fetched)
      if (error === undefined) continue
      if (error instanceof ThrottledError && (fetched.length > 0 || (await catchUp.begin(place)))) continue
      if (restarted || place.token === undefined || !isStaleToken(error)) throw error
      gate.log.info({ channel: gate.account, step: 'searchOrders' }, 'page token no longer known: the window starts over')
      restarted = true
      place = opening()
      watch = createWatch(gate)
      continue
    }
    watch(place.token, page)
    const until = parseTime(page.lastUpdatedBefore) ?? place.startedAt - LATENCY_MS
    place = { ...place, until: Math.min(place.until ?? Number.POSITIVE_INFINITY, until), pages: place.pages + 1 }
    const found = together(page.found, fetched)
    if (page.nextToken === undefined) {
      yield { ...normalizeAll(gate.account, found), next: { at: place.until ?? since.at } }
      return
    }
    place = { ...place, token: page.nextToken }
    catchUp.see(page.found)
    if (place.pages >= MANY_PAGES) await catchUp.begin(place)
    yield pageOf(found)
  }
}

interface Round {
  /** Absent when the search failed, or when it still waits for its turn and something else was there before. */
  readonly page?: SourcePage
  readonly error?: unknown
  readonly fetched: readonly FoundOrder[]
}

/** The next page, or what can be had while it is waited for: whichever comes first ends the other's waiting, and no call is left behind. */
async function oneRound(source: OrderSource, place: Place, catchUp: CatchUp, signal: AbortSignal): Promise<Round> {
  const stopSearch = new AbortController()
  const stopFetching = new AbortController()
  let alone = false
  const searching = source.page(place.query, place.token, AbortSignal.any([signal, stopSearch.signal])).then(
    (page) => {
      stopFetching.abort()
      return { page }
    },
    (error: unknown) => {
      alone = error instanceof ThrottledError && catchUp.backlog() !== undefined
      if (!alone) stopFetching.abort()
      return { error }
    },
  )
  const fetching = catchUp
    .bring(place, AbortSignal.any([signal, stopFetching.signal]), () => alone)
    .then((fetched) => {
      if (fetched.length > 0) stopSearch.abort()
      return fetched
    })
  const [found, fetched] = await Promise.all([searching, fetching])
  const heldBack = 'error' in found && found.error instanceof StoppedError && stopSearch.signal.aborted && !signal.aborted
  return heldBack ? { fetched } : { ...found, fetched }
}

/** An order that came both ways is there once, as the search tells it: that was asked last. */
function together(searched: readonly FoundOrder[], fetched: readonly FoundOrder[]): readonly FoundOrder[] {
  const ids = new Set(searched.map(idOf))
  return [...searched, ...fetched.filter((one) => !ids.has(idOf(one)))]
}

function idOf({ wire }: FoundOrder): string | undefined {
  if (typeof wire !== 'object' || wire === null || !('orderId' in wire)) return undefined
  return typeof wire.orderId === 'string' ? wire.orderId : undefined
}

/** The source's backlog, from the moment when a search turns out to be a long one. */
interface CatchUp {
  backlog(): Backlog | undefined
  /** Begins with it, once; false when there is none to begin with. */
  begin(place: Place): Promise<boolean>
  /** Orders of it; it is begun with when `stop` does not come for a while. */
  bring(place: Place, stop: AbortSignal, alone: () => boolean): Promise<readonly FoundOrder[]>
  see(found: readonly FoundOrder[]): void
}

function createCatchUp({ clock }: Gate, source: OrderSource): CatchUp {
  const seen: string[] = []
  let begun = source.backlog === undefined
  let backlog: Backlog | undefined

  async function begin({ token, query, startedAt, backlog: note }: Place): Promise<boolean> {
    // A search that is not even under way has nothing that could be far behind.
    if (begun || token === undefined) return false
    begun = true
    backlog = await source.backlog?.({ startedAt, from: beginningOf(query), note })
    backlog?.see(seen)
    return backlog !== undefined
  }

  async function begunAfterAWhile(place: Place, stop: AbortSignal): Promise<boolean> {
    if (begun || place.token === undefined) return false
    const stopped = await clock.sleep(SLOW_PAGE_MS, stop).then(
      () => false,
      () => true,
    )
    return !stopped && (await begin(place))
  }

  return {
    backlog: () => backlog,
    begin,
    async bring(place, stop, alone) {
      if (backlog === undefined && !(await begunAfterAWhile(place, stop))) return []
      return backlog?.bring(stop, alone) ?? []
    },
    see(found) {
      const ids = found.map(idOf).filter((id) => id !== undefined)
      backlog?.see(ids)
      if (!begun) seen.push(...ids)
    },
  }
}

function openingOf(gate: Gate, source: OrderSource, since: Cursor): Place {
  const now = gate.clock.now()
  const from = Math.min(since.at, now - SHORTEST_WINDOW_MS)
  return { query: source.query(new Date(from).toISOString()), startedAt: now, pages: 0 }
}

/** The search of `since.resume`, unless its token has died, or the search asked now is another or reaches further back. */
function resumed(since: Cursor, opening: Place): Place | undefined {
  if (since.resume === undefined) return undefined
  const read = placeSchema.safeParse(parseJson(since.resume))
  if (!read.success || read.data.token === undefined) return undefined
  const { query, startedAt } = read.data
  const age = opening.startedAt - startedAt
  if (age < 0 || age >= TOKEN_LIFE_MS) return undefined
  return coversWindow(query, opening.query) ? read.data : undefined
}

const windowStart = /^lastUpdatedAfter$/i

/** Epoch ms. */
function beginningOf(query: Place['query']): number {
  const name = Object.keys(query).find((one) => windowStart.test(one)) ?? ''
  return parseTime(query[name]) ?? Number.POSITIVE_INFINITY
}

function coversWindow(old: Place['query'], wanted: Place['query']): boolean {
  const names = new Set([...Object.keys(old), ...Object.keys(wanted)])
  return [...names].every((name) => {
    if (!windowStart.test(name)) return old[name] === wanted[name]
    return (parseTime(old[name]) ?? Number.POSITIVE_INFINITY) <= (parseTime(wanted[name]) ?? Number.NEGATIVE_INFINITY)
  })
}

/** Amazon names the parameter when a token is dead, or does not fit the query (contract section 6). */
function isStaleToken(error: unknown): boolean {
  return error instanceof PermanentError && error.status === 400 && /paginationToken|NextToken/i.test(error.message)
}

/** Refuses a page that was here before, or leads back to one: the search would never end. */
function createWatch(gate: Gate): (token: string | undefined, page: SourcePage) => void {
  const tokens = new Set<string>()
  let previous: string | undefined
  return (token, page) => {
    if (token !== undefined) tokens.add(token)
    const content = page.found.length === 0 ? undefined : JSON.stringify(page.found.map((one) => one.wire))
    const repeats =
      (content !== undefined && content === previous) || (page.nextToken !== undefined && tokens.has(page.nextToken))
    if (repeats) throw new RetryableError('gave the same page twice', { account: gate.account, operation: 'searchOrders' })
    previous = content
  }
}
