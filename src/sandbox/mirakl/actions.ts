import { readTracking } from './carriers.ts'
import type { Address, CompactOrder } from './compact.ts'
import { type Account, type Line, ORDER_STATES, type Order, type State } from './model.ts'
import { OFFER_ACTIONS } from './offer-actions.ts'
import { decideExport, forgetExports } from './order-export.ts'
import { addOrders, cancelUnits, DEFAULT_KEY } from './seed.ts'
import { commit, nextId } from './shipment-create.ts'
import { isEnded, markLineShipped, moveOrder, remaining, settleOrder, touch } from './transitions.ts'
import { isRecord, text } from './wire.ts'

/** `order_id` finds the order; `api_key` says on which marketplace when several have the same id. */
interface Target {
  readonly account: Account
  readonly order: Order
  readonly now: number
  readonly argument: Readonly<Record<string, unknown>>
}

const ON_ORDERS: Readonly<Record<string, (state: State, target: Target) => void>> = {
  'set-state': setState,
  pay,
  cancel,
  'change-address': changeAddress,
  incident,
  'confirm-elsewhere': confirmElsewhere,
  wire: addPatch,
  omit,
}

/** What buyers, the operator and other people of the seller do. A misuse throws: it is the test's mistake. */
export function runAction(state: State, action: string, argument: unknown, now: number): unknown {
  if (action === 'add-orders') return { order_ids: addOrders(state, ordersOf(argument), now) }
  if (!isRecord(argument)) throw new Error(`'${action}' needs an object.`)
  const onOffers = OFFER_ACTIONS[action]
  if (onOffers !== undefined) return onOffers(state, argument, now)
  if (action === 'revoke-key' || action === 'restore-key') return setKey(state, argument, action === 'revoke-key')
  if (action === 'forget-exports') return forgetExports(accountOf(state, argument['api_key'] ?? DEFAULT_KEY))
  if (action === 'decide-export') return decideExport(accountOf(state, argument['api_key'] ?? DEFAULT_KEY), argument)
  const run = ON_ORDERS[action]
  if (run === undefined) throw new Error(`There is no Mirakl action '${action}'.`)
  const target = { ...find(state, argument), now, argument }
  run(state, target)
  touch(target.order, now)
  return { order_id: target.order.id, state: target.order.state }
}

function ordersOf(argument: unknown): readonly CompactOrder[] {
  const orders = isRecord(argument) ? argument['orders'] : argument
  if (!Array.isArray(orders)) throw new Error("'add-orders' needs a list of orders.")
  return orders as CompactOrder[]
}

function setKey(state: State, argument: Readonly<Record<string, unknown>>, revoked: boolean): unknown {
  accountOf(state, argument['api_key']).revoked = revoked
  return { revoked }
}

function accountOf(state: State, key: unknown): Account {
  const account = state.accounts.get(String(key))
  if (account === undefined) throw new Error(`No account has the key '${String(key)}'.`)
  return account
}

function find(state: State, argument: Readonly<Record<string, unknown>>): { readonly account: Account; readonly order: Order } {
  const id = String(argument['order_id'])
  const key = text(argument['api_key'])
  for (const account of state.accounts.values()) {
    const order = key === undefined || key === account.apiKey ? account.orders.get(id) : undefined
    if (order !== undefined) return { account, order }
  }
  throw new Error(`There is no order '${id}'.`)
}

function lineOf(order: Order, id: unknown): Line {
  const line = order.lines.find((each) => each.id === id)
  if (line === undefined) throw new Error(`Order '${order.id}' has no line '${String(id)}'.`)
  return line
}

/** { order_id, state, line_id? }: the order with its open lines, or one line only. */
function setState(state: State, { account, order, now, argument }: Target): void {
  const wanted = String(argument['state'])
  if (argument['line_id'] !== undefined) {
    const line = lineOf(order, argument['line_id'])
    line.state = wanted
    touch(order, now, [line])
    return
  }
  if (!ORDER_STATES.includes(wanted)) throw new Error(`'${wanted}' is not an order state.`)
  if (wanted === 'CANCELED') cancelLines(state, order, wholeOrder(order), now)
  moveOrder(account, order, wanted, now)
}

function pay(_state: State, { account, order, now }: Target): void {
  if (order.state !== 'WAITING_DEBIT' && order.state !== 'WAITING_DEBIT_PAYMENT')
    throw new Error(`Order '${order.id}' is ${order.state}; there is nothing to pay.`)
  order.debitedAt = now
  moveOrder(account, order, 'SHIPPING', now)
}

/** { order_id }: everything not yet shipped; { order_id, lines: [{ id, quantity? }] }: these units. */
function cancel(state: State, { order, now, argument }: Target): void {
  const { lines } = argument
  cancelLines(state, order, lines === undefined ? wholeOrder(order) : namedUnits(order, lines), now)
  settleOrder(order, now)
}

function wholeOrder(order: Order): readonly (readonly [Line, number])[] {
  return order.lines.filter((line) => !isEnded(line.state)).map((line) => [line, line.quantity - line.canceled - line.shipped])
}

function namedUnits(order: Order, lines: unknown): readonly (readonly [Line, number])[] {
  if (!Array.isArray(lines)) throw new Error("'lines' must be a list.")
  return (lines as readonly Record<string, unknown>[]).map((item) => {
    const line = lineOf(order, item['id'] ?? item['order_line_id'])
    const left = line.quantity - line.canceled - line.shipped
    const quantity = item['quantity'] === undefined ? left : Number(item['quantity'])
    if (quantity > left) throw new Error(`Line '${line.id}' has only ${left} units left to cancel.`)
    return [line, quantity] as const
  })
}

function cancelLines(state: State, order: Order, units: readonly (readonly [Line, number])[], now: number): void {
  for (const [line, quantity] of units) {
    if (quantity <= 0) continue
    cancelUnits(state, line, quantity, now)
    touch(order, now, [line])
  }
}

/** { order_id, ship_to }: the given fields replace the old ones. */
function changeAddress(_state: State, { order, argument }: Target): void {
  if (!isRecord(argument['ship_to'])) throw new Error("'change-address' needs ship_to.")
  order.shipTo = { ...order.shipTo, ...(argument['ship_to'] as Address) }
}

/** { order_id, line_id?, open? }: opens an incident on one line or on all live lines; open: false closes it. */
function incident(_state: State, { order, now, argument }: Target): void {
  const open = argument['open'] !== false
  const lines =
    argument['line_id'] === undefined ? order.lines.filter((line) => !isEnded(line.state)) : [lineOf(order, argument['line_id'])]
  for (const line of lines) {
    if (open && line.state !== 'INCIDENT_OPEN') {
      line.stateBeforeIncident = line.state
      line.state = 'INCIDENT_OPEN'
    } else if (!open && line.stateBeforeIncident !== undefined) {
      line.state = line.stateBeforeIncident
      line.stateBeforeIncident = undefined
    }
  }
  order.hasIncident = order.lines.some((line) => line.state === 'INCIDENT_OPEN')
  touch(order, now, lines)
}

/** { order_id, tracking?, lines?: [{ id, quantity }] }: somebody ships in the marketplace's own back office. */
function confirmElsewhere(state: State, { account, order, now, argument }: Target): void {
  if (order.state !== 'SHIPPING') throw new Error(`Order '${order.id}' is ${order.state}; it cannot be shipped.`)
  const sent = argument['tracking'] ?? { carrier_code: account.carriers[0]?.code, tracking_number: `ELSEWHERE-${order.id}` }
  const read = readTracking(account, sent, 'tracking_url')
  if ('refusal' in read) throw new Error(read.refusal)
  if (!account.settings.multi_shipment) {
    order.tracking = read.tracking
    for (const line of order.lines) if (line.state === 'SHIPPING') markLineShipped(line, now)
    settleOrder(order, now)
    return
  }
  const named =
    argument['lines'] === undefined
      ? order.lines.map((line) => [line, remaining(order, line)] as const)
      : namedUnits(order, argument['lines'])
  const lines = named
    .filter(([, quantity]) => quantity > 0)
    .map(([line, quantity]) => ({ line, quantity, package_reference: undefined }))
  if (lines.some(({ line, quantity }) => quantity > remaining(order, line)))
    throw new Error(`Order '${order.id}' has not that much left to ship.`)
  commit(
    account,
    { order, lines, tracking: read.tracking, shipped: true, invoiceReference: undefined, warehouse: undefined },
    nextId(state),
    now,
  )
}

/** { order_id, wire }: lays odd JSON over what OR11 gives. */
function addPatch(_state: State, { order, argument }: Target): void {
  order.patches.push(argument['wire'])
}

/** { order_id, omit? }: searches by update date do not show it any more, or again; what asks otherwise still does. */
function omit(_state: State, { order, argument }: Target): void {
  order.omitted = argument['omit'] !== false
}
