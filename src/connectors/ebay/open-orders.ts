import { RetryableError } from '../../core/errors.ts'
import { openOrdersAmong } from '../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { type OrderSource, sorted } from './order-source.ts'

/** Fresher orders can be seen half put together (contract section 2.1). */
const LATENCY_MS = 2 * 60_000
/** eBay writes times to the millisecond, and both ends of a range count. */
const SHORTEST_MS = 1000
/** Orders do not come evenly: so much of a page is planned for, so that few slices have more than one. */
const FILL = 0.85
/** A slice with few orders in it is made longer for the next time, by so much at most. */
const MOST_GROWTH = 4

/**
 * Open orders by day of creation, where pulls search by change (contract sections 2.1 and 3). Within pages an order that changes moves to another
 * place and its neighbours with it; so the window is cut into slices of as many orders as one page shows, and every slice is one answer. Only a
 * second with more orders than that takes several.
 */
export async function* listOpenOrders(
  gate: Gate,
  source: OrderSource,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  const now = gate.clock.now()
  const end = Math.min(window.until, now - LATENCY_MS)
  let from = Math.max(window.from, now - source.reachMs)
  let length = Math.min(end - from, source.longestWindowMs)
  let sizes = source.pageSizes
  let seen: ReadonlySet<string> = new Set()
  let number = 0
  while (from < end) {
    const slice = { from, to: Math.min(from + Math.max(length, SHORTEST_MS), end) }
    const [size = 1, ...smaller] = sizes
    const page = await source.openPage(slice, number, size, signal)
    if (page === 'too-long') {
      if (smaller.length === 0) throw tooLong(gate, source, size)
      sizes = smaller
      number = 0
      continue
    }
    const fits = (size * FILL) / Math.max(page.total, 1)
    if (!page.isLast && slice.to - slice.from > SHORTEST_MS) {
      length = Math.floor((slice.to - slice.from) * Math.min(fits, FILL))
      continue
    }
    const read = sorted(await source.read(page.raws, signal))
    const open = openOrdersAmong(read, source.createdOf, window).filter(({ externalOrderId }) => !seen.has(externalOrderId))
    yield open.filter(({ createdAt }) => createdAt >= window.from && createdAt < window.until)
    // Only what stands at the very end of a slice may stand at the beginning of the next one.
    seen = new Set([...(number === 0 ? [] : seen), ...open.map(({ externalOrderId }) => externalOrderId)])
    number += 1
    if (!page.isLast) continue
    length = Math.floor((slice.to - slice.from) * Math.min(fits, MOST_GROWTH))
    from = slice.to
    number = 0
  }
}

function tooLong(gate: Gate, { operation }: OrderSource, size: number): RetryableError {
  return new RetryableError(`eBay needs too long for a page of ${size} orders`, { account: gate.account, operation })
}
