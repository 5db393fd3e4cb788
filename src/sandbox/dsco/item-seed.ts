import { reader } from './compact.ts'
import type { Item } from './item.ts'
import { written } from './item-write.ts'
import { nothingSeen } from './seen.ts'
import { type Book, namedBook, next, type State } from './state.ts'
import { iso, isRecord, isWhole, type Json, listOf, textOf, uuid } from './wire.ts'

const KEYS = ['sku', 'account', 'item_id', 'quantity', 'warehouses', 'title', 'upc', 'ean', 'partner_sku', 'cost', 'ended']
const WAREHOUSE_KEYS = ['code', 'account', 'name', 'status', 'city', 'region', 'country', 'postal']
const OWN = new Set([
  'sku',
  'dscoItemId',
  'warehouses',
  'quantityAvailable',
  'status',
  'cost',
  'dscoLastQuantityUpdateDate',
  'dscoLastUpdateDate',
])
const DEFAULT_WAREHOUSE = 'W1'

/** `[{sku, quantity? (in W1) or warehouses?: {code: units}, title?, upc?, cost?, ended?: 'discontinued' | 'hidden', account?}]`. */
export function addItems(state: State, values: readonly unknown[]): readonly string[] {
  return values.map((value, i) => {
    const given = reader(`items[${i}]`, value, KEYS)
    const n = next(state)
    const sku = given.text('sku') ?? `SKU-${n}`
    const cost = given.amount('cost')
    return put(state, namedBook(state, given.text('account')), {
      sku,
      dscoItemId: given.text('item_id') ?? String(8_000_000 + n),
      base: {
        title: given.text('title') ?? `Sample product ${sku}`,
        ...Object.fromEntries(['upc', 'ean'].filter((key) => given.has(key)).map((key) => [key, given.text(key)])),
        ...(given.has('partner_sku') ? { partnerSku: given.text('partner_sku') } : {}),
        dscoCreateDate: iso(state.clock.now()),
      },
      warehouses: new Map(Object.entries(given.counts('warehouses') ?? { [DEFAULT_WAREHOUSE]: given.count('quantity') ?? 0 })),
      ended: given.oneOf('ended', ['discontinued', 'hidden']),
      cost,
    })
  })
}

/** The vendor's own ItemInventory objects. */
export function addItemDocuments(state: State, documents: readonly unknown[]): readonly string[] {
  return documents.map((document, i) => {
    const where = `item_documents[${i}]`
    if (!isRecord(document)) throw new Error(`${where}: must be an object`)
    const sku = textOf(document['sku'])
    const places = listOf(document['warehouses']).filter(isRecord)
    if (sku === undefined || places.length === 0) throw new Error(`${where}: sku and warehouses must be there`)
    const { status, cost } = document
    return put(state, namedBook(state, undefined), {
      sku,
      dscoItemId: textOf(document['dscoItemId']) ?? String(8_000_000 + next(state)),
      base: Object.fromEntries(Object.entries(document).filter(([key]) => !OWN.has(key))),
      warehouses: new Map(places.map(({ code, quantity }) => [String(code), isWhole(quantity) ? quantity : 0])),
      ended: status === 'discontinued' || status === 'hidden' ? status : undefined,
      cost: typeof cost === 'number' ? cost : undefined,
    })
  })
}

type Start = Pick<Item, 'sku' | 'dscoItemId' | 'base' | 'warehouses' | 'ended' | 'cost'>

function put(state: State, book: Book, start: Start): string {
  if (book.items.has(start.sku)) throw new Error(`items ${start.sku}: is there already`)
  const now = state.clock.now()
  const item: Item = {
    ...start,
    history: [],
    oversold: [],
    seen: nothingSeen(),
    costWrites: 0,
    bought: 0,
    updatedAt: now,
    quantityAt: now,
    refusal: undefined,
  }
  for (const code of item.warehouses.keys()) if (!book.warehouses.has(code)) putWarehouse(state, book, { code })
  book.items.set(item.sku, item)
  written(state, item, now, 'seed')
  return item.sku
}

/** `[{code, name?, status?: 'active' | 'inactive', account?}]`; a warehouse that an item names is there by itself. */
export function addWarehouses(state: State, values: readonly unknown[]): void {
  for (const [i, value] of values.entries()) {
    const given = reader(`warehouses[${i}]`, value, WAREHOUSE_KEYS)
    const code = given.text('code')
    if (code === undefined) throw new Error(`warehouses[${i}].code: is missing`)
    const { account: _, ...fields } = value as Json
    putWarehouse(state, namedBook(state, given.text('account')), { ...fields, code })
  }
}

function putWarehouse(state: State, book: Book, given: Json & { readonly code: string }): void {
  const now = iso(state.clock.now())
  book.warehouses.set(given.code, {
    warehouseId: uuid(next(state)),
    supplierId: book.accountId,
    status: 'active',
    name: `Warehouse ${given.code}`,
    address: ['1 Invented Street'],
    city: 'Sampleville',
    region: 'IL',
    country: 'US',
    postal: '60601',
    createDate: now,
    lastUpdate: now,
    ...given,
  })
}
