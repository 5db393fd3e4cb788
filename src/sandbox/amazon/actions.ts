import type { SandboxClock } from '../stand-in.ts'
import type { Account, Accounts } from './accounts.ts'
import { type Reader, reader } from './compact.ts'
import { apply } from './confirm.ts'
import type { Forwarder } from './forwarder.ts'
import { LISTING_ACTIONS, type ListingActionContext } from './listing-actions.ts'
import { type Address, type Order, type OrderItem, statusByQuantities, unfulfilled } from './order.ts'
import type { Reports } from './reports.ts'
import { readAddress, readStatus, shipSome } from './seed.ts'
import { everything, readContents } from './seed-packages.ts'
import type { OrderStore } from './store.ts'

const NO_ADDRESS: Address = {
  name: undefined,
  company: undefined,
  line1: undefined,
  line2: undefined,
  line3: undefined,
  city: undefined,
  state: undefined,
  postal: undefined,
  country: undefined,
  phone: undefined,
  type: undefined,
}

export interface ActionContext extends ListingActionContext {
  readonly clock: SandboxClock
  readonly store: OrderStore
  readonly reports: Reports
  readonly forwarder: Forwarder
}

type Action = (context: ActionContext, argument: unknown) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  'add-orders': addOrders,
  'set-status': setStatus,
  'change-address': changeAddress,
  cancel,
  'request-cancel': requestCancel,
  omit,
  'confirm-elsewhere': confirmElsewhere,
  'end-next-report': endNextReport,
  forwarder: ({ forwarder }, argument) => forwarder.configure(argument),
  revoke: onAccounts((accounts, account) => accounts.revoke(account)),
  restore: onAccounts((accounts, account) => accounts.restore(account)),
  'expire-tokens': onAccounts((accounts, account) => accounts.expireTokens(account)),
  ...LISTING_ACTIONS,
}

/** What a buyer, the seller or Amazon does. An unknown action or order throws. */
export function runAction(context: ActionContext, action: string, argument: unknown): unknown {
  const run = ACTIONS[action]
  if (run === undefined) throw new Error(`amazon: no action '${action}'; known: ${Object.keys(ACTIONS).join(', ')}`)
  return run(context, argument)
}

function addOrders(context: ActionContext, argument: unknown): unknown {
  const documents = Array.isArray(argument) ? argument : reader('add-orders', argument, ['orders']).raw('orders')
  if (!Array.isArray(documents)) throw new Error('add-orders: give a list of compact orders, or {orders: [...]}')
  return { order_ids: context.addOrders(documents as readonly unknown[]) }
}

function setStatus(context: ActionContext, argument: unknown): unknown {
  return change(context, 'set-status', argument, ['status'], (order, given) => {
    const status = readStatus(order.id, given.text('status') ?? '')
    if (status === 'SHIPPED') for (const item of order.items) item.shipped = item.quantity - item.cancelled
    if (status === 'CANCELLED') for (const item of order.items) cancelItem(item, 'MERCHANT')
    if (status === 'UNSHIPPED') for (const item of order.items) item.shipped = 0
    if (status === 'UNSHIPPED') order.packages = []
    if (status === 'PARTIALLY_SHIPPED') shipSome(order.items)
    order.status = status
  })
}

function changeAddress(context: ActionContext, argument: unknown): unknown {
  return change(context, 'change-address', argument, ['ship_to'], (order, given) => {
    order.shipTo = readAddress('change-address.ship_to', given.raw('ship_to') ?? {}, order.shipTo ?? NO_ADDRESS)
  })
}

/** Cancels what is not shipped yet: the whole order, or one line. An order with shipped units ends SHIPPED. */
function cancel(context: ActionContext, argument: unknown): unknown {
  return change(context, 'cancel', argument, ['by', 'order_item_id'], (order, given) => {
    for (const item of chosen(order, given)) cancelItem(item, given.text('by') ?? 'BUYER')
    // A pending order with lines left stays pending.
    if (order.items.every((item) => unfulfilled(item) <= 0)) order.status = statusByQuantities(order)
  })
}

function cancelItem(item: OrderItem, by: string): void {
  if (unfulfilled(item) <= 0) return
  item.cancelled += unfulfilled(item)
  item.cancelledBy = by
}

/** A wish of the buyer, not a cancel (contract section 2, rule 6). */
function requestCancel(context: ActionContext, argument: unknown): unknown {
  return change(context, 'request-cancel', argument, ['order_item_id', 'reason'], (order, given) => {
    for (const item of chosen(order, given)) item.cancelRequest = given.text('reason') ?? 'Ordered by mistake'
  })
}

/** Searches by change do not show it any more, `from: 'searches'`: no search; the report and getOrder do. */
function omit(context: ActionContext, argument: unknown): unknown {
  return change(context, 'omit', argument, ['from'], (order, given) => {
    order.omitted = given.text('from') === 'searches' ? 'searches' : 'changes'
  })
}

/** Another tool confirms what is left; its package reference is text (contract section 4). */
function confirmElsewhere(context: ActionContext, argument: unknown): unknown {
  const keys = ['tracking', 'carrier', 'carrier_name', 'method', 'reference_id', 'items']
  return change(context, 'confirm-elsewhere', argument, keys, (order, given) => {
    const now = context.clock.now()
    apply(order, undefined, {
      referenceId: given.text('reference_id') ?? `ELSEWHERE-${order.packages.length + 1}`,
      createdAt: now,
      tracking: given.text('tracking') ?? `TRACK-${order.id}`,
      carrier: given.text('carrier') ?? 'UPS',
      carrierName: given.text('carrier_name'),
      method: given.text('method'),
      shippedAt: now,
      items: given.has('items') ? readContents('confirm-elsewhere', given.raw('items'), order.items) : everything(order.items),
      confirmCalls: 0,
    })
  })
}

/** The next report ends FATAL or CANCELLED, or is STUCK in progress for ever. */
function endNextReport(context: ActionContext, argument: unknown): unknown {
  const status = reader('end-next-report', argument, ['status']).text('status')
  if (status !== 'FATAL' && status !== 'CANCELLED' && status !== 'STUCK')
    throw new Error(`end-next-report: status must be FATAL, CANCELLED or STUCK, got '${status ?? ''}'`)
  context.reports.doom(status)
  return { status }
}

function change(
  context: ActionContext,
  action: string,
  argument: unknown,
  keys: readonly string[],
  edit: (order: Order, given: Reader) => void,
): unknown {
  const given = reader(action, argument, ['order_id', ...keys])
  const id = given.text('order_id') ?? ''
  const order = context.store.get(id)
  if (order === undefined) throw new Error(`${action}: no order '${id}'`)
  edit(order, given)
  context.store.touch(order, context.clock.now())
  return { order_id: order.id, status: order.status }
}

function chosen(order: Order, given: Reader): readonly OrderItem[] {
  const id = given.text('order_item_id')
  const items = id === undefined ? order.items : order.items.filter((item) => item.id === id)
  if (items.length === 0) throw new Error(`order ${order.id}: no line '${id ?? ''}'`)
  return items
}

/** On one account, `{seller_id}`, or on all. */
function onAccounts(run: (accounts: Accounts, account: Account) => void): Action {
  return (context, argument) => {
    const sellerId = reader('account', argument ?? {}, ['seller_id']).text('seller_id')
    const accounts = context.accounts.all().filter((account) => sellerId === undefined || account.sellerId === sellerId)
    if (accounts.length === 0) throw new Error(`no account of seller '${sellerId ?? ''}'`)
    for (const account of accounts) run(context.accounts, account)
    return { seller_ids: accounts.map((account) => account.sellerId) }
  }
}
