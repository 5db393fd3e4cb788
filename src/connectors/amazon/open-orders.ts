import { isConnectorError, RefusedByDryRun, RetryableError, ThrottledError } from '../../core/errors.ts'
import { openOrdersAmong } from '../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import { chunksOf } from '../http/lanes.ts'
import type { AmazonClient } from './client.ts'
import { createdTimeOf } from './open-found.ts'
import { normalizeAll } from './orders.ts'
import { type Asked, askedForUnshipped, readUnshippedReport } from './reports.ts'
import type { OrderSource } from './source.ts'
import type { Unshipped } from './unshipped-file.ts'

/** Half of a full bucket, which pulls share: from here on the report alone has to do, where there is one. */
const MANY_PAGES = 10
/** Or pages that have to wait for their turn. */
const SLOW_MS = 60_000
/** A search's end lies at least two minutes back (contract section 2). */
const LATENCY_MS = 2 * 60_000
/** A report that an interrupted run asked for. */
const STILL_GOOD_MS = 10 * 60_000
const ASK_AGAIN_MS = 20_000
/** Reports get stuck for a day and longer. */
const PATIENCE_MS = 10 * 60_000
/** Orders of the report that a whole search lacks, read one by one: six minutes of their bucket at most. */
const MOST_READ = 200
const READ_AT_ONCE = 30
const TOLD_AT_ONCE = 500

/**
 * Two lists that are made apart (contract section 2): a search by state and day of creation, where pulls search by change, and the report on
 * unshipped orders, which is asked for first and made meanwhile. What only the report has is read by its number: it may have left since, or be
 * no order of ours. Of thousands the search would empty the pull's bucket, so the report tells the rest, without their numbers of units.
 * Without a report the search goes on to its end.
 */
export async function* listOpenOrders(
  client: AmazonClient,
  source: OrderSource,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  const report = await begun(client, window, signal)
  const until = window.until > client.gate.clock.now() - LATENCY_MS ? undefined : new Date(window.until).toISOString()
  const query = source.openQuery(new Date(window.from).toISOString(), until)
  const seen = new Set<string>()
  const tokens = new Set<string>()
  const startedAt = client.gate.clock.now()
  let token: string | undefined
  let isWhole = false
  for (let pages = 0; !isWhole; pages += 1) {
    const isLong = pages >= MANY_PAGES || (pages > 0 && client.gate.clock.now() - startedAt >= SLOW_MS)
    if (isLong && (await report?.orders(signal)) !== undefined) break
    try {
      const page = await source.openPage(query, token, window, signal)
      yield page.open.filter((order) => isIn(window, order.createdAt) && !seen.has(order.externalOrderId))
      for (const id of page.seen) seen.add(id)
      token = page.nextToken
    } catch (error) {
      if (error instanceof ThrottledError && (await report?.orders(signal)) !== undefined) break
      throw error
    }
    isWhole = token === undefined
    if (token !== undefined && tokens.has(token))
      throw new RetryableError('gave the same page twice', { account: client.gate.account, operation: 'searchOrders' })
    tokens.add(token ?? '')
  }
  const others = ((await report?.orders(signal)) ?? []).filter(({ id, placedAt }) => !seen.has(id) && isIn(window, placedAt))
  const doubtful = isWhole ? others.slice(0, MOST_READ) : []
  for (const some of chunksOf(doubtful, READ_AT_ONCE)) yield await readNow(client, source, some, window, signal)
  for (const some of chunksOf(others.slice(doubtful.length), TOLD_AT_ONCE))
    yield some.map(({ id, placedAt }) => ({ externalOrderId: id, createdAt: placedAt }))
}

function isIn({ from, until }: OrderWindow, at: number): boolean {
  return at >= from && at < until
}

async function readNow(
  client: AmazonClient,
  source: OrderSource,
  orders: readonly Unshipped[],
  window: OrderWindow,
  signal: AbortSignal,
): Promise<readonly OpenOrder[]> {
  const { settings } = client
  const found = await source.byId(
    orders.map(({ id }) => id),
    signal,
  )
  const { orders: all, poison } = normalizeAll(settings.channel, found)
  // Reports may tell of the seller's other marketplaces too.
  const own = all.filter(({ marketplaceId: place }) => place === undefined || settings.marketplaceIds.includes(place))
  return openOrdersAmong({ orders: own, poison }, createdTimeOf, window)
}

interface Report {
  /** Waits until it is made; undefined where it never is. The same each time. */
  orders(signal: AbortSignal): Promise<readonly Unshipped[] | undefined>
}

/** Undefined where Amazon gives no report now: the app lacks the role, the limit is spent, or nothing may be left behind (a dry run). */
async function begun(client: AmazonClient, { from }: OrderWindow, signal: AbortSignal): Promise<Report | undefined> {
  const { clock } = client.gate
  const asked = await attempt(client, () => askedForUnshipped(client, clock.now() - STILL_GOOD_MS, signal))
  if (asked === undefined) return undefined
  let told: Promise<readonly Unshipped[] | undefined> | undefined
  return {
    orders(stop) {
      told ??= attempt(client, () => made(client, asked, from, stop))
      return told
    },
  }
}

async function made(
  client: AmazonClient,
  asked: Asked,
  from: number,
  signal: AbortSignal,
): Promise<readonly Unshipped[] | undefined> {
  const { clock } = client.gate
  for (;;) {
    const report = await readUnshippedReport(client, asked.id, from, signal)
    if (report.state === 'done') return report.orders
    const late = clock.now() - asked.at >= PATIENCE_MS
    if (report.state === 'lost' || late) {
      without(client, report.state === 'lost' ? report.why : 'it is not made after ten minutes')
      return undefined
    }
    await clock.sleep(ASK_AGAIN_MS, signal)
  }
}

async function attempt<T>(client: AmazonClient, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RefusedByDryRun) return undefined
    if (!isConnectorError(error)) throw error
    without(client, error.message)
    return undefined
  }
}

function without({ gate }: AmazonClient, why: string): void {
  gate.log.warn(
    { channel: gate.account, step: 'reconcile', error: why },
    'open orders are searched for without the report on unshipped orders',
  )
}
