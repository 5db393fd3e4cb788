import type { Account } from './accounts.ts'
import { readOdd } from './answers.ts'
import { itemBook } from './books.ts'
import { type Reader, reader } from './compact.ts'
import { hasStock, type Item, ledgersAt } from './item.ts'
import { addItem, ITEM_KEYS, readInto, setLedgers } from './seed.ts'
import { primaryPlace, type State } from './state.ts'
import type { Moved } from './webhook-payload.ts'
import { fireDocument, fireItem, setHooks } from './webhooks.ts'
import { isRecord, plus } from './wire.ts'

type Action = (state: State, argument: unknown, now: number) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  create,
  change,
  delete: remove,
  activate: (state, argument, now) => setActive(state, argument, now, true),
  deactivate: (state, argument, now) => setActive(state, argument, now, false),
  'set-stock': setStock,
  'sales-order': moving('sales-order', 'sales_orders', (ledgers, quantity) => {
    ledgers.committed = plus(ledgers.committed, quantity)
    ledgers.physicalCommitted = plus(ledgers.physicalCommitted, quantity)
  }),
  'void-order': moving('void-order', 'sales_orders', (ledgers, quantity) => {
    ledgers.committed = plus(ledgers.committed, -quantity)
    ledgers.physicalCommitted = plus(ledgers.physicalCommitted, -quantity)
  }),
  invoice: moving('invoice', 'invoices', (ledgers, quantity) => {
    ledgers.accounting = plus(ledgers.accounting, -quantity)
    ledgers.committed = plus(ledgers.committed, -quantity)
  }),
  shipment: moving('shipment', 'shipments', (ledgers, quantity) => {
    ledgers.physical = plus(ledgers.physical, -quantity)
    ledgers.physicalCommitted = plus(ledgers.physicalCommitted, -quantity)
  }),
  webhooks: setHooks,
  answer,
  revoke: onAccounts((state, account) => state.accounts.revoke(account)),
  restore: onAccounts((state, account) => state.accounts.restore(account)),
  'expire-tokens': onAccounts((state, account) => state.accounts.expireTokens(account)),
}

/**
 * What people at the seller and other programs do in Zoho. An item is named by `item_id` or by its exact `sku`. A misuse throws: it is the
 * test's mistake.
 */
export function runAction(state: State, action: string, argument: unknown, now: number): unknown {
  const run = ACTIONS[action]
  if (run === undefined) throw new Error(`zoho: no action '${action}'; known: ${Object.keys(ACTIONS).join(', ')}`)
  return run(state, argument, now)
}

/** One compact item, or `{ items: [...] }`. */
function create(state: State, argument: unknown, now: number): unknown {
  const list: unknown = isRecord(argument) && argument['items'] !== undefined ? argument['items'] : [argument]
  if (!Array.isArray(list)) throw new Error('create: items must be a list')
  const made = (list as readonly unknown[]).map((document) => addItem(state, document, now))
  for (const item of made) fireItem(state, item)
  return { item_ids: made.map(({ id }) => id) }
}

/** `{ item_id | sku, new_sku?, ... }`: any field of a compact item. A person at the item: its time of change moves. */
function change(state: State, argument: unknown, now: number): unknown {
  const keys = ['new_sku', 'touch', ...ITEM_KEYS]
  const given = reader('change', argument, keys)
  const item = find(state, given)
  state.catalogue.edit(item, () => {
    readInto(state, item, given)
    item.sku = given.text('new_sku') ?? item.sku
    item.modifiedAt = given.time('modified_at') ?? (given.flag('touch') === false ? item.modifiedAt : now)
  })
  fireItem(state, item)
  return itemBook(item)
}

function remove(state: State, argument: unknown): unknown {
  const item = find(state, reader('delete', argument, ['item_id', 'sku']))
  state.catalogue.remove(item)
  return itemBook(item)
}

function setActive(state: State, argument: unknown, now: number, isActive: boolean): unknown {
  const item = find(state, reader('status', argument, ['item_id', 'sku']))
  state.catalogue.edit(item, () => Object.assign(item, { isActive, modifiedAt: now }))
  fireItem(state, item)
  return itemBook(item)
}

/**
 * `{ item_id | sku, stock?, physical?, committed?, physical_committed?, location_id?, touch? }`: levels, at the primary place or the one named.
 * `stock` sets both ledgers unless `physical` is given. `touch`: whether the item's time of change moves; else as `settings.movements_modify` says.
 */
function setStock(state: State, argument: unknown, now: number): unknown {
  const keys = ['item_id', 'sku', 'stock', 'physical', 'committed', 'physical_committed', 'location_id', 'touch']
  const given = reader('set-stock', argument, keys)
  const item = find(state, given)
  return moved(state, item, given, now, (locationId) => {
    const before = { ...ledgersAt(item, locationId) }
    setLedgers(item, locationId, given)
    const after = ledgersAt(item, locationId)
    const stock = plus(after.accounting, -before.accounting) || plus(after.physical, -before.physical)
    const committed = plus(after.committed, -before.committed) || plus(after.physicalCommitted, -before.physicalCommitted)
    return [
      ...(stock === 0 ? [] : [{ module: 'inventory_adjustments' as const, quantity: stock }]),
      ...(committed === 0 ? [] : [{ module: 'sales_orders' as const, quantity: Math.abs(committed) }]),
    ]
  })
}

/** `{ item_id | sku, quantity?, location_id?, touch? }`: one more document that moves stock. */
function moving(
  action: string,
  module: Moved['module'],
  move: (ledgers: ReturnType<typeof ledgersAt>, quantity: number) => void,
): Action {
  return (state, argument, now) => {
    const given = reader(action, argument, ['item_id', 'sku', 'quantity', 'location_id', 'touch'])
    const quantity = given.quantity('quantity') ?? 1
    return moved(state, find(state, given), given, now, (locationId, item) => {
      move(ledgersAt(item, locationId), quantity)
      return [{ module, quantity }]
    })
  }
}

/** `move` tells which records did it. The rule on items fires only where the item's own time of change moves. */
function moved(
  state: State,
  item: Item,
  given: Reader,
  now: number,
  move: (locationId: string, item: Item) => readonly Pick<Moved, 'module' | 'quantity'>[],
): unknown {
  if (!hasStock(item)) throw new Error(`zoho: no stock is kept of item ${item.id} (${item.kind})`)
  const locationId = given.text('location_id') ?? primaryPlace(state).location_id
  if (!state.places.some((place) => place.location_id === locationId)) throw new Error(`zoho: there is no place ${locationId}`)
  const touches = given.flag('touch') ?? state.settings.movements_modify
  state.catalogue.move(item, () => {
    const records = move(locationId, item)
    if (touches) item.modifiedAt = now
    for (const record of records) fireDocument(state, { ...record, item, locationId, at: now })
  })
  if (touches) fireItem(state, item)
  return itemBook(item)
}

/** See answers.ts; `{ clear: true }` forgets those that wait. */
function answer(state: State, argument: unknown): unknown {
  if (isRecord(argument) && argument['clear'] === true) state.odd = []
  else state.odd.push(readOdd(argument))
  return { waiting: state.odd.filter(({ left }) => left > 0).length }
}

function find(state: State, given: Reader): Item {
  const id = given.text('item_id')
  const sku = given.text('sku')
  const found = id === undefined ? state.catalogue.bySku(sku ?? '') : [state.catalogue.get(id)].flatMap((item) => item ?? [])
  const [item, second] = found
  if (item === undefined) throw new Error(`zoho: there is no item ${id ?? `with the SKU '${sku ?? ''}'`}`)
  if (second !== undefined) throw new Error(`zoho: several items have the SKU '${sku ?? ''}'; name one by item_id`)
  return item
}

/** `{ refresh_token? }`: that account, or all. */
function onAccounts(run: (state: State, account: Account) => void): Action {
  return (state, argument) => {
    const refreshToken = reader('account', argument ?? {}, ['refresh_token']).text('refresh_token')
    const accounts = state.accounts.all().filter((one) => refreshToken === undefined || one.refreshToken === refreshToken)
    if (accounts.length === 0) throw new Error('zoho: there is no such account')
    for (const account of accounts) run(state, account)
    return { accounts: accounts.length }
  }
}
