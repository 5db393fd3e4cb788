import * as z from 'zod'
import { PermanentError, RetryableError } from '../../core/errors.ts'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { normalizeAll } from './orders.ts'
import type { OrderSource, SourcePage } from './source.ts'
import { parseTime } from './values.ts'

/** Orders appear in searches about this long after their change (contract section 2, rule 3). */
const LATENCY_MS = 2 * 60_000
/** No search begins later than this before now: Amazon wants its end, which lies two minutes back, not before its start. */
const SHORTEST_WINDOW_MS = 3 * 60_000
/** Page tokens live this long. */
const TOKEN_LIFE_MS = 24 * 60 * 60_000

const placeSchema = z.object({
  query: z.record(z.string(), z.string()),
  token: z.string().min(1).optional(),
  startedAt: z.number(),
  /** The earliest end that a page of this search has named, epoch ms. */
  until: z.number().optional(),
})

/** Where a search stands. Kept as text in the cursor between its pages. */
type Place = z.infer<typeof placeSchema>

/**
 * One search over everything changed since `since.at`, page by page (contract section 2, rules 3 and 4). `next.resume` holds the
 * frozen query and the next page's token; `next.at` moves with the last page only, to the end of the window that Amazon names. A
 * search found half done is gone on with while its token lives; a token that Amazon no longer knows starts the window over, once.
 * Pages that repeat end the search with RetryableError.
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
  for (;;) {
    let page: SourcePage
    try {
      page = await source.page(place.query, place.token, signal)
    } catch (error) {
      if (restarted || place.token === undefined || !isStaleToken(error)) throw error
      gate.log.info({ channel: gate.account, step: 'searchOrders' }, 'page token no longer known: the window starts over')
      restarted = true
      place = opening()
      watch = createWatch(gate)
      continue
    }
    watch(place.token, page)
    place = {
      ...place,
      until: Math.min(place.until ?? Number.POSITIVE_INFINITY, parseTime(page.lastUpdatedBefore) ?? place.startedAt - LATENCY_MS),
    }
    const sorted = normalizeAll(gate.account, page.found)
    if (page.nextToken === undefined) {
      yield { ...sorted, next: { at: place.until ?? since.at } }
      return
    }
    place = { ...place, token: page.nextToken }
    yield { ...sorted, next: { at: since.at, resume: JSON.stringify(place) } }
  }
}

function openingOf(gate: Gate, source: OrderSource, since: Cursor): Place {
  const now = gate.clock.now()
  const from = Math.min(since.at, now - SHORTEST_WINDOW_MS)
  return { query: source.query(new Date(from).toISOString()), startedAt: now }
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
