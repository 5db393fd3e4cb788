import { openOrdersAmong } from '../../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../../core/ports/marketplace.ts'
import type { DscoClient } from './client.ts'
import { LATENCY_MS, readAll, searchedPages } from './pages.ts'
import { parseTime } from './values.ts'
import { orderIdOf, wireProgress } from './wire.ts'

const ENDED: ReadonlySet<string> = new Set(['shipped', 'cancelled'])

/**
 * Orders that came to Dsco in this window, and of them those that are open (contract section 2); pulls search by change, or follow a stream.
 * When an order came to Dsco counts, not when the retailer took it: before that nobody could have seen it. No status is asked for: the only one that
 * can be is deprecated, and a list that it empties would look like a day without orders.
 */
export async function* listOpenOrders(
  client: DscoClient,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  const until = Math.min(window.until, client.gate.clock.now() - LATENCY_MS)
  if (until <= window.from) return
  const query = [
    ['ordersCreatedSince', new Date(window.from).toISOString()],
    ['until', new Date(until).toISOString()],
  ] as const
  // A search that had to begin again tells the same orders again.
  const seen = new Set<string>()
  for await (const { raws } of searchedPages(client, query, signal)) {
    const inWindow = raws.filter((raw) => {
      const { createdAt, isOver } = progressOf(raw)
      return !isOver && (createdAt ?? window.from) < window.until
    })
    const open = openOrdersAmong(readAll(client, inWindow), (raw) => progressOf(raw).createdAt, window)
    yield open.filter(({ externalOrderId }) => !seen.has(externalOrderId))
    for (const raw of raws) seen.add(orderIdOf(raw) ?? '')
  }
}

/** What can be told of an order that may be unreadable otherwise. */
function progressOf(raw: unknown): { readonly createdAt: number | undefined; readonly isOver: boolean } {
  const { data } = wireProgress.safeParse(raw)
  const isOver =
    data?.dscoLifecycle?.toLowerCase() === 'completed' || (data?.dscoLifecycle == null && ENDED.has(data?.dscoStatus ?? ''))
  return { createdAt: parseTime(data?.dscoCreateDate), isOver }
}
