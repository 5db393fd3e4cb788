import { detailStock, hasStock, type Item, type Ledgers, listStock, noStock, total } from './item.ts'
import type { Settings } from './settings.ts'
import type { Place, State } from './state.ts'
import { type Json, overlay, timeAt } from './wire.ts'

type Numbers = Readonly<Record<string, number>>

/** A row of the list: no committed and no for-sale values (contract section 3). `locationId`: the numbers are of that place. */
export function listRow(state: State, item: Item, locationId: string | undefined): Json {
  const { settings } = state
  const ledgers = locationId === undefined ? total(item) : (item.places.get(locationId) ?? noStock())
  const row = {
    ...common(settings, item),
    is_linked_with_zohocrm: false,
    ...(hasStock(item) ? stockOf(item, listStock(ledgers)) : {}),
    ...(hasStock(item) && settings.places_in_list ? placesOf(state, item, listStock) : {}),
  }
  return item.listPatch === undefined ? row : overlay(row, item.listPatch)
}

/** All that there is of an item: contract section 4. */
export function details(state: State, item: Item): Json {
  const body = {
    ...common(state.settings, item),
    unit: 'pcs',
    can_be_sold: true,
    can_be_purchased: item.kind !== 'service',
    track_inventory: hasStock(item),
    ...(item.comboType === undefined ? {} : { combo_type: item.comboType }),
    ...(hasStock(item) ? stockOf(item, detailStock(total(item))) : {}),
    ...(hasStock(item) ? placesOf(state, item, detailStock) : {}),
  }
  return item.detailPatch === undefined ? body : overlay(body, item.detailPatch)
}

function common({ utc_offset_minutes: offset }: Settings, item: Item): Json {
  const { group } = item
  return {
    ...(group === undefined
      ? {}
      : { group_id: group.id, group_name: group.name, attribute_name1: 'Size', attribute_option_name1: group.option }),
    item_id: item.id,
    name: item.name,
    status: item.isActive ? 'active' : 'inactive',
    source: 'user',
    item_type: itemType(item),
    product_type: item.kind === 'service' ? 'service' : 'goods',
    is_combo_product: item.kind === 'bundle',
    description: '',
    rate: item.rate,
    purchase_rate: item.rate,
    is_taxable: true,
    sku: item.sku,
    ...(item.reorderLevel === undefined ? {} : { reorder_level: item.reorderLevel }),
    ...(item.brand === undefined ? {} : { brand: item.brand }),
    ...(item.category === undefined ? {} : { category_name: item.category }),
    created_time: timeAt(item.createdAt, offset),
    last_modified_time: timeAt(item.modifiedAt, offset),
  }
}

/** Section 6. */
export function itemType(item: Item): string {
  if (item.itemType !== undefined) return item.itemType
  if (hasStock(item)) return 'inventory'
  return item.kind === 'service' ? 'sales' : 'sales_and_purchases'
}

function stockOf(item: Item, numbers: Numbers): Json {
  return item.textNumbers ? asText(numbers) : numbers
}

/** The model has the values of locations[] as text; those of warehouses[] came as numbers. */
function placesOf(state: State, item: Item, stock: (ledgers: Ledgers) => Numbers): Json {
  const { places: spelling } = state.settings
  const prefix = spelling === 'locations' ? 'location' : 'warehouse'
  const rows = state.places
    .filter((place) => place.status === 'active' || item.places.has(place.location_id))
    .map((place) => placeRow(prefix, place, stock(item.places.get(place.location_id) ?? noStock())))
  return { [spelling]: rows }
}

function placeRow(prefix: 'location' | 'warehouse', place: Place, numbers: Numbers): Json {
  const values = prefix === 'location' ? asText(numbers) : numbers
  const renamed = Object.entries(values).map(([field, value]) => [`${prefix}_${field}`, value] as const)
  const isDetail = renamed.length > 3
  return {
    [`${prefix}_id`]: place.location_id,
    [`${prefix}_name`]: place.location_name,
    status: place.status,
    is_primary: place.is_primary,
    ...Object.fromEntries(renamed),
    ...(isDetail ? { [`${prefix}_quantity_in_transit`]: 0, is_item_mapped: true } : {}),
  }
}

function asText(numbers: Numbers): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(numbers).map(([field, value]) => [field, value.toFixed(2)]))
}
