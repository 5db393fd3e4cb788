import { type Reader, reader } from './compact.ts'
import { CHECKOUTS, isWaiting, type Order, PAYMENTS, SHIPPINGS, shippingStatus } from './order.ts'
import { addOrders, addressReader, readAddress, shipByHand } from './order-seed.ts'
import type { State } from './state.ts'

type Action = (state: State, argument: unknown) => unknown

/** What happens to orders; `order_id` is the platform's own number. */
export const ORDER_ACTIONS: Readonly<Record<string, Action>> = {
  'add-orders': addMore,
  pay: change('pay', [], (order) => {
    order.checkout = 'Completed'
    order.payment = 'Cleared'
  }),
  'set-payment': change('set-payment', ['payment'], (order, given) => {
    order.payment = given.oneOf('payment', PAYMENTS) ?? order.payment
  }),
  'set-checkout': change('set-checkout', ['checkout'], (order, given) => {
    order.checkout = given.oneOf('checkout', CHECKOUTS) ?? order.checkout
  }),
  /** `shipping: null` goes back to what follows from the fulfillments. */
  'set-shipping': change('set-shipping', ['shipping'], (order, given) => {
    order.shipping = given.raw('shipping') === null ? undefined : given.oneOf('shipping', SHIPPINGS)
  }),
  cancel: change('cancel', [], (order) => {
    order.shipping = 'Canceled'
    for (const fulfillment of order.fulfillments) if (isWaiting(fulfillment)) fulfillment.delivery = 'Canceled'
  }),
  'change-address': change('change-address', ['ship_to'], (order, given) => {
    order.shipTo = readAddress(addressReader(given), order.shipTo)
  }),
  'ship-elsewhere': change('ship-elsewhere', ['fulfillments'], shipElsewhere),
  'move-to-dc': change('move-to-dc', ['dc'], moveToCenter),
  'remove-user-data': change('remove-user-data', [], (order, _given, state) => {
    order.userDataEndsAt = state.clock.now()
  }),
  /** Searches by change do not show it any more. */
  omit: change('omit', [], (order) => {
    order.omitted = true
  }),
  touch: change('touch', [], () => undefined),
}

/** A list of compact orders, or `{orders: [...]}`; they happen now. */
function addMore(state: State, argument: unknown): unknown {
  const documents = Array.isArray(argument)
    ? (argument as readonly unknown[])
    : reader('add-orders', argument, ['orders']).list('orders')
  if (documents === undefined) throw new Error('add-orders: give a list of compact orders, or {orders: [...]}')
  const now = state.clock.now()
  return { order_ids: addOrders(state, documents, { createdAt: now, importedAt: now }) }
}

/** `{order_id, fulfillments?}`: another tool of the seller ships, all that is left unless it says what. */
function shipElsewhere(order: Order, given: Reader, state: State): void {
  for (const [i, document] of (given.list('fulfillments') ?? [{}]).entries())
    shipByHand(state, order, `ship-elsewhere.fulfillments[${i}]`, document, 'person')
}

/** `{order_id, dc}`: the seller sends what waits to another distribution center. */
function moveToCenter(order: Order, given: Reader, state: State): void {
  const center = state.centers.get(given.whole('dc') ?? Number.NaN)
  if (center === undefined) throw new Error(`move-to-dc: there is no distribution center ${String(given.raw('dc'))}`)
  for (const fulfillment of order.fulfillments) if (isWaiting(fulfillment)) fulfillment.center = center
}

function change(action: string, keys: readonly string[], edit: (order: Order, given: Reader, state: State) => void): Action {
  return (state, argument) => {
    const given = reader(action, argument, ['order_id', ...keys])
    const id = given.count('order_id')
    const order = id === undefined ? undefined : state.orders.byId(id)
    if (order === undefined) throw new Error(`${action}: no order ${String(given.raw('order_id'))}`)
    edit(order, given, state)
    state.orders.touch(order, state.clock.now())
    return { order_id: order.id, shipping: shippingStatus(order) }
  }
}
