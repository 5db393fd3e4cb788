import type { ChannelSettings, Run } from '../context.ts'
import { resolvePoisonAlert } from '../db/alerts.ts'
import { readCursor, writeCursor } from '../db/cursors.ts'
import { holdsLease } from '../db/leases.ts'
import { StoppedError } from '../errors.ts'
import { loadRuleBook } from '../inventory/rules.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../ports/marketplace.ts'
import type { HeldLease } from '../tasks/exclusive.ts'
import { alertPoison } from './alert-poison.ts'
import { noCounts, type StoreCounts } from './page-batch.ts'
import { storePage } from './store-order.ts'

export interface PullRequest {
  readonly channel: ChannelSettings
  readonly connector: MarketplaceConnector
  /** Read from this instant (epoch ms) instead of the saved cursor. */
  readonly since?: number
  /** Only these orders, whatever the cursor says. */
  readonly orderIds?: readonly string[]
  readonly lease: HeldLease
  /** Told after each stored page. */
  readonly onPage?: (total: StoreCounts) => void
}

/**
 * Stores every order changed since the saved cursor, each with its push task. One page is one transaction and the cursor is its last write:
 * after a crash the next run reads that page again, and the natural key makes the repeat harmless.
 */
export async function pullOrders(run: Run, request: PullRequest): Promise<StoreCounts> {
  const { channel, connector } = request
  const reading = await readingOf(run, request)
  const { lowStockThreshold } = (await loadRuleBook(run)).effective
  const beganAt = run.clock.now()
  let total = noCounts
  for await (const page of pagesOf(run, request, reading.start)) {
    const counts = await run.db.transaction(async (tx) => {
      const stored = await storePage(tx, run, channel, { ...page, lowStockThreshold })
      await alertPoison(tx, run, channel, page.poison)
      if (page.poison.length === 0) await resolvePoisonAlert(tx, channel.code, run.clock.now())
      await fence(tx, request.lease)
      const place = placeAfter(reading, page.next)
      if (place !== undefined) await writeCursor(tx, channel.code, 'orders', place, run.clock.now())
      return stored
    })
    total = addCounts(total, counts)
    run.log.info(
      { channel: connector.channel, step: 'orders:pull', ...counts, cursor: new Date(page.next.at).toISOString() },
      'page stored',
    )
    request.onPage?.(total)
  }
  if (reading.moves && reading.start.resume === undefined) await notePulled(run, request, beganAt)
  return total
}

/** Begun in this run and read to its end: a quantity may go up again on what was known then. */
async function notePulled(run: Run, { channel, lease }: PullRequest, beganAt: number): Promise<void> {
  await run.db.transaction(async (tx) => {
    await fence(tx, lease)
    await writeCursor(tx, channel.code, 'pulled', { at: beganAt }, run.clock.now())
  })
}

/** Where a run reads from, and where the channel's saved cursor stood. */
interface Reading {
  readonly start: Cursor
  /** The cursor to keep while a search is under way. */
  readonly heldAt: number
  /** False for a reading that does not join up with what is stored: it would hide what lies between. */
  readonly moves: boolean
}

async function readingOf(run: Run, { channel, since, orderIds }: PullRequest): Promise<Reading> {
  const saved = await readCursor(run.db, channel.code, 'orders')
  // Never from the future: a clock set wrong once must not hide what happens until then.
  const now = run.clock.now()
  const heldAt = saved === undefined ? now - channel.firstPullMs + channel.overlapMs : Math.min(saved.at, now)
  if (orderIds !== undefined) return { start: { at: heldAt }, heldAt, moves: false }
  if (since !== undefined) return { start: { at: since }, heldAt, moves: since <= heldAt }
  const at = heldAt - channel.overlapMs
  return { start: saved?.resume === undefined ? { at } : { at, resume: saved.resume }, heldAt, moves: true }
}

/** In the middle of a search the cursor stays and carries the connector's note; only a search that ended moves it. */
function placeAfter({ heldAt, moves }: Reading, next: Cursor): Cursor | undefined {
  if (!moves) return undefined
  // A page in the middle may name a place before the overlap; what is stored up to the saved one stays stored.
  return next.resume === undefined ? { at: Math.max(heldAt, next.at) } : { at: heldAt, resume: next.resume }
}

async function* pagesOf(run: Run, request: PullRequest, start: Cursor): AsyncIterable<OrderPage> {
  if (request.orderIds === undefined) {
    yield* request.connector.listOrders(start, run.signal)
    return
  }
  const found = await request.connector.getOrders(request.orderIds, run.signal)
  yield { ...found, next: start }
}

/** The page's writes must not land when another run has taken over meanwhile. */
async function fence(tx: Parameters<typeof holdsLease>[0], lease: HeldLease): Promise<void> {
  if (await holdsLease(tx, lease.name, lease.owner)) return
  throw new StoppedError(`the lease '${lease.name}' was taken over by another run`)
}

/** Field-wise sum. */
export function addCounts<T extends object>(a: T, b: T): T {
  const sum: Record<string, number> = {}
  for (const [key, value] of Object.entries(a)) sum[key] = (value as number) + ((b as Record<string, number>)[key] ?? 0)
  return sum as T
}
