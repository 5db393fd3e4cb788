import type { SandboxReply } from '../stand-in.ts'
import { readOrder } from './order-fields.ts'
import { orderReply } from './order-wire.ts'
import { exception, type ModelState, modelState, ok, refused } from './replies.ts'
import { isOpen, type OrderDocument, type State, type StoredItem, type StoredOrder } from './state.ts'

const MOST_ORDERS = 100

type Outcome = { readonly stored: StoredOrder } | { readonly failure: string; readonly document: OrderDocument }

interface Target {
  readonly orderId: number
  readonly orderKey: string
}

/** POST /orders/createorder: contract section 4. */
export function createOrder(state: State, body: unknown, now: number): SandboxReply {
  const problems: ModelState = {}
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return modelState({ apiOrder: ['Cannot deserialize the current JSON array because the type requires a JSON object.'] })
  }
  const document = readOrder(body, 'apiOrder', problems)
  if (Object.keys(problems).length > 0) return modelState(problems)
  if (isPoison(state, document)) return exception('Object reference not set to an instance of an object.')
  const outcome = write(state, document, now)
  return 'failure' in outcome ? refused(outcome.failure) : ok(orderReply(outcome.stored))
}

/**
 * POST /orders/createorders: contract section 4. Each order succeeds or fails on its own, and the rows come in
 * another order than the request's because nothing promises the same one.
 */
export function createOrders(state: State, body: unknown, now: number): SandboxReply {
  if (!Array.isArray(body)) {
    return modelState({ apiOrders: ['Cannot deserialize the current JSON object because the type requires a JSON array.'] })
  }
  if (body.length === 0) return modelState({ apiOrders: ['The list of orders is empty.'] })
  if (body.length > MOST_ORDERS)
    return modelState({ apiOrders: [`The list holds ${body.length} orders; at most ${MOST_ORDERS} are allowed.`] })
  const problems: ModelState = {}
  const documents = body.map((one: unknown, i) => readOrder(one ?? 0, `apiOrders[${i}]`, problems))
  if (Object.keys(problems).length > 0) return modelState(problems)

  const rows: unknown[] = []
  let hasErrors = false
  for (const document of documents) {
    // What came before it in the list stays stored: the call is not atomic.
    if (isPoison(state, document)) return exception('Object reference not set to an instance of an object.')
    const outcome = write(state, document, now)
    if ('failure' in outcome) hasErrors = true
    rows.push(row(outcome))
  }
  const shift = Math.ceil(rows.length / 3)
  return ok({ hasErrors, results: [...rows.slice(shift), ...rows.slice(0, shift)] })
}

function isPoison(state: State, document: OrderDocument): boolean {
  return state.poison?.test(document.orderNumber ?? '') ?? false
}

function row(outcome: Outcome): unknown {
  if ('failure' in outcome) {
    const { orderNumber, orderKey } = outcome.document
    return { orderId: null, orderNumber, orderKey, success: false, errorMessage: outcome.failure }
  }
  const { orderId, orderNumber, orderKey } = outcome.stored
  return { orderId, orderNumber, orderKey, success: true, errorMessage: null }
}

function write(state: State, document: OrderDocument, now: number): Outcome {
  const failure = state.reject.get(document.orderNumber ?? '') ?? invalid(state, document)
  if (failure !== undefined) return { failure, document }
  const target = findTarget(state, document)
  if ('failure' in target) return { failure: target.failure, document }
  const existing = state.orders.get(target.orderId)
  const stored = existing === undefined ? newOrder(state, document, target, now) : changedOrder(state, existing, document, now)
  if (state.lateCommitMs === 0) {
    store(state, stored)
    return { stored }
  }
  state.promised.set(target.orderKey, target.orderId)
  state.pending.push({ due: now + state.lateCommitMs, apply: () => storeLate(state, document, stored) })
  return { stored }
}

// Another write may have come through in the meantime, and the order may have been shipped.
function storeLate(state: State, document: OrderDocument, promised: StoredOrder): void {
  const existing = state.orders.get(promised.orderId)
  if (existing === undefined) store(state, promised)
  else if (isOpen(existing)) store(state, changedOrder(state, existing, document, promised.modifiedAt))
  if (state.promised.get(promised.orderKey) === promised.orderId) state.promised.delete(promised.orderKey)
}

function findTarget(state: State, { orderId, orderKey, orderNumber }: OrderDocument): Target | { readonly failure: string } {
  const sameKey = (state.ordersByKey.get(orderKey ?? '') ?? []).filter((order) => !order.deleted)
  const wanted = orderId === null ? sameKey[0] : state.orders.get(orderId)
  if (orderId === null && sameKey.length > 1) {
    return { failure: `Order ${orderNumber} is split; both orderId and orderKey are needed to update it.` }
  }
  if (orderId !== null && (wanted === undefined || wanted.deleted)) return { failure: `Order ID ${orderId} was not found.` }
  if (wanted !== undefined && orderKey !== null && orderKey !== '' && wanted.orderKey !== orderKey) {
    return { failure: `Order ID ${orderId} does not belong to the given orderKey.` }
  }
  if (wanted !== undefined && !isOpen(wanted)) {
    const why = wanted.mergedInto === null ? wanted.status : 'merged'
    return { failure: `Order ${wanted.orderNumber} cannot be updated because it is ${why}.` }
  }
  if (wanted !== undefined) return wanted
  // Without a key the vendor makes one, so a retry makes a second order.
  const key = orderKey === null || orderKey === '' ? `ss-${String(state.nextId('key')).padStart(8, '0')}` : orderKey
  return { orderId: state.promised.get(key) ?? state.nextId('order'), orderKey: key }
}

function newOrder(state: State, document: OrderDocument, target: Target, now: number): StoredOrder {
  return {
    orderId: target.orderId,
    orderKey: target.orderKey,
    orderNumber: document.orderNumber ?? '',
    // Contract section 4: without a storeId the first manual store gets the order, silently.
    storeId: document.advancedOptions?.storeId ?? firstManualStore(state) ?? 0,
    customerId: state.nextId('customer'),
    createdAt: now,
    modifiedAt: now,
    document,
    items: newItems(state, document, now),
    status: document.orderStatus ?? 'awaiting_shipment',
    tagIds: [...(document.tagIds ?? [])],
    holdUntil: null,
    externallyFulfilled: false,
    parentId: null,
    mergedOrSplit: false,
    mergedIds: [],
    mergedInto: null,
    deleted: false,
    createCalls: 1,
  }
}

// No partial update (contract section 4): what is left out is emptied. Key, store and number of calls stay.
function changedOrder(state: State, existing: StoredOrder, document: OrderDocument, now: number): StoredOrder {
  const status = document.orderStatus ?? existing.status
  return {
    ...existing,
    orderNumber: document.orderNumber ?? existing.orderNumber,
    modifiedAt: now,
    document,
    items: changedItems(state, existing, document, now),
    status,
    tagIds: [...(document.tagIds ?? [])],
    holdUntil: status === 'on_hold' ? existing.holdUntil : null,
    createCalls: existing.createCalls + 1,
  }
}

function newItems(state: State, document: OrderDocument, now: number): StoredItem[] {
  const items = document.items ?? []
  return items.map((item) => ({
    orderItemId: state.nextId('item'),
    document: item,
    quantity: item.quantity ?? 0,
    createdAt: now,
  }))
}

// A line that is sent again under its key is the same line, so that what is already packed stays packed.
function changedItems(state: State, existing: StoredOrder, document: OrderDocument, now: number): StoredItem[] {
  const old = new Map(existing.items.map((item) => [item.document.lineItemKey, item]))
  return newItems(state, document, now).map((item) => {
    const { lineItemKey } = item.document
    const same = lineItemKey === null ? undefined : old.get(lineItemKey)
    return same === undefined ? item : { ...item, orderItemId: same.orderItemId, createdAt: same.createdAt }
  })
}

function firstManualStore(state: State): number | undefined {
  return state.stores.find((store) => store.marketplaceId === 0 && store.active)?.storeId
}

/** Puts an order into the indexes; labels and fulfillments keep pointing at the same object. */
export function store(state: State, order: StoredOrder): StoredOrder {
  const existing = state.orders.get(order.orderId)
  if (existing !== undefined) return Object.assign(existing, order)
  state.orders.set(order.orderId, order)
  const sameKey = state.ordersByKey.get(order.orderKey)
  if (sameKey === undefined) state.ordersByKey.set(order.orderKey, [order])
  else sameKey.push(order)
  return order
}

// The texts are those seen in public places, where one has been seen (contract section 4).
function invalid(state: State, document: OrderDocument): string | undefined {
  const { orderNumber, orderDate, orderStatus, billTo, shipTo, items, advancedOptions, carrierCode, serviceCode } = document
  const missing: string[] = []
  if (blank(orderNumber)) missing.push('Order Number')
  if (orderDate === null) missing.push('Order Date')
  if (orderStatus === null) missing.push('Order Status')
  if (blank(shipTo?.['name'])) missing.push('Ship Name')
  if (blank(billTo?.['name'])) missing.push('Bill Name')
  if ((items ?? []).some((item) => blank(item.name))) missing.push('Item Name')
  if (missing.length > 0) return missing.map((name) => `'${name}' must not be empty.`).join(' ')

  const length = orderNumber?.length ?? 0
  if (length > 50) return `'Order Number' must be between 1 and 50 characters. You entered ${length} characters.`
  if (orderStatus === 'pending_fulfillment' || orderStatus === 'rejected_fulfillment') return 'Invalid orderStatus'
  if ([shipTo, billTo].some((address) => !countryIsFine(address?.['country']))) return 'Please use a 2 character country code'
  if ((items ?? []).some(({ quantity }) => quantity === null || quantity < 1 || quantity > 99_999)) {
    return "'Quantity' must be between 1 and 99999."
  }
  if (carrierCode !== null && !serviceExists(state, carrierCode, serviceCode)) return 'Invalid serviceCode'
  const storeId = advancedOptions?.storeId ?? null
  if (storeId !== null && !state.stores.some((one) => one.storeId === storeId)) return `Store ${storeId} was not found.`
  return undefined
}

function blank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === ''
}

function countryIsFine(country: unknown): boolean {
  return country === undefined || country === null || country === '' || /^[A-Za-z]{2}$/.test(String(country))
}

function serviceExists(state: State, carrierCode: string, serviceCode: string | null): boolean {
  const carrier = state.carriers.find(({ code }) => code === carrierCode)
  return carrier?.services.some(({ code }) => code === serviceCode) ?? false
}
