import type { Db } from '../db/db.ts'
import type { ChannelColumns } from '../db/order-writes.ts'
import { type LineRow, linesOf, type OrderRow } from '../db/orders.ts'
import type { Address, Buyer, NormalizedOrder, OrderFlag, OrderLine } from '../model/order.ts'
import type { Vault } from '../privacy/vault.ts'
import { contentHash, type PushedLines } from './content.ts'

/** Free text of an order, any of which may name a person. */
interface Messages {
  readonly gift?: string
  readonly notes?: string
  readonly special?: string
}

/** The row part of a sealed value's address. */
export function sealRow(channel: string, externalOrderId: string): string {
  return `${channel}/${externalOrderId}`
}

/** A normalized order as columns; everything personal sealed. */
export function toColumns(order: NormalizedOrder, id: string, version: number, vault: Vault, now: number): ChannelColumns {
  const row = sealRow(order.channel, order.externalOrderId)
  const messages: Messages = {
    ...(order.gift.message === undefined ? {} : { gift: order.gift.message }),
    ...(order.notes === undefined ? {} : { notes: order.notes }),
    ...(order.specialInstructions === undefined ? {} : { special: order.specialInstructions }),
  }
  function sealed(column: string, value: object | null): string | null {
    return value === null || Object.keys(value).length === 0 ? null : vault.seal('orders', column, row, JSON.stringify(value))
  }
  return {
    id,
    channel: order.channel,
    external_order_id: order.externalOrderId,
    seller_order_id: order.sellerOrderId ?? null,
    marketplace_id: order.marketplaceId ?? null,
    sold_on_site: order.soldOn?.site ?? null,
    sold_on_order: order.soldOn?.orderId ?? null,
    status: order.status,
    fulfilled_by: order.fulfilledBy,
    order_created_at: order.createdAt,
    updated_at: order.updatedAt,
    ship_by: order.shipBy ?? null,
    deliver_by: order.deliverBy ?? null,
    buyer: sealed('buyer', order.buyer),
    ship_to: sealed('ship_to', order.shipTo),
    messages: sealed('messages', messages),
    is_gift: order.gift.isGift ? 1 : 0,
    currency: order.currency,
    items_minor: order.totals.items,
    shipping_minor: order.totals.shipping,
    tax_minor: order.totals.tax,
    discount_minor: order.totals.discount,
    total_minor: order.totals.total,
    refunded_minor: order.refunded ?? 0,
    shipping_method: order.shippingMethodRequested ?? null,
    flags: JSON.stringify(order.flags),
    content_hash: contentHash(order),
    version,
    poison_reason: null,
    changed_at: now,
    // What was over long before we saw it is not kept longer for that.
    closed_at: order.status === 'shipped' || order.status === 'cancelled' ? Math.min(order.updatedAt, now) : null,
  }
}

/** The order's lines as rows. `pushed` is what ShipStation was told per line before. */
export function toLineRows(order: NormalizedOrder, orderId: string, pushed?: PushedLines): LineRow[] {
  return order.lines.map((line, position) => ({
    order_id: orderId,
    external_line_id: line.externalLineId,
    position,
    sku: line.sku,
    name: line.name,
    qty: line.qty,
    qty_to_ship: line.qtyToShip,
    qty_shipped: line.qtyShipped ?? 0,
    qty_pushed: pushed?.get(line.externalLineId)?.units ?? null,
    qty_shipped_before: pushed?.get(line.externalLineId)?.shippedBefore ?? 0,
    price_minor: line.price,
    tax_minor: line.tax,
    discount_minor: line.discount,
  }))
}

/** A stored order back in its normalized shape, without the raw document. */
export function fromRows(row: OrderRow, lines: readonly LineRow[], vault: Vault): NormalizedOrder {
  const place = sealRow(row.channel, row.external_order_id)
  function opened<T>(column: string, sealed: string | null): T | undefined {
    return sealed === null ? undefined : (JSON.parse(vault.open('orders', column, place, sealed)) as T)
  }
  const messages = opened<Messages>('messages', row.messages) ?? {}
  return {
    channel: row.channel,
    externalOrderId: row.external_order_id,
    ...(row.seller_order_id === null ? {} : { sellerOrderId: row.seller_order_id }),
    ...(row.marketplace_id === null ? {} : { marketplaceId: row.marketplace_id }),
    ...(row.sold_on_order === null ? {} : { soldOn: { site: row.sold_on_site ?? '', orderId: row.sold_on_order } }),
    status: row.status,
    fulfilledBy: row.fulfilled_by,
    createdAt: row.order_created_at,
    updatedAt: row.updated_at,
    ...(row.ship_by === null ? {} : { shipBy: row.ship_by }),
    ...(row.deliver_by === null ? {} : { deliverBy: row.deliver_by }),
    buyer: opened<Buyer>('buyer', row.buyer) ?? {},
    shipTo: opened<Address>('ship_to', row.ship_to) ?? null,
    lines: lines.map(toLine),
    currency: row.currency ?? '',
    totals: {
      items: row.items_minor,
      shipping: row.shipping_minor,
      tax: row.tax_minor,
      discount: row.discount_minor,
      total: row.total_minor,
    },
    ...(row.refunded_minor === 0 ? {} : { refunded: row.refunded_minor }),
    ...(row.shipping_method === null ? {} : { shippingMethodRequested: row.shipping_method }),
    gift: { isGift: row.is_gift === 1, ...(messages.gift === undefined ? {} : { message: messages.gift }) },
    ...(messages.notes === undefined ? {} : { notes: messages.notes }),
    ...(messages.special === undefined ? {} : { specialInstructions: messages.special }),
    flags: JSON.parse(row.flags) as OrderFlag[],
    raw: undefined,
  }
}

function toLine(line: LineRow): OrderLine {
  return {
    externalLineId: line.external_line_id,
    sku: line.sku,
    name: line.name,
    qty: line.qty,
    qtyToShip: line.qty_to_ship,
    ...(line.qty_shipped === 0 ? {} : { qtyShipped: line.qty_shipped }),
    price: line.price_minor,
    tax: line.tax_minor,
    discount: line.discount_minor,
  }
}

/** What ShipStation was told of each line; lines it was never told of are absent. */
export function pushedQuantities(lines: readonly LineRow[]): PushedLines {
  return new Map(
    lines.flatMap(({ external_line_id: id, qty_pushed: units, qty_shipped_before: shippedBefore }) =>
      units === null ? [] : [[id, { units, shippedBefore }] as const],
    ),
  )
}

/** Lines grouped by order id. */
export async function linesByOrder(db: Db, orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly LineRow[]>> {
  const grouped = new Map<string, LineRow[]>()
  for (const line of await linesOf(db, orderIds)) {
    const list = grouped.get(line.order_id)
    if (list === undefined) grouped.set(line.order_id, [line])
    else list.push(line)
  }
  return grouped
}
