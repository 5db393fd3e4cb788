import type { Address, NormalizedOrder, OrderLine, PoisonOrder } from '../../src/core/model/order.ts'
import { noon } from './a-clock.ts'

export const anAddress: Address = {
  name: 'Ada Lovelace',
  address1: '12 Analytical Way',
  city: 'Portland',
  state: 'OR',
  postal: '97201',
  country: 'US',
}

/** One line of one unit, $10.00, unless told otherwise. */
export function aLine(externalLineId: string, change: Partial<OrderLine> = {}): OrderLine {
  const qty = change.qty ?? 1
  const line = { sku: `SKU-${externalLineId}`, name: `Thing ${externalLineId}`, price: 1000, tax: 80, discount: 0 }
  return { externalLineId, ...line, qty, qtyToShip: qty, ...change }
}

/** An order that may ship: paid, ours, one line of one unit, with an address. */
export function anOrder(externalOrderId: string, change: Partial<NormalizedOrder> = {}): NormalizedOrder {
  const lines = change.lines ?? [aLine('L1')]
  const items = lines.reduce((sum, line) => sum + line.price * line.qty, 0)
  return {
    channel: 'amazon-us',
    externalOrderId,
    status: 'open',
    fulfilledBy: 'seller',
    createdAt: noon - 3_600_000,
    updatedAt: noon - 60_000,
    buyer: { name: 'Ada Lovelace', email: 'ada@example.org' },
    shipTo: anAddress,
    lines,
    currency: 'USD',
    totals: { items, shipping: 0, tax: 80, discount: 0, total: items + 80 },
    gift: { isGift: false },
    flags: [],
    raw: { id: externalOrderId },
    ...change,
  }
}

/** A document of the channel that could not be read. */
export function aPoisonOrder(externalOrderId: string, change: Partial<PoisonOrder> = {}): PoisonOrder {
  return { channel: 'amazon-us', externalOrderId, reason: 'lines: missing', raw: { id: externalOrderId }, ...change }
}
