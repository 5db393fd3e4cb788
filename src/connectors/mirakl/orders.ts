import { createHash } from 'node:crypto'
import type { NormalizedOrder, OrderFlag, OrderLine, OrderStatus, PoisonOrder } from '../../core/model/order.ts'
import { filled, fullName, phoneOf, shipToOf } from './address.ts'
import type { MiraklSettings } from './client.ts'
import { DONE, ENDED, instantOf, type Quantities, quantitiesOf, type Remaining } from './lines.ts'
import { money, refundedOf, taxSum, totalsOf } from './totals.ts'
import { orderIdOf, type WireLine, type WireOrder, wireOrder } from './wire.ts'

const BEFORE_PAYMENT: ReadonlySet<string> = new Set(['WAITING_DEBIT', 'WAITING_DEBIT_PAYMENT'])
/** The vendor's standard codes for shops and click-and-collect begin like this; the pick-up id alone is enough too. */
const PICKUP_TYPE = /^(?:PICK_?UP|PUDO|CLC)/i
const NOTES_LENGTH = 1000

/** The document as an order with the fields we rely on, or as poison. */
export function readOrder(raw: unknown, channel: string): { readonly wire: WireOrder } | { readonly poison: PoisonOrder } {
  const parsed = wireOrder.safeParse(raw)
  if (parsed.success) return { wire: parsed.data }
  const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'order'}: ${issue.code}`)
  return { poison: poisonOf(raw, channel, issues.join('; ')) }
}

/** `DEFAULT` is the seller's own; every other code is a warehouse that someone else ships from (contract section 3). */
export function isShippedByOthers(wire: WireOrder): boolean {
  const code = filled(wire.fulfillment?.center?.code)
  return code !== undefined && code !== 'DEFAULT'
}

/**
 * A seller-fulfilled order in our shape (contract section 10). `remaining` is what ST12 says is left of it, where it was asked.
 */
export function toOrder(
  wire: WireOrder,
  raw: unknown,
  remaining: Remaining | undefined,
  settings: Pick<MiraklSettings, 'channel' | 'countryNames'>,
): { readonly order: NormalizedOrder } | { readonly poison: PoisonOrder } {
  try {
    return { order: normalize(wire, raw, remaining, settings) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { poison: poisonOf(raw, settings.channel, error.message) }
  }
}

function poisonOf(raw: unknown, channel: string, reason: string): PoisonOrder {
  return { channel, externalOrderId: orderIdOf(raw) ?? digestOf(raw), reason, raw }
}

/** A name for a document that has none: the same for every repeat of it. */
export function digestOf(raw: unknown): string {
  const text = JSON.stringify(raw) ?? 'undefined'
  return `digest-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
}

function normalize(
  wire: WireOrder,
  raw: unknown,
  remaining: Remaining | undefined,
  settings: Pick<MiraklSettings, 'channel' | 'countryNames'>,
): NormalizedOrder {
  const open = wire.order_state === 'SHIPPING'
  const shipTo = open ? shipToOf(wire, settings.countryNames) : shipToIfReadable(wire, settings.countryNames)
  const mayShip = open && shipTo !== null && wire.can_shop_ship !== false && !hasIncident(wire) && !contradicts(wire, remaining)
  const quantities = wire.order_lines.map((line) => quantitiesOf(line, mayShip, remaining))
  const createdAt = timeOf('created_date', wire.created_date)
  if (createdAt === undefined) throw new RangeError('created_date: absent')
  return {
    channel: settings.channel,
    externalOrderId: wire.order_id,
    ...optional('sellerOrderId', filled(wire.references?.order_reference_for_seller)),
    status: statusOf(wire, mayShip, quantities, remaining),
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: timeOf('last_updated_date', wire.last_updated_date) ?? createdAt,
    ...optional('shipBy', timeOf('shipping_deadline', wire.shipping_deadline)),
    ...optional('deliverBy', timeOf('delivery_date.latest', wire.delivery_date?.latest)),
    buyer: {
      ...optional('name', fullName(wire.customer)),
      ...optional('email', filled(wire.customer_notification_email)),
      ...optional('phone', phoneOf(wire.customer?.shipping_address)),
    },
    shipTo,
    lines: wire.order_lines.map((line, i) => lineOf(line, i, wire, quantities)),
    currency: wire.currency_iso_code,
    totals: totalsOf(wire),
    ...optional('refunded', refundedOf(wire)),
    ...optional('shippingMethodRequested', filled(wire.shipping_type_code) ?? filled(wire.shipping_type_label)),
    gift: { isGift: false },
    ...optional('notes', notesOf(wire)),
    ...optional('specialInstructions', pickupOf(wire)),
    flags: flagsOf(wire),
    raw,
  }
}

/** Contract section 4. */
function statusOf(
  wire: WireOrder,
  mayShip: boolean,
  quantities: readonly Quantities[],
  remaining: Remaining | undefined,
): OrderStatus {
  const state = wire.order_state
  if (ENDED.has(state)) return 'cancelled'
  if (DONE.has(state)) return 'shipped'
  if (hasIncident(wire)) return 'on_hold'
  if (state === 'WAITING_ACCEPTANCE') return 'awaiting_acceptance'
  if (BEFORE_PAYMENT.has(state)) return 'pending'
  // A state that the vendor has added since: nothing ships on a guess.
  if (state !== 'SHIPPING') return 'on_hold'
  if (contradicts(wire, remaining)) return 'on_hold'
  if (!mayShip) return 'pending'
  const left = quantities.some((each) => each.qtyToShip > 0)
  const gone = quantities.some((each) => each.qtyShipped > 0)
  if (left) return gone ? 'partially_shipped' : 'open'
  if (gone) return 'shipped'
  return wire.order_lines.every((line) => ENDED.has(line.order_line_state)) ? 'cancelled' : 'pending'
}

/** The order list calls lines shippable and ST12 knows nothing left of the order: a person looks before anything ships twice. */
function contradicts(wire: WireOrder, remaining: Remaining | undefined): boolean {
  if (remaining === undefined || remaining.size > 0) return false
  return wire.order_lines.some((line) => line.order_line_state === 'SHIPPING')
}

function hasIncident(wire: WireOrder): boolean {
  return wire.has_incident === true || wire.order_lines.some((line) => line.order_line_state === 'INCIDENT_OPEN')
}

function flagsOf(wire: WireOrder): readonly OrderFlag[] {
  const flags: OrderFlag[] = []
  if (filled(wire.shipping_pudo_id) !== undefined || PICKUP_TYPE.test(wire.shipping_type_standard_code ?? ''))
    flags.push('pickup_point')
  if (hasIncident(wire)) flags.push('incident')
  return flags
}

/** The carrier finds the shop or locker by this id, so it has to reach the label. */
function pickupOf(wire: WireOrder): string | undefined {
  const id = filled(wire.shipping_pudo_id)
  return id === undefined ? undefined : `Pick-up point ${id}`
}

function shipToIfReadable(wire: WireOrder, countryNames: Readonly<Record<string, string>>): NormalizedOrder['shipTo'] {
  if (!DONE.has(wire.order_state) && !ENDED.has(wire.order_state)) return null
  try {
    return shipToOf(wire, countryNames)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function lineOf(line: WireLine, i: number, wire: WireOrder, quantities: readonly Quantities[]): OrderLine {
  const currency = wire.currency_iso_code
  const ended = ENDED.has(wire.order_state)
  return {
    externalLineId: line.order_line_id,
    sku: line.offer_sku,
    name: decodeEntities(filled(line.product_title) ?? line.offer_sku),
    qty: ended ? 0 : (quantities[i]?.qty ?? 0),
    qtyToShip: quantities[i]?.qtyToShip ?? 0,
    qtyShipped: ended ? 0 : (quantities[i]?.qtyShipped ?? 0),
    price: money(`order_lines.${i}.price_unit`, line.price_unit, currency),
    tax: taxSum(`order_lines.${i}.taxes`, line.taxes, currency),
    discount: 0,
  }
}

function timeOf(field: string, date: string | null | undefined): number | undefined {
  const at = instantOf(date)
  if (Number.isNaN(at)) throw new RangeError(`${field}: not a time`)
  return at
}

/** The delivery note and the operator's custom fields; there is no standard field for gift texts (contract section 10). */
function notesOf(wire: WireOrder): string | undefined {
  const notes: string[] = []
  const delivery = filled(wire.customer?.shipping_address?.additional_info)
  if (delivery !== undefined) notes.push(decodeEntities(delivery))
  for (const field of wire.order_additional_fields ?? []) {
    const value = Array.isArray(field.value) ? field.value.join(', ') : field.value
    if (typeof value === 'string' && filled(value) !== undefined)
      notes.push(`${field.code ?? 'field'}: ${decodeEntities(value.trim())}`)
  }
  return filled(notes.join('\n').slice(0, NOTES_LENGTH))
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** `Tom &amp; Co&#39;s` -> `Tom & Co's`, one level deep; what is not a known entity stays. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 31 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole
  })
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
