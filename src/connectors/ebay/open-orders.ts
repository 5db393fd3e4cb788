import { RetryableError } from '../../core/errors.ts'
import { openOrdersAmong } from '../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { type OrderSource, sorted, type Window } from './order-source.ts'

/** Fresher orders can be seen half put together (contract section 2.1). */
const LATENCY_MS = 2 * 60_000
/** eBay writes times to the millisecond, and both ends of a range count. */
const SHORTEST_MS = 1000
/** Orders do not come evenly: so much of a page is planned for, so that few slices have more than one. */
const FILL = 0.85

/** What a page that was too small for its slice has shown of it. */
interface Glimpse {
  readonly to: number
  /** Orders of the slice that are still to be read. */
  readonly left: number
  /** When some of them were created, the oldest first. */
  readonly instants: readonly number[]
  /** Slices that began here and were too long. */
  readonly misses: number
  /** Where the next slice most likely ends, by the last one that fitted. */
  readonly next?: number
}

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
  let glimpse: Glimpse | undefined
  let sizes = source.pageSizes
  let before: ReadonlySet<string> = new Set()
  let within = new Set<string>()
  let number = 0
  while (from < end) {
    const [size = 1, ...smaller] = sizes
    const slice = { from, to: glimpse === undefined ? Math.min(from + source.longestWindowMs, end) : cut(from, glimpse, size) }
    const page = await source.openPage(slice, number, size, signal)
    if (page === 'too-long') {
      if (smaller.length === 0) throw tooLong(gate, source, size)
      sizes = smaller
      number = 0
      continue
    }
    if (!page.isLast && slice.to - slice.from > SHORTEST_MS) {
      const instants = page.raws.map(source.createdOf).filter((at) => at !== undefined)
      const misses = (glimpse?.next === undefined ? (glimpse?.misses ?? -1) : -1) + 1
      glimpse = { to: slice.to, left: Math.max(page.total, size), instants: instants.sort((a, b) => a - b), misses }
      continue
    }
    const read = sorted(await source.read(page.raws, signal))
    const open = openOrdersAmong(read, source.createdOf, window).filter(
      ({ externalOrderId: id }) => !before.has(id) && !within.has(id),
    )
    yield open.filter(({ createdAt }) => createdAt >= window.from && createdAt < window.until)
    for (const { externalOrderId } of open) within.add(externalOrderId)
    number += 1
    if (!page.isLast) continue
    // Only what stands at the very end of a slice may stand at the beginning of the next one, and ends count twice.
    before = new Set([...(slice.to - slice.from > SHORTEST_MS ? [] : before), ...within])
    within = new Set()
    number = 0
    from = slice.to
    glimpse = glimpse === undefined || glimpse.to <= from ? undefined : after(slice, page.total, glimpse, size)
  }
}

/** Where a slice ends that begins at `from` and most likely fits into one page. */
function cut(from: number, { to, left, instants, misses, next }: Glimpse, size: number): number {
  const fits = Math.floor(size * FILL)
  if (left <= fits) return to
  const share = fits / left
  // eBay shows the oldest first, as a rule. Where it does not, what it shows stands for all.
  const shown =
    misses === 0 ? instants[fits] : Math.min(instants[Math.floor(instants.length * share)] ?? to, from + (to - from) * share)
  const wanted = next ?? Math.min(shown ?? to, from + (to - from) * FILL)
  return Math.min(to, Math.floor(Math.max(from + SHORTEST_MS, wanted)))
}

/** Orders come as densely as in the slice before; after one with few of them it is looked at anew how the rest stands. */
function after({ from, to }: Window, total: number, glimpse: Glimpse, size: number): Glimpse {
  const left = Math.max(0, glimpse.left - total)
  const length = total * 4 < size ? glimpse.to - to : ((to - from) * size * FILL) / total
  return { ...glimpse, left, next: Math.min(glimpse.to, to + length) }
}

function tooLong(gate: Gate, { operation }: OrderSource, size: number): RetryableError {
  return new RetryableError(`eBay needs too long for a page of ${size} orders`, { account: gate.account, operation })
}
