import type { Db } from '../db/db.ts'
import { type EventRow, eventsOf } from '../db/events.ts'
import { linesOf, type OrderRow, ordersByNumber } from '../db/orders.ts'
import { latestPayload } from '../db/payloads.ts'
import { type OrderShipmentRow, shipmentsOfOrder } from '../db/shipments.ts'
import { listTasks, type TaskRow } from '../db/task-list.ts'
import { toDecimal } from '../model/money.ts'
import { isTaxIncluded, type NormalizedOrder } from '../model/order.ts'
import { fromRows, sealRow } from '../orders/rows.ts'
import type { Vault } from '../privacy/vault.ts'

/** The normalized order as `--json` prints it: snake_case, money as decimal strings, times ISO 8601 UTC. */
export type OrderDocument = ReturnType<typeof orderDocument> & {
  readonly schema_version: 1
  readonly shipments: readonly PackageDocument[]
  readonly raw_payload?: unknown
}

export interface PackageDocument {
  readonly id: string
  readonly tracking_number: string
  readonly carrier_code: string
  readonly service_code: string | null
  readonly shipped_at: string | null
  readonly voided_at: string | null
  readonly state: string
  readonly confirmation: string | null
  readonly confirmation_error: string | null
  readonly lines: readonly { readonly external_line_id: string | null; readonly quantity: number | null }[]
}

export interface OrderReport {
  readonly document: OrderDocument
  readonly events: readonly EventRow[]
  readonly tasks: readonly TaskRow[]
}

/** Everything isync knows of an order number, one report per channel that has it. `raw` adds the channel's own document. */
export async function orderReports(
  db: Db,
  vault: Vault,
  externalOrderId: string,
  options: { readonly channel?: string; readonly raw: boolean },
): Promise<OrderReport[]> {
  const rows = (await ordersByNumber(db, externalOrderId)).filter(
    ({ channel }) => options.channel === undefined || options.channel === channel,
  )
  const reports: OrderReport[] = []
  for (const row of rows) reports.push(await reportOf(db, vault, row, options.raw))
  return reports
}

async function reportOf(db: Db, vault: Vault, row: OrderRow, raw: boolean): Promise<OrderReport> {
  const order = fromRows(row, await linesOf(db, [row.id]), vault)
  const document: OrderDocument = {
    schema_version: 1,
    ...orderDocument(order, row),
    shipments: packages(await shipmentsOfOrder(db, row.id)),
    ...(raw ? { raw_payload: await rawPayload(db, vault, row) } : {}),
  }
  const tasks = await listTasks(db, { externalOrderId: row.external_order_id, channels: [row.channel] }, 100)
  return { document, events: await eventsOf(db, 'order', sealRow(row.channel, row.external_order_id)), tasks }
}

function orderDocument(order: NormalizedOrder, row: OrderRow) {
  const poison = row.status === 'poison'
  const money = (minor: number) => (poison ? null : toDecimal(minor, order.currency))
  const { shipTo } = order
  return {
    source_marketplace: order.channel,
    external_order_id: order.externalOrderId,
    seller_order_id: order.sellerOrderId ?? null,
    sold_on: order.soldOn === undefined ? null : { site: order.soldOn.site, order_id: order.soldOn.orderId },
    twin_of: row.twin_of === '' ? null : row.twin_of,
    status: order.status,
    erased_at: iso(row.erased_at ?? undefined),
    poison_reason: row.poison_reason,
    fulfilled_by: order.fulfilledBy,
    order_created_at: poison ? null : iso(order.createdAt),
    updated_at: poison ? null : iso(order.updatedAt),
    ship_by: iso(order.shipBy),
    deliver_by: iso(order.deliverBy),
    buyer_name: order.buyer.name ?? null,
    buyer_email: order.buyer.email ?? null,
    buyer_phone: order.buyer.phone ?? null,
    ship_to: shipTo === null ? null : { ...blankAddress, ...shipTo },
    line_items: order.lines.map((line) => ({
      external_line_id: line.externalLineId,
      sku: line.sku,
      name: line.name,
      qty: line.qty,
      qty_to_ship: line.qtyToShip,
      price: money(line.price),
      tax: money(line.tax),
      discount: money(line.discount),
    })),
    currency: poison ? null : order.currency,
    totals: Object.fromEntries(Object.entries(order.totals).map(([name, minor]) => [name, money(minor)])),
    tax_included: poison ? null : isTaxIncluded(order.totals),
    refunded: money(order.refunded ?? 0),
    shipping_method_requested: poison ? null : (order.shippingMethodRequested ?? null),
    gift: { is_gift: order.gift.isGift, message: order.gift.message ?? null },
    notes: order.notes ?? null,
    special_instructions: order.specialInstructions ?? null,
    flags: order.flags,
    push: {
      state: row.push_state,
      shipstation_order_id: row.shipstation_order_id,
      store_id: row.shipstation_store_id,
      order_key: row.order_key,
      error: row.push_error,
    },
  }
}

const blankAddress = {
  name: null,
  company: null,
  address1: null,
  address2: null,
  city: null,
  state: null,
  postal: null,
  country: null,
  phone: null,
  residential: null,
}

function packages(rows: readonly OrderShipmentRow[]): PackageDocument[] {
  const grouped = new Map<
    string,
    { readonly head: OrderShipmentRow; readonly lines: { external_line_id: string | null; quantity: number | null }[] }
  >()
  for (const row of rows) {
    const known = grouped.get(row.id) ?? { head: row, lines: [] }
    known.lines.push({ external_line_id: row.external_line_id, quantity: row.quantity })
    grouped.set(row.id, known)
  }
  return [...grouped.values()].map(({ head, lines }) => ({
    id: head.id,
    tracking_number: head.tracking_number,
    carrier_code: head.carrier_code,
    service_code: head.service_code,
    shipped_at: iso(head.shipped_at),
    voided_at: iso(head.voided_at ?? undefined),
    state: head.state,
    confirmation: head.confirm_state,
    confirmation_error: head.confirm_error,
    lines,
  }))
}

async function rawPayload(db: Db, vault: Vault, row: OrderRow): Promise<unknown> {
  const payload = await latestPayload(db, row.channel, row.external_order_id)
  if (payload === undefined) return null
  return JSON.parse(
    vault.open('order_payloads', 'payload', `${sealRow(row.channel, row.external_order_id)}/${payload.version}`, payload.payload),
  ) as unknown
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
