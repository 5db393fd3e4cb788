import { type Reader, reader } from './compact.ts'
import { type Item, KINDS, ledgersAt, noStock } from './item.ts'
import { changeSettings } from './settings.ts'
import { DEFAULT_ORGANIZATION, type Organization, type Place, primaryPlace, type State } from './state.ts'
import type { Json } from './wire.ts'

const SEED_KEYS = ['accounts', 'organizations', 'places', 'settings', 'items', 'generate']
/** A seeded item that gives no time is history; one that is created later happens now. */
const SEEDED_AGO_MS = 30 * 86_400_000

/**
 * A compact item; everything is optional.
 * - `stock`: on hand in the books, at the primary place; `physical`: on hand in fact, else the same; `committed` and `physical_committed`: in open
 *   sales orders; or `places`: `{ [location_id]: number | { stock, physical, committed, physical_committed } }`
 * - `kind`: tracked, bundle, untracked, service; `status`: active, inactive; `group`: `{ name, option, id? }` makes a variant
 * - `text_numbers`: stock is sent as text; `list` and `details`: odd JSON laid over what is sent, `'$absent'` takes a field away
 */
export const ITEM_KEYS = [
  'item_id',
  'sku',
  'name',
  'kind',
  'status',
  'item_type',
  'group',
  'brand',
  'category',
  'rate',
  'reorder_level',
  'combo_type',
  'created_at',
  'modified_at',
  'text_numbers',
  'stock',
  'physical',
  'committed',
  'physical_committed',
  'places',
  'list',
  'details',
] as const

const STOCK_KEYS = ['stock', 'physical', 'committed', 'physical_committed'] as const

export function applySeed(state: State, document: unknown, now: number): void {
  const given = reader('zoho seed', document, SEED_KEYS)
  if (given.has('settings')) state.settings = changeSettings(state.settings, given.raw('settings'))
  for (const account of given.list('accounts') ?? []) state.accounts.put(account)
  const organizations = given.list('organizations')?.map(readOrganization)
  if (organizations !== undefined) state.organizations = organizations.length === 0 ? [DEFAULT_ORGANIZATION] : organizations
  const places = given.list('places')?.map(readPlace)
  if (places !== undefined) state.places = places
  for (const item of given.list('items') ?? []) addItem(state, item, now - SEEDED_AGO_MS + state.made * 1000)
  if (given.has('generate')) generate(state, given.raw('generate'), now)
}

/** `{ count, prefix?, first?, stock? }`: SKU-000001 and so on. `stock` is one number for all, or a list that is gone through in turn. */
function generate(state: State, document: unknown, now: number): void {
  const given = reader('generate', document, ['count', 'prefix', 'first', 'stock'])
  const count = given.count('count') ?? 0
  const prefix = given.text('prefix') ?? 'SKU-'
  const first = given.count('first') ?? 1
  const stock = Array.isArray(given.raw('stock')) ? (given.list('stock') ?? []) : [given.quantity('stock') ?? 10]
  for (let i = 0; i < count; i++) {
    const sku = `${prefix}${String(first + i).padStart(6, '0')}`
    addItem(state, { sku, name: `Article ${first + i}`, stock: stock[i % stock.length] }, now - SEEDED_AGO_MS + state.made * 1000)
  }
}

export function addItem(state: State, document: unknown, createdAt: number): Item {
  const given = reader('item', document, ITEM_KEYS)
  state.made += 1
  const number = state.made
  const id = given.text('item_id') ?? `4815000000${String(44_208 + number).padStart(9, '0')}`
  if (state.catalogue.get(id) !== undefined) throw new Error(`zoho: there is an item ${id} already`)
  const item: Item = {
    id,
    name: `Article ${number}`,
    sku: '',
    kind: 'tracked',
    isActive: true,
    itemType: undefined,
    group: undefined,
    brand: undefined,
    category: undefined,
    rate: 10,
    reorderLevel: undefined,
    comboType: undefined,
    createdAt,
    modifiedAt: given.time('modified_at') ?? given.time('created_at') ?? createdAt,
    textNumbers: false,
    places: new Map(),
    listPatch: undefined,
    detailPatch: undefined,
  }
  readInto(state, item, given)
  state.catalogue.add(item)
  return item
}

/** The fields that are given, onto an item. */
export function readInto(state: State, item: Item, given: Reader): void {
  const status = given.oneOf('status', ['active', 'inactive'])
  item.name = given.text('name') ?? item.name
  item.sku = given.text('sku') ?? item.sku
  item.kind = given.oneOf('kind', KINDS) ?? item.kind
  item.isActive = status === undefined ? item.isActive : status === 'active'
  item.itemType = given.text('item_type') ?? item.itemType
  item.group = given.has('group') ? readGroup(given.raw('group')) : item.group
  item.brand = given.text('brand') ?? item.brand
  item.category = given.text('category') ?? item.category
  item.rate = given.quantity('rate') ?? item.rate
  item.reorderLevel = given.quantity('reorder_level') ?? item.reorderLevel
  item.comboType = given.text('combo_type') ?? item.comboType
  item.createdAt = given.time('created_at') ?? item.createdAt
  item.textNumbers = given.flag('text_numbers') ?? item.textNumbers
  item.listPatch = given.object('list') ?? item.listPatch
  item.detailPatch = given.object('details') ?? item.detailPatch
  readStock(state, item, given)
}

/** `stock` and its companions at the primary place, or `places`. */
export function readStock(state: State, item: Item, given: Reader): void {
  if (STOCK_KEYS.some((key) => given.has(key))) setLedgers(item, primaryPlace(state).location_id, given)
  for (const [locationId, value] of Object.entries(given.object('places') ?? {})) {
    if (!state.places.some((place) => place.location_id === locationId)) throw new Error(`zoho: there is no place ${locationId}`)
    const ledgers: Json = typeof value === 'object' ? (value as Json) : { stock: value }
    item.places.set(locationId, noStock())
    setLedgers(item, locationId, reader(`places.${locationId}`, ledgers, STOCK_KEYS))
  }
}

export function setLedgers(item: Item, locationId: string, given: Reader): void {
  const ledgers = ledgersAt(item, locationId)
  const stock = given.quantity('stock')
  const committed = given.quantity('committed')
  ledgers.accounting = stock ?? ledgers.accounting
  ledgers.physical = given.quantity('physical') ?? stock ?? ledgers.physical
  ledgers.committed = committed ?? ledgers.committed
  ledgers.physicalCommitted = given.quantity('physical_committed') ?? committed ?? ledgers.physicalCommitted
}

function readGroup(document: unknown): NonNullable<Item['group']> {
  const given = reader('group', document, ['id', 'name', 'option'])
  return {
    id: given.text('id') ?? '4815000000000044220',
    name: given.text('name') ?? 'Group',
    option: given.text('option') ?? 'Small',
  }
}

function readOrganization(document: unknown): Organization {
  const given = reader('organizations', document, Object.keys(DEFAULT_ORGANIZATION))
  return {
    organization_id: given.text('organization_id') ?? DEFAULT_ORGANIZATION.organization_id,
    name: given.text('name') ?? DEFAULT_ORGANIZATION.name,
    time_zone: given.text('time_zone') ?? DEFAULT_ORGANIZATION.time_zone,
    plan_name: given.text('plan_name') ?? DEFAULT_ORGANIZATION.plan_name,
    is_org_active: given.flag('is_org_active') ?? DEFAULT_ORGANIZATION.is_org_active,
  }
}

function readPlace(document: unknown): Place {
  const given = reader('places', document, ['location_id', 'location_name', 'type', 'status', 'is_primary'])
  const id = given.text('location_id')
  if (id === undefined) throw new Error('places: each needs a location_id')
  return {
    location_id: id,
    location_name: given.text('location_name') ?? `Place ${id}`,
    type: given.oneOf('type', ['general', 'line_item_only']) ?? 'general',
    status: given.oneOf('status', ['active', 'inactive']) ?? 'active',
    is_primary: given.flag('is_primary') ?? false,
  }
}
