import { labelWithoutOrder, makeLabels, markAsShipped, type PackageWish, voidLabel } from './labels.ts'
import { notifyOfLabels } from './notify.ts'
import { orderReply } from './order-wire.ts'
import { store } from './order-write.ts'
import { isListed, isOpen, type Label, type OrderDocument, type State, type StoredItem, type StoredOrder } from './state.ts'

type Argument = Readonly<Record<string, unknown>>

/** What a clerk or the vendor does. An order is named by `order_key`, `order_id` or `order_number`. */
export const ACTIONS: Readonly<Record<string, (state: State, argument: Argument, now: number) => unknown>> = {
  ship(state, argument, now) {
    const order = orderFrom(state, argument)
    const labels = label(state, order, argument, state.nextId('batch'), now)
    notifyOfLabels(state, labels)
    return { order_id: order.orderId, status: order.status, shipment_ids: labels.map(({ shipmentId }) => shipmentId) }
  },
  /** `{ orders: [what ship takes, ...] }`: labels of several orders in one go. */
  'ship-batch'(state, argument, now) {
    const orders = argument['orders']
    if (!Array.isArray(orders) || orders.length === 0) throw new Error('ship-batch needs orders: [{ order_key, packages }, ...].')
    const batch = state.nextId('batch')
    const labels = (orders as readonly Argument[]).flatMap((one) => label(state, orderFrom(state, one), one, batch, now))
    notifyOfLabels(state, labels)
    return { batch_id: batch, shipment_ids: labels.map(({ shipmentId }) => shipmentId) }
  },
  split(state, argument, now) {
    const child = split(state, orderFrom(state, argument), itemsFrom(argument), now)
    return { order_id: child.orderId, order_number: child.orderNumber }
  },
  merge(state, argument, now) {
    const into = orderFrom(state, { order_key: argument['into_order_key'] })
    const keys = argument['order_keys']
    if (!Array.isArray(keys)) throw new Error('merge needs order_keys: [text, ...].')
    for (const key of keys as readonly unknown[]) merge(into, orderFrom(state, { order_key: key }), now)
    return { order_id: into.orderId, merged_ids: into.mergedIds }
  },
  void(state, argument, now) {
    const label = voidLabel(state, text(argument, 'tracking'), now)
    return { shipment_id: label.shipmentId, order_id: label.order?.orderId ?? null, status: label.order?.status ?? null }
  },
  'mark-as-shipped'(state, argument, now) {
    const order = orderFrom(state, argument)
    const carrier = argument['carrier_name'] == null ? null : text(argument, 'carrier_name')
    const tracking = optionalText(argument, 'tracking') ?? ''
    const { fulfillmentId } = markAsShipped(state, order, carrier, tracking, optionalText(argument, 'ship_date'), now)
    return { order_id: order.orderId, fulfillment_id: fulfillmentId }
  },
  cancel(state, argument, now) {
    const order = orderFrom(state, argument)
    if (!isOpen(order)) throw new Error(`Order ${order.orderNumber} is ${order.status} and cannot be cancelled.`)
    order.status = 'cancelled'
    order.modifiedAt = now
    return { order_id: order.orderId, status: order.status }
  },
  edit(state, argument, now) {
    const order = orderFrom(state, argument)
    edit(order, argument)
    order.modifiedAt = now
    return orderReply(order)
  },
  delete(state, argument, now) {
    const order = orderFrom(state, argument)
    order.deleted = true
    order.modifiedAt = now
    return { order_id: order.orderId }
  },
  'label-without-order'(state, argument, now) {
    const label = labelWithoutOrder(state, packageFrom(argument), now)
    notifyOfLabels(state, [label])
    return { shipment_id: label.shipmentId }
  },
}

function label(state: State, order: StoredOrder, argument: Argument, batch: number, now: number): readonly Label[] {
  const packages = argument['packages']
  if (!Array.isArray(packages) || packages.length === 0) throw new Error('ship needs packages: [{ tracking, ... }].')
  const wishes = packages.map((one: unknown) => packageFrom(one))
  return makeLabels(state, order, wishes, optionalText(argument, 'ship_date'), batch, now)
}

// The child shares the key and has its own id; its number gets a suffix (contract section 8).
function split(state: State, order: StoredOrder, wishes: ReadonlyMap<string, number>, now: number): StoredOrder {
  if (!isOpen(order)) throw new Error(`Order ${order.orderNumber} is ${order.status} and cannot be split.`)
  const moved: StoredItem[] = []
  const kept: StoredItem[] = []
  const left = new Map(wishes)
  for (const item of order.items) {
    const key = item.document.lineItemKey ?? ''
    const quantity = Math.min(left.get(key) ?? 0, item.quantity)
    left.set(key, (left.get(key) ?? 0) - quantity)
    if (quantity > 0) moved.push({ ...item, orderItemId: state.nextId('item'), quantity })
    if (quantity < item.quantity) kept.push({ ...item, quantity: item.quantity - quantity })
  }
  for (const [key, quantity] of left) {
    if (quantity > 0) throw new Error(`Order ${order.orderNumber} has ${quantity} fewer of line ${key} than should move.`)
  }
  const siblings = (state.ordersByKey.get(order.orderKey) ?? []).filter((one) => one.parentId === order.orderId)
  const document: OrderDocument = { ...order.document, amountPaid: 0, taxAmount: 0, shippingAmount: 0 }
  const child: StoredOrder = {
    ...order,
    orderId: state.nextId('order'),
    orderNumber: `${order.orderNumber}-${siblings.length + 1}`,
    createdAt: now,
    modifiedAt: now,
    document,
    items: moved,
    tagIds: [...order.tagIds],
    parentId: order.orderId,
    mergedOrSplit: true,
    mergedIds: [],
    createCalls: 0,
  }
  order.items = kept
  order.mergedOrSplit = true
  order.modifiedAt = now
  return store(state, child)
}

// The survivor lists the others (contract section 8); they answer by id but are in no list any more.
function merge(into: StoredOrder, other: StoredOrder, now: number): void {
  if (into === other) throw new Error('An order cannot be merged into itself.')
  for (const order of [into, other]) {
    if (!isOpen(order)) throw new Error(`Order ${order.orderNumber} is ${order.status} and cannot be merged.`)
  }
  into.items = [...into.items, ...other.items]
  into.mergedIds = [...into.mergedIds, other.orderId, ...other.mergedIds]
  into.mergedOrSplit = true
  into.modifiedAt = now
  other.mergedInto = into.orderId
  other.parentId = into.orderId
  other.mergedOrSplit = true
  other.modifiedAt = now
}

/** Wire names; addresses and advancedOptions are changed member by member, everything else is replaced. */
function edit(order: StoredOrder, argument: Argument): void {
  const { order_key: _key, order_id: _id, order_number: _number, ...changes } = argument
  for (const [name, value] of Object.entries(changes)) {
    if (name === 'orderStatus') order.status = String(value)
    else if (name === 'tagIds') order.tagIds = [...(value as number[])]
    else if (name === 'items') throw new Error('edit does not change items; use split or merge.')
    else order.document = { ...order.document, [name]: merged(order.document[name], value) }
  }
}

function merged(old: unknown, value: unknown): unknown {
  const both = [old, value].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one))
  return both ? { ...(old as object), ...(value as object) } : value
}

function orderFrom(state: State, argument: Argument): StoredOrder {
  const { order_key: key, order_id: id, order_number: number } = argument
  const found =
    id !== undefined
      ? state.orders.get(Number(id))
      : key !== undefined
        ? state.ordersByKey.get(String(key))?.find(isListed)
        : [...state.orders.values()].find((order) => order.orderNumber === number && isListed(order))
  if (found === undefined)
    throw new Error(`There is no such order: ${JSON.stringify({ order_key: key, order_id: id, order_number: number })}.`)
  return found
}

function itemsFrom(argument: Argument): Map<string, number> {
  const items = argument['items']
  if (!Array.isArray(items) || items.length === 0) throw new Error('split needs items: [{ line_item_key, quantity }].')
  const wishes = new Map<string, number>()
  for (const item of items as readonly { line_item_key: string; quantity: number }[]) {
    wishes.set(item.line_item_key, (wishes.get(item.line_item_key) ?? 0) + item.quantity)
  }
  return wishes
}

function packageFrom(value: unknown): PackageWish {
  const wish = value as PackageWish
  if (typeof wish?.tracking !== 'string') throw new Error('A package needs a tracking number.')
  return wish
}

function text(argument: Argument, name: string): string {
  const value = argument[name]
  if (typeof value !== 'string') throw new Error(`${name} must be text.`)
  return value
}

function optionalText(argument: Argument, name: string): string | undefined {
  return argument[name] == null ? undefined : text(argument, name)
}
