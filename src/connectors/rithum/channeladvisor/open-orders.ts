import { openOrdersAmong } from '../../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../../core/ports/marketplace.ts'
import { pathOf } from './client.ts'
import { EXPAND, type OrderDeps, readAll, searchOf, unsteady } from './order-pages.ts'
import { parseTime } from './values.ts'
import { createdDateOf, orderIdOf } from './wire.ts'

/**
 * Orders by shipping status and day of import, where pulls search by change (contract section 9). The day of import counts and not the marketplace's: before
 * that nobody could have seen them. They stand in the order of their numbers, and each page asks for those behind the last one: none is
 * stepped over when orders leave the list while it is read, and no link can lead back to the first page.
 */
export async function* listOpenOrders(
  deps: OrderDeps,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  let last = '0'
  for (;;) {
    const { raws, next } = await deps.client.readPage(searchOf(pathAfter(last, window)), signal)
    yield openOrdersAmong(await readAll(deps, raws, signal), (raw) => parseTime(createdDateOf(raw)), window)
    if (raws.length === 0 || next === undefined) return
    const highest = raws.map(orderIdOf).reduce((most, id) => (id !== undefined && isHigher(id, most ?? '0') ? id : most), last)
    if (highest === undefined || highest === last) throw unsteady(deps.client, 'the same page was offered twice')
    last = highest
  }
}

function pathAfter(last: string, { from, until }: OrderWindow): string {
  const [begin, end] = [from, until].map((at) => new Date(at).toISOString())
  const isOpen = "(ShippingStatus eq 'Unshipped' or ShippingStatus eq 'PartiallyShipped')"
  return pathOf('/v1/Orders', [
    ['$filter', `${isOpen} and ImportDateUtc ge ${begin} and ImportDateUtc lt ${end} and ID gt ${last}`],
    ['$orderby', 'ID'],
    ['$expand', EXPAND],
  ])
}

/** Numbers of orders are longer than what a float holds exactly. */
function isHigher(id: string, other: string): boolean {
  return /^\d+$/.test(id) && BigInt(id) > BigInt(other)
}
