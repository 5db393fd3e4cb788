import * as z from 'zod'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import type { MiraklClient, MultiShipment } from './client.ts'
import {
  beginExport,
  distrust,
  exportedOrders,
  exportLeftBehind,
  finishExport,
  isTooOld,
  type RunningExport,
  runningSchema,
} from './order-export.ts'
import { countOrders, pagesOfWindow, readWindowPage, type Window } from './order-pages.ts'
import { readAll } from './order-reading.ts'

/**
 * Above so many changed orders they are exported (OR13) instead of read page by page. At one call a second the pages of 2,000 orders take 20
 * seconds, which is about what the shortest export takes with its first poll after ten; and the vendor asks for exports where there is much.
 */
const EXPORT_ABOVE = 2000
/** The vendor refuses ranges of more than a year. */
const LONGEST_EXPORT_MS = 360 * 24 * 3600_000
const NOTHING = { orders: [], poison: [], skipped: 0 } as const

const placeSchema = z.object({
  /** Where the search began. */
  origin: z.number(),
  /** Everything changed before has been handed out. */
  from: z.number(),
  running: runningSchema.optional(),
})

/** Where a search stands. Kept as text in the cursor between its pages. */
type Place = z.infer<typeof placeSchema>

/**
 * Everything changed since `since.at`, in all states, since a cancelled order matters as much as an open one (contract section 3): a few
 * orders page by page, thousands as an export. `next.at` moves with the last page only, to the end of the window; until then `next.resume`
 * says where to go on. After a crash a window of pages is read again, since offsets mean nothing later; an export is gone on with where it
 * was. An export that fails, is refused, is too slow or gives fewer orders than the list counts is replaced by the pages.
 */
export async function* listOrderPages(
  client: MiraklClient,
  multiShipment: MultiShipment,
  since: Cursor,
  signal: AbortSignal,
): AsyncIterable<OrderPage> {
  const until = Math.max(client.gate.clock.now(), since.at)
  const found = resumed(client, since, until)
  const search: Search = { client, multiShipment, since, signal }
  let from = found?.from ?? since.at
  let running = found?.running ?? (await exportLeftBehind(client, from))
  for (;;) {
    if (running !== undefined && (yield* readExport(search, from, running))) {
      from = Math.max(from, running.end)
      if (running.askedAt >= until && !isCut(running, until)) {
        yield { ...NOTHING, next: { at: from } }
        return
      }
    }
    const window: Window = { from, until: Math.max(until, from) }
    const first = await readWindowPage(client, window, 0, signal)
    running = (first.total ?? 0) > EXPORT_ABOVE ? await begin(search, window, first.end) : undefined
    if (running === undefined) {
      yield* pagesOfWindow(search, window, first, { at: since.at, resume: noteOf({ origin: since.at, from }) })
      return
    }
    yield { ...NOTHING, next: { at: since.at, resume: noteOf({ origin: since.at, from, running }) } }
  }
}

interface Search {
  readonly client: MiraklClient
  readonly multiShipment: MultiShipment
  readonly since: Cursor
  readonly signal: AbortSignal
}

function begin({ client, signal }: Search, { from, until }: Window, end: number): Promise<RunningExport | undefined> {
  const longest = from + LONGEST_EXPORT_MS
  return beginExport(client, { from, until: Math.min(until, longest), end: Math.min(end, longest) }, signal)
}

/** Whether it ends before the window does, because that is longer than an export may be. */
function isCut(running: RunningExport, until: number): boolean {
  return until > running.from + LONGEST_EXPORT_MS
}

/** False when it cannot be used. What was handed out of it until then comes again with the pages. */
async function* readExport(search: Search, from: number, begun: RunningExport): AsyncGenerator<OrderPage, boolean> {
  const { client, multiShipment, since, signal } = search
  const source = exportedOrders(client, begun, signal)
  for (;;) {
    const step = await source.next()
    if (step.done === true) {
      if (step.value === undefined || !(await isComplete(client, step.value, signal))) return false
      await finishExport(client, begun)
      return true
    }
    const { raws, place } = step.value
    const orders = await readAll(client, multiShipment, raws, signal)
    yield { ...orders, next: { at: since.at, resume: noteOf({ origin: since.at, from, running: place }) } }
  }
}

/** Orders only leave a window that has ended: a list that counts more of them now than were exported has some that were not. */
async function isComplete(client: MiraklClient, { count, from, end }: RunningExport, signal: AbortSignal): Promise<boolean> {
  const listed = await countOrders(client, { from, until: end }, signal)
  if (listed <= count) return true
  await distrust(client, `the export has ${count} orders and the list ${listed}`)
  return false
}

/** The place of `since.resume`, unless it is none, or of a search that began later than this one has to. */
function resumed(client: MiraklClient, since: Cursor, until: number): Place | undefined {
  const read = placeSchema.safeParse(parsed(since.resume))
  if (!read.success || read.data.origin > since.at || read.data.from > until) return undefined
  const { running, ...place } = read.data
  return running === undefined || isTooOld(client, running) ? place : { ...place, running }
}

function noteOf(place: Place): string {
  return JSON.stringify(place)
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}
