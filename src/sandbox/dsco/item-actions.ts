import { type Reader, reader } from './compact.ts'
import { type Item, quantityOf, statusOf } from './item.ts'
import { addItems } from './item-seed.ts'
import { written } from './item-write.ts'
import { addCompact, arriving } from './order-seed.ts'
import type { Book, State } from './state.ts'
import { isRecord } from './wire.ts'

type Action = (state: State, argument: unknown) => unknown

/** What happens to items, named by `sku` and, where several accounts have it, `account`. */
export const ITEM_ACTIONS: Readonly<Record<string, Action>> = {
  'add-items': addMore,
  buy,
  'set-quantity': setQuantity,
  'remove-item': removeItem,
  'end-item': endItem,
  'fail-sku': failSku,
}

/** A list of items as in a seed. */
function addMore(state: State, argument: unknown): unknown {
  if (!Array.isArray(argument)) throw new Error('add-items: give a list of items')
  return { skus: addItems(state, argument as readonly unknown[]) }
}

/**
 * `{sku, quantity? (1), order? (keys of a compact order), even_if_short?, lowers? (true)}`: a retailer sells it. Throws when there is not that
 * much left; `even_if_short` lets it through, as when two retailers sell at the same moment. `lowers: false`: the number is left to the supplier.
 */
function buy(state: State, argument: unknown): unknown {
  const given = reader('buy', argument, ['sku', 'account', 'quantity', 'order', 'even_if_short', 'lowers'])
  const { item, book } = itemOf(state, 'buy', given)
  const wanted = given.count('quantity') ?? 1
  const left = quantityOf(item)
  if (statusOf(item) === 'discontinued' || statusOf(item) === 'hidden') throw new Error(`buy: ${item.sku} is not for sale`)
  if (wanted > left && given.flag('even_if_short') !== true) throw new Error(`buy: ${wanted} of ${item.sku} wanted, ${left} left`)
  const more = given.raw('order') ?? {}
  if (!isRecord(more)) throw new Error('buy.order: must be an object')
  const order = { account: book.accountId, ...more, lines: [{ sku: item.sku, item_id: item.dscoItemId, quantity: wanted }] }
  const [orderId = ''] = addCompact(state, [order], arriving(state))
  if (given.flag('lowers') ?? true) {
    take(item, wanted)
    written(state, item, state.clock.now(), 'buyer')
  }
  item.bought += wanted
  if (wanted > left) item.oversold.push(orderId)
  return { order_id: orderId, left: quantityOf(item) }
}

function take(item: Item, units: number): void {
  let rest = units
  for (const [code, there] of item.warehouses) {
    const taken = Math.min(rest, there)
    item.warehouses.set(code, there - taken)
    rest -= taken
  }
}

/** `{sku, quantity?, warehouses?: {code: units}}`: somebody edits the number in the vendor's portal. */
function setQuantity(state: State, argument: unknown): unknown {
  const given = reader('set-quantity', argument, ['sku', 'account', 'quantity', 'warehouses'])
  const { item } = itemOf(state, 'set-quantity', given)
  const [first = 'W1'] = item.warehouses.keys()
  const units = given.counts('warehouses') ?? { [first]: given.count('quantity') ?? 0 }
  for (const [code, quantity] of Object.entries(units)) item.warehouses.set(code, quantity)
  written(state, item, state.clock.now(), 'person')
  return { quantity: quantityOf(item) }
}

/** `{sku}`: the catalogue has it no longer. */
function removeItem(state: State, argument: unknown): unknown {
  const { item, book } = itemOf(state, 'remove-item', reader('remove-item', argument, ['sku', 'account']))
  book.items.delete(item.sku)
  return { sku: item.sku }
}

/** `{sku, status?: 'discontinued' | 'hidden'; none: it is for sale again}` */
function endItem(state: State, argument: unknown): unknown {
  const given = reader('end-item', argument, ['sku', 'account', 'status'])
  const { item } = itemOf(state, 'end-item', given)
  item.ended = given.oneOf('status', ['discontinued', 'hidden'])
  written(state, item, state.clock.now(), 'person')
  return { status: statusOf(item) }
}

/** `{sku, code?, description?, times? (1)}`: updates of this item fail in the log. */
function failSku(state: State, argument: unknown): unknown {
  const given = reader('fail-sku', argument, ['sku', 'account', 'code', 'description', 'times'])
  const { item } = itemOf(state, 'fail-sku', given)
  item.refusal = {
    code: given.text('code') ?? 'internal_error',
    description: given.text('description') ?? 'The change failed on purpose.',
    left: given.count('times') ?? 1,
  }
  return { sku: item.sku }
}

function itemOf(state: State, action: string, given: Reader): { readonly item: Item; readonly book: Book } {
  const sku = given.text('sku') ?? ''
  const account = given.text('account')
  for (const book of state.books.values()) {
    const item = account === undefined || account === book.accountId ? book.items.get(sku) : undefined
    if (item !== undefined) return { item, book }
  }
  throw new Error(`${action}: no item '${sku}'`)
}
