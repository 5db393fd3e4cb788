import { openOrdersAmong } from '../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import type { MiraklClient, MultiShipment } from './client.ts'
import { instantOf } from './lines.ts'
import { keyOf, PAGE, readPage } from './order-pages.ts'
import { readAll } from './order-reading.ts'
import { createdDateOf } from './wire.ts'

/** Some dates come without their milliseconds. */
const SECOND_MS = 1000

/**
 * OR11 by state and day of creation, where the pull asks for what changed (contract sections 3 and 4). Orders stand in the order of their creation,
 * which never changes: each page begins at the instant of the last order of the page before instead of so many places further on, so that
 * none is stepped over when orders leave the list while it is read. Those that arrive behind that place opened just now.
 */
export async function* listOpenOrders(
  client: MiraklClient,
  multiShipment: MultiShipment,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  const seen = new Set<string>()
  let from = window.from
  // Counts on only where more orders than a page holds were created at one instant, or their dates cannot be read.
  let offset = 0
  for (;;) {
    const { raws, total } = await readPage(client, queryOf({ ...window, from }, offset), signal)
    const fresh = raws.filter((raw) => !seen.has(keyOf(raw)))
    for (const raw of fresh) seen.add(keyOf(raw))
    const read = await readAll(client, multiShipment, fresh, signal)
    const open = openOrdersAmong(read, createdOf, window)
    yield open.filter(({ createdAt }) => createdAt >= window.from && createdAt < window.until)
    const end = offset + raws.length
    if (raws.length === 0 || (total === undefined ? raws.length < PAGE : end >= total)) return
    const last = lastInstantOf(raws) ?? from
    offset = last > from ? 0 : end
    from = Math.max(last, from)
  }
}

function queryOf({ from, until }: OrderWindow, offset: number): readonly (readonly [string, string])[] {
  return [
    ['order_state_codes', 'SHIPPING'],
    ['start_date', new Date(from).toISOString()],
    ['end_date', new Date(until).toISOString()],
    ['sort', 'dateCreated'],
    ['order', 'asc'],
    ['max', String(PAGE)],
    ['offset', String(offset)],
  ]
}

/** Undefined where the page is not in the order of creation, or not all of its dates can be read. */
function lastInstantOf(raws: readonly unknown[]): number | undefined {
  let last = Number.NEGATIVE_INFINITY
  for (const raw of raws) {
    const at = createdOf(raw)
    if (at === undefined || at + SECOND_MS <= last) return undefined
    last = Math.max(last, at)
  }
  return last
}

function createdOf(raw: unknown): number | undefined {
  const at = instantOf(createdDateOf(raw))
  return Number.isNaN(at) ? undefined : at
}
