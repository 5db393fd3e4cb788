import { createHash } from 'node:crypto'
import type { NormalizedOrder, PoisonOrder } from '../model/order.ts'

export type StorablePoison = PoisonOrder

/** A poison order in the shape of an order, so that it has a row an operator can find: no lines, no money, only its id and its raw document. */
export function poisonAsOrder(poison: StorablePoison): NormalizedOrder {
  const digest = createHash('sha256')
    .update(JSON.stringify(poison.raw ?? null))
    .digest('base64url')
  return {
    channel: poison.channel,
    externalOrderId: poison.externalOrderId,
    status: 'poison',
    fulfilledBy: 'seller',
    createdAt: 0,
    updatedAt: 0,
    buyer: {},
    shipTo: null,
    lines: [],
    currency: 'XXX',
    totals: { items: 0, shipping: 0, tax: 0, discount: 0, total: 0 },
    // The digest makes the content hash follow the document: the same poison twice changes nothing.
    shippingMethodRequested: `unreadable:${digest.slice(0, 16)}`,
    gift: { isGift: false },
    flags: [],
    raw: poison.raw,
  }
}
