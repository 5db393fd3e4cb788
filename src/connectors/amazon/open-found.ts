import { openOrderOf } from '../../core/model/open-order.ts'
import { isReady } from '../../core/model/order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import { idOf, isOpenWhole, normalizeOrder } from './orders.ts'
import { parseTime } from './values.ts'
import { wireOrder } from './wire.ts'

/**
 * An order of a search for open ones, which shows no address, by the rules of every other order: none where it is not open. One that cannot be read
 * is open, as the search says.
 */
export function openOf(channel: string, wire: unknown, window: OrderWindow): readonly OpenOrder[] {
  const reading = normalizeOrder(channel, { raw: wire, wire }, false)
  if (reading.kind === 'skipped') return []
  if (reading.kind === 'poison') return [unread(wire, window)]
  return isReady(reading.order) ? [openOrderOf(reading.order)] : []
}

/** The same of an order without its lines: how many units are left of it, nobody tells. */
export function openWholeOf(wire: unknown, window: OrderWindow): readonly OpenOrder[] {
  const { data } = wireOrder.safeParse(wire)
  if (data !== undefined && !isOpenWhole(data)) return []
  return [unread(wire, window)]
}

function unread(wire: unknown, window: OrderWindow): OpenOrder {
  return { externalOrderId: idOf(wire), createdAt: createdTimeOf(wire) ?? window.from }
}

/** Epoch ms; undefined where a document does not say it. */
export function createdTimeOf(wire: unknown): number | undefined {
  return parseTime(wireOrder.pick({ createdTime: true }).safeParse(wire).data?.createdTime)
}
