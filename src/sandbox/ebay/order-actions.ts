import { type Reader, reader } from './compact.ts'
import { confirmOrder } from './notifications.ts'
import { CANCEL_STATUSES, idOf, isPaid, type Order, orderStatus, PAYMENTS } from './order.ts'
import { addOrders, paidId, readAddress, unpaidId } from './order-seed.ts'
import { readPackages } from './order-seed-packages.ts'
import { next, type State } from './state.ts'

type Action = (state: State, argument: unknown) => unknown

/** What happens to orders. `order_id` is any id that the order has or will have. */
export const ORDER_ACTIONS: Readonly<Record<string, Action>> = {
  'add-orders': addMore,
  pay,
  combine,
  'set-payment': change('set-payment', ['payment'], setPayment),
  'request-cancel': change('request-cancel', ['reason'], (order, given) => {
    order.cancel = 'CancelRequested'
    order.cancelReason = given.text('reason') ?? 'OrderPlacedByMistake'
  }),
  cancel: change('cancel', ['status', 'reason'], (order, given) => {
    order.cancel = given.oneOf('status', CANCEL_STATUSES) ?? 'CancelComplete'
    order.cancelReason = given.text('reason') ?? order.cancelReason ?? 'OutOfStock'
  }),
  refund: change('refund', ['part'], refund),
  'change-address': change('change-address', ['ship_to'], (order, given) => {
    order.shipTo = readAddress('change-address.ship_to', given.raw('ship_to') ?? {}, order.shipTo)
  }),
  'ship-elsewhere': change('ship-elsewhere', ['packages'], shipElsewhere),
  /** Lists of changes do not show it any more, by either API. */
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
  return { order_ids: addOrders(state, documents, state.clock.now()) }
}

/** `{order_id}`: the payment clears, and the order has another id from now on (contract section 2.3). */
function pay(state: State, argument: unknown): unknown {
  const order = orderOf(state, 'pay', reader('pay', argument, ['order_id']))
  if (isPaid(order)) throw new Error(`pay: order ${order.paidId} is paid`)
  if (order.mergedInto !== undefined) throw new Error(`pay: order ${order.unpaidId} went into ${order.mergedInto}`)
  const before = idOf(order)
  const now = state.clock.now()
  order.payment = 'PAID'
  order.paidAt = now
  state.orders.touch(order, now)
  confirmOrder(state, order)
  return { order_id: order.paidId, id_before: before }
}

function setPayment(order: Order, given: Reader, now: number, state: State): void {
  const payment = given.oneOf('payment', PAYMENTS)
  if (payment === undefined) throw new Error('set-payment: payment is missing')
  const wasPaid = order.payment === 'PAID'
  order.payment = payment
  order.paidAt = payment === 'PAID' || payment === 'REVIEW' ? (order.paidAt ?? now) : undefined
  if (!wasPaid) confirmOrder(state, order)
}

/** `{order_ids}`: unpaid orders of one buyer become one with all their lines; each of them is Inactive from now on. */
function combine(state: State, argument: unknown): unknown {
  const ids = reader('combine', argument, ['order_ids']).texts('order_ids') ?? []
  const parts = ids.map((id) => state.orders.find(id))
  const known = parts.filter((order) => order !== undefined)
  const [first] = known
  if (first === undefined || known.length < 2 || known.length < ids.length)
    throw new Error('combine: order_ids must name two orders or more')
  if (known.some((order) => isPaid(order) || order.mergedInto !== undefined || order.buyer.userId !== first.buyer.userId))
    throw new Error('combine: only unpaid orders of one buyer go together')
  const n = next(state)
  const now = state.clock.now()
  const lines = known.flatMap((order) => order.lines)
  const whole: Order = {
    ...first,
    paidId: paidId(n),
    unpaidId: unpaidId(lines, n),
    createdAt: now,
    wholeAt: now,
    updatedAt: now,
    lines,
    packages: [],
    completeSaleCalls: 0,
  }
  state.orders.put(whole)
  for (const order of known) {
    order.mergedInto = whole.unpaidId
    state.orders.touch(order, now)
  }
  return { order_id: whole.unpaidId, paid_id: whole.paidId }
}

function refund(order: Order, given: Reader, _now: number, state: State): void {
  order.refund = given.flag('part') === true ? 'part' : 'full'
  if (state.settings.refundDropsPaidTime) order.paidAt = undefined
}

/** `{order_id, packages?}`: the seller does it by hand, in the pages of eBay. */
function shipElsewhere(order: Order, given: Reader, now: number): void {
  const documents = given.list('packages') ?? [{ tracking: `BYHAND${order.paidId.replaceAll('-', '')}` }]
  const packages = readPackages('ship-elsewhere', documents, order)
  order.packages.push(...packages.map((parcel) => ({ ...parcel, shippedAt: now, by: 'person' as const })))
}

function change(
  action: string,
  keys: readonly string[],
  edit: (order: Order, given: Reader, now: number, state: State) => void,
): Action {
  return (state, argument) => {
    const given = reader(action, argument, ['order_id', ...keys])
    const order = orderOf(state, action, given)
    const now = state.clock.now()
    edit(order, given, now, state)
    state.orders.touch(order, now)
    return { order_id: idOf(order), status: orderStatus(order) }
  }
}

function orderOf(state: State, action: string, given: Reader): Order {
  const id = given.text('order_id') ?? ''
  const order = state.orders.find(id)
  if (order === undefined) throw new Error(`${action}: no order '${id}'`)
  return order
}
