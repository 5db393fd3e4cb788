import type { StockItem, StockKind } from '../../core/model/stock.ts'
import { type Exact, floorOf, readExact, sumOf } from './exact.ts'
import type { ZohoSettings } from './settings.ts'
import { type ItemRow, stockFields } from './wire.ts'

type Place = Readonly<Record<string, unknown>>

/**
 * One item as the port wants it. `row` is the list's; `detail` the same item from the details, whose numbers and words win.
 * A number that is absent or cannot be read leaves `available` undefined (contract sections 5 and 6).
 */
export function toStockItem(settings: ZohoSettings, row: ItemRow, detail?: ItemRow): StockItem {
  const told = detail === undefined ? row : { ...row, ...present(detail) }
  const numbers = detail ?? row
  const places = placesOf(numbers, settings.locationIds)
  const exact = settings.locationIds.length > 0 ? sumAt(places, settings) : readExact(numbers[settings.availableField])
  const available = exact === undefined ? undefined : floorOf(exact)
  const sku = (told.sku ?? '').trim()
  return {
    itemId: row.item_id,
    sku,
    name: (told.name ?? '').trim(),
    kind: kindOf(told, sku, available),
    available,
    fields: { ...fieldsOf(numbers), ...placeFieldsOf(places) },
    ...(said(told.brand) ? { brand: told.brand.trim() } : {}),
    ...(said(told.category_name) ? { category: told.category_name.trim() } : {}),
  }
}

/** The first that fits. A service or an item without stock keeping is no finding, whatever else it lacks. */
function kindOf(row: ItemRow, sku: string, available: number | undefined): StockKind {
  const itemType = row.item_type?.toLowerCase() ?? ''
  if (/service/i.test(row.product_type ?? '')) return 'service'
  if (itemType === 'sales' || itemType === 'purchases' || itemType === 'sales_and_purchases') return 'untracked'
  if (itemType !== 'inventory' && row.track_inventory === false) return 'untracked'
  if (sku === '') return 'no-sku'
  if (row.status?.toLowerCase() === 'inactive') return 'inactive'
  if (available === undefined) return 'unknown'
  return row.is_combo_product === true ? 'bundle' : 'tracked'
}

/** What the list says of an item already tells that no number of it will ever be used. */
export function hasNoNumber(settings: ZohoSettings, row: ItemRow): boolean {
  const { kind } = toStockItem(settings, row)
  return kind === 'service' || kind === 'untracked' || kind === 'no-sku'
}

interface FoundPlace {
  readonly id: string
  readonly prefix: 'location_' | 'warehouse_'
  readonly place: Place
}

/** The configured places of an item, in the spelling that the organization has (contract section 4). */
function placesOf(row: ItemRow, ids: readonly string[]): readonly FoundPlace[] {
  const prefix = (row.locations?.length ?? 0) > 0 ? 'location_' : 'warehouse_'
  const list = prefix === 'location_' ? row.locations : row.warehouses
  return (list ?? []).flatMap((place) => {
    const id = place[`${prefix}id`]
    return typeof id === 'string' && ids.includes(id) ? [{ id, prefix, place }] : []
  })
}

/** Undefined when the item has none of the places, or one of them has no readable number: a part is not the sum. */
function sumAt(places: readonly FoundPlace[], { availableField }: ZohoSettings): Exact | undefined {
  const numbers = places.map(({ prefix, place }) => readExact(place[`${prefix}${availableField}`]))
  const readable = numbers.filter((one) => one !== undefined)
  return readable.length === 0 || readable.length < numbers.length ? undefined : sumOf(readable)
}

function fieldsOf(row: ItemRow): Record<string, string> {
  return Object.fromEntries(stockFields.flatMap((name) => written(name, row[name])))
}

/** `location_available_stock 4815000000000001`: every stock field of the places that count. */
function placeFieldsOf(places: readonly FoundPlace[]): Record<string, string> {
  return Object.fromEntries(
    places.flatMap(({ id, prefix, place }) =>
      stockFields.flatMap((name) => written(`${prefix}${name} ${id}`, place[`${prefix}${name}`])),
    ),
  )
}

function written(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null || value === '') return []
  return [[name, typeof value === 'string' ? value.slice(0, 60) : '(unreadable)']]
}

function present(row: ItemRow): Partial<ItemRow> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null))
}

function said(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value.trim() !== ''
}
