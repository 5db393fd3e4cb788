import { isConnectorError, RefusedByDryRun, StoppedError } from '../../core/errors.ts'
import { inLanes } from '../http/lanes.ts'
import type { AmazonClient } from './client.ts'
import type { FoundOrder } from './orders.ts'
import { type Asked, askedForUnshipped, readUnshippedReport } from './reports.ts'
import type { Backlog, BacklogNote, BacklogWanted } from './source.ts'

/** Orders that are fetched at once and stored together: 100 s of their bucket, and all that a crash can cost. */
const BATCH = 50
const ASK_AGAIN_MS = 20_000
/** A run that has nothing else to do waits so long for a report; the next run asks for the same one. */
const PATIENCE_MS = 5 * 60_000
/** A report that was asked for this long before a search began tells of nearly the same orders. */
const STILL_GOOD_MS = 60 * 60_000
/** So often in a row it goes wrong, and the search goes on alone. */
const MOST_FAILURES = 3

/**
 * Whether fetching single orders beside a search is worth it: searches bring a hundred orders a call, and by Amazon's defaults that is 0.56 a
 * second against 0.5 for single orders. For an account whose searches are ten times as fast as all that it is not.
 */
export function isWorthIt(client: AmazonClient): boolean {
  return client.rateOf('getOrder') * 10 >= client.rateOf('searchOrders') * 100
}

/**
 * Open orders out of the unshipped-orders report, fetched one by one from a bucket of their own while a search waits for its turn (contract
 * sections 2 and 7). All of them are in that search too: it begins with what changed first and this with what was ordered last, so that they
 * meet in the middle, and whatever goes wrong here costs time and no order. The report is asked for once, whoever goes on with the search.
 */
export function createBacklog(
  client: AmazonClient,
  fetchOne: (externalOrderId: string, signal: AbortSignal) => Promise<FoundOrder | undefined>,
  wanted: BacklogWanted,
): Backlog {
  const { gate } = client
  const log = { channel: gate.account, step: 'orders:pull' }
  let asked: Asked | undefined
  let places: ReadonlyMap<string, number> | undefined
  const seen = new Set<string>()
  let failures = 0
  let over = false

  function giveUp(why: string): void {
    over = true
    gate.log.warn({ ...log, report: asked?.id, error: why }, 'the search goes on without the report on unshipped orders')
  }

  /** Waits for the report until `stop`; once there is nothing else to wait for, no longer than is reasonable. */
  async function awaited(stop: AbortSignal, alone: () => boolean): Promise<ReadonlyMap<string, number> | undefined> {
    asked ??= await askedForUnshipped(client, wanted.startedAt - STILL_GOOD_MS, stop)
    for (;;) {
      const report = await readUnshippedReport(client, asked.id, wanted.from, stop)
      if (report.state === 'lost') giveUp(report.why)
      if (report.state === 'lost') return undefined
      if (report.state === 'done')
        return numbered(
          report.orders.map(({ id }) => id),
          asked.id,
        )
      if (alone() && gate.clock.now() - asked.at >= PATIENCE_MS) return undefined
      await gate.clock.sleep(ASK_AGAIN_MS, stop)
    }
  }

  /** The places that a note's marks stand for; what the note of this very report marks has been handed over before. */
  function numbered(ids: readonly string[], report: string): ReadonlyMap<string, number> {
    const marks = wanted.note?.report === report ? Buffer.from(wanted.note.done, 'base64') : Buffer.alloc(0)
    for (const [n, id] of ids.entries()) if (((marks[n >> 3] ?? 0) >> (n & 7)) & 1) seen.add(id)
    gate.log.info({ ...log, report, orders: ids.length, done: ids.filter((id) => seen.has(id)).length }, 'the report is there')
    return new Map(ids.map((id, n) => [id, n]))
  }

  async function fetchSome(ids: Iterable<string>, stop: AbortSignal): Promise<readonly FoundOrder[]> {
    const found: FoundOrder[] = []
    let broken: unknown
    await inLanes(firstUnseen(ids, seen), async (id) => {
      if (broken !== undefined) return
      try {
        const order = await fetchOne(id, stop)
        seen.add(id)
        if (order !== undefined) found.push(order)
      } catch (error) {
        broken ??= error
      }
    })
    if (broken === undefined) failures = 0
    else if (found.length === 0) throw broken
    else note(broken)
    return found
  }

  /** What went wrong is the search's to tell, should it be in its way too. */
  function note(error: unknown): void {
    if (error instanceof StoppedError) return
    if (error instanceof RefusedByDryRun) {
      over = true
      return
    }
    if (!isConnectorError(error)) throw error
    if (error.kind === 'throttled') return
    failures += 1
    if (error.kind === 'retryable' && failures < MOST_FAILURES) return
    giveUp(error.message)
  }

  return {
    async bring(stop, alone) {
      if (over) return []
      try {
        places ??= await awaited(stop, alone)
        return places === undefined ? [] : await fetchSome(places.keys(), stop)
      } catch (error) {
        note(error)
        return []
      }
    },
    see(ids) {
      for (const id of ids) seen.add(id)
    },
    note() {
      if (asked === undefined || places === undefined) return wanted.note
      const marks = Buffer.alloc(Math.ceil(places.size / 8))
      for (const [id, n] of places) if (seen.has(id)) marks[n >> 3] = (marks[n >> 3] ?? 0) | (1 << (n & 7))
      return { report: asked.id, done: marks.toString('base64') } satisfies BacklogNote
    },
  }
}

function firstUnseen(ids: Iterable<string>, seen: ReadonlySet<string>): readonly string[] {
  const some: string[] = []
  for (const id of ids) {
    if (some.length === BATCH) break
    if (!seen.has(id)) some.push(id)
  }
  return some
}
