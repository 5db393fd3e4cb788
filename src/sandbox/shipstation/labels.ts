import { dateOnly, dateTime7, parseDate } from './los-angeles.ts'
import { notifyOfMark } from './notify.ts'
import { type Fulfillment, isListed, type Label, type PackedItem, type State, type StoredOrder } from './state.ts'

export interface PackageWish {
  readonly tracking: string
  readonly carrier_code?: string
  readonly service_code?: string
  readonly items?: readonly { readonly line_item_key: string; readonly quantity: number }[] | null
  readonly is_return?: boolean
}

/** Makes one label per package, all of this batch, and lets the order's status follow: contract sections 7 and 8. */
export function makeLabels(
  state: State,
  order: StoredOrder,
  wishes: readonly PackageWish[],
  shipDate: string | undefined,
  batch: number,
  now: number,
): Label[] {
  if (!isListed(order)) throw new Error(`Order ${order.orderNumber} is not in the account any more.`)
  if (!['awaiting_shipment', 'shipped'].includes(order.status))
    throw new Error(`Order ${order.orderNumber} is ${order.status}; no label can be made.`)
  const vague = wishes.filter((wish) => wish.items === undefined && wish.is_return !== true).length
  const labels: Label[] = []
  for (const wish of wishes) {
    const outbound = wish.is_return !== true
    const packed =
      wish.items == null
        ? rest(state, order, outbound && wish.items === undefined && vague === 1)
        : pack(state, order, wish.items)
    const label: Label = {
      shipmentId: state.nextId('shipment'),
      batch,
      order,
      createdAt: now,
      shipDate: dayFrom(shipDate, now),
      tracking: wish.tracking,
      carrierCode: wish.carrier_code ?? 'stamps_com',
      serviceCode: wish.service_code ?? 'usps_priority_mail',
      isReturn: !outbound,
      items: packed,
      coversRest: wish.items == null && outbound,
      voidedAt: null,
    }
    state.labels.push(label)
    state.labelsOf.set(order.orderId, [...(state.labelsOf.get(order.orderId) ?? []), label])
    labels.push(label)
  }
  followLabels(state, order, now)
  return labels
}

export function labelWithoutOrder(state: State, wish: PackageWish, now: number): Label {
  const label: Label = {
    shipmentId: state.nextId('shipment'),
    batch: state.nextId('batch'),
    order: null,
    createdAt: now,
    shipDate: dateOnly(now),
    tracking: wish.tracking,
    carrierCode: wish.carrier_code ?? 'stamps_com',
    serviceCode: wish.service_code ?? 'usps_priority_mail',
    isReturn: false,
    items: null,
    coversRest: false,
    voidedAt: null,
  }
  state.labels.push(label)
  return label
}

/** A voided label stays in the list; the order opens again when something is missing now. */
export function voidLabel(state: State, tracking: string, now: number): Label {
  const label = state.labels.find((one) => one.tracking === tracking && one.voidedAt === null)
  if (label === undefined) throw new Error(`There is no label ${tracking} that could be voided.`)
  label.voidedAt = now
  if (label.order !== null) followLabels(state, label.order, now)
  return label
}

/** An order shipped by other means: a fulfillment, never a shipment (contract section 7). */
export function markAsShipped(
  state: State,
  order: StoredOrder,
  carrierName: string | null,
  tracking: string,
  shipDate: string | undefined,
  now: number,
): Fulfillment {
  if (!isListed(order) || order.status === 'cancelled') throw new Error(`Order ${order.orderNumber} cannot be marked as shipped.`)
  const day = parseDate(dayFrom(shipDate, now)) ?? now
  const fulfillment: Fulfillment = {
    fulfillmentId: state.nextId('fulfillment'),
    order,
    createdAt: now,
    shipDate: dateTime7(day),
    tracking,
    carrierName,
  }
  state.fulfillments.push(fulfillment)
  order.status = 'shipped'
  order.externallyFulfilled = true
  order.modifiedAt = now
  notifyOfMark(state, fulfillment)
  return fulfillment
}

function dayFrom(shipDate: string | undefined, now: number): string {
  if (shipDate === undefined) return dateOnly(now)
  const instant = parseDate(shipDate)
  if (instant === undefined) throw new Error(`ship_date ${JSON.stringify(shipDate)} is not a date.`)
  return dateOnly(instant)
}

function pack(
  state: State,
  order: StoredOrder,
  wishes: readonly { readonly line_item_key: string; readonly quantity: number }[],
): PackedItem[] {
  const open = new Set(missing(state, order).map(({ item }) => item))
  return wishes.map(({ line_item_key: key, quantity }) => {
    // In a merged order two lines may bear the same key; the one that is still open is meant.
    const lines = order.items.filter(({ document }) => document.lineItemKey === key)
    const item = lines.find((line) => open.has(line)) ?? lines[0]
    if (item === undefined) throw new Error(`Order ${order.orderNumber} has no line ${key}.`)
    return { item, quantity }
  })
}

// One package without a list holds what is left and says so; of several nobody can tell what is in which.
function rest(state: State, order: StoredOrder, telling: boolean): PackedItem[] | null {
  if (!telling) return null
  const left = missing(state, order)
  return left.length === 0 ? null : left
}

function followLabels(state: State, order: StoredOrder, now: number): void {
  const complete = order.externallyFulfilled || missing(state, order).length === 0
  const swallowed = order.mergedIds.map((id) => state.orders.get(id)).filter((one) => one !== undefined)
  for (const one of [order, ...swallowed]) {
    one.status = complete ? 'shipped' : 'awaiting_shipment'
    one.modifiedAt = now
  }
}

/** What no outbound label holds yet. Fee and discount lines are not packed. */
function missing(state: State, order: StoredOrder): PackedItem[] {
  const packed = new Map<number, number>()
  for (const label of state.labelsOf.get(order.orderId) ?? []) {
    if (label.voidedAt !== null || label.isReturn) continue
    if (label.coversRest) return []
    for (const { item, quantity } of label.items ?? [])
      packed.set(item.orderItemId, (packed.get(item.orderItemId) ?? 0) + quantity)
  }
  const left: PackedItem[] = []
  for (const item of order.items) {
    const quantity = item.quantity - (packed.get(item.orderItemId) ?? 0)
    if (item.document.adjustment !== true && quantity > 0) left.push({ item, quantity })
  }
  return left
}
