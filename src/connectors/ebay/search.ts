import { createHash } from 'node:crypto'
import { RetryableError } from '../../core/errors.ts'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { LATENCY_MS } from './notifications.ts'
import { type OrderSource, type SourcePage, sorted, type Window } from './order-source.ts'

const MINUTE_MS = 60_000
const SHORTEST_WINDOW_MS = MINUTE_MS
/** Starts of one window; after them the cursor stays, and the next run tries again. */
const MOST_STARTS = 5

/**
 * Everything changed since `since.at` up to two minutes ago, in windows as long as eBay takes, page by page (contract sections 2.2
 * and 3). `next.at` moves with the last page of a window.
 *
 * An order that changes while we read leaves the window, and everything behind it moves up by one place, so that one may be stepped
 * over. Then the window has fewer orders than before, and is read again from its start; what was handed out already is left out. No
 * resume: a place in a half-read window means nothing to a later search.
 */
export async function* searchPages(
  gate: Gate,
  source: OrderSource,
  since: Cursor,
  signal: AbortSignal,
): AsyncGenerator<OrderPage> {
  const now = gate.clock.now()
  const end = now - LATENCY_MS
  const oldest = now - source.reachMs
  if (since.at < oldest)
    gate.log.warn({ channel: gate.account, since: since.at, oldest }, 'eBay tells no changes that old: the search begins later')
  let from = Math.min(Math.max(since.at, oldest), end - SHORTEST_WINDOW_MS)
  while (from < end) {
    const window = { from, to: Math.min(from + source.longestWindowMs, end) }
    yield* readWindow(gate, source, window, since.at, signal)
    from = window.to
  }
}

async function* readWindow(
  gate: Gate,
  source: OrderSource,
  window: Window,
  sinceAt: number,
  signal: AbortSignal,
): AsyncGenerator<OrderPage> {
  const seen = new Set<string>()
  let sizes = source.pageSizes
  let starts = 1
  let reached = window.to
  let total: number | undefined
  let shown = 0
  for (let at = 0; ; at += 1) {
    const [size = 1, ...smaller] = sizes
    const page = await source.page(window, at, size, signal)
    if (page === 'too-long') {
      if (smaller.length === 0) throw tooLong(gate, source, size)
      sizes = smaller
      // The pages are cut anew.
      at = -1
      total = undefined
      shown = 0
      continue
    }
    reached = Math.min(reached, trustedUntil(page, window))
    if (total !== undefined && page.total < total) {
      starts += 1
      total = undefined
      shown = 0
      at = -1
      if (starts <= MOST_STARTS) continue
      throw new RetryableError('orders kept leaving the pages while they were read', {
        account: gate.account,
        operation: source.operation,
      })
    }
    total ??= page.total
    shown += page.raws.length
    const fresh = page.raws.filter((raw) => isNew(seen, raw))
    const orders = sorted(await source.read(fresh, signal))
    // A clock of ours that runs ahead must not move the cursor past changes that eBay has yet to make.
    yield { ...orders, next: { at: page.isLast ? Math.max(sinceAt, reached) : Math.max(sinceAt, window.from) } }
    if (!page.isLast) continue
    if (shown < page.total)
      gate.log.warn({ channel: gate.account, counted: page.total, shown }, 'eBay counts more orders than it shows')
    return
  }
}

function trustedUntil({ answeredAt }: SourcePage, { to }: Window): number {
  return answeredAt === undefined ? to : Math.min(to, answeredAt - LATENCY_MS)
}

/** By the whole document: an order that has changed meanwhile is told again. */
function isNew(seen: Set<string>, raw: unknown): boolean {
  const key = createHash('sha256')
    .update(JSON.stringify(raw) ?? '')
    .digest('base64url')
  if (seen.has(key)) return false
  seen.add(key)
  return true
}

function tooLong(gate: Gate, { operation }: OrderSource, size: number): RetryableError {
  const what = `eBay needs too long for a page of ${size} orders`
  return new RetryableError(what, { account: gate.account, operation })
}
