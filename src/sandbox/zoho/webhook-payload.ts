import type { Module } from './hook.ts'
import type { Item } from './item.ts'
import { details } from './item-wire.ts'
import type { State } from './state.ts'
import { type Json, jsonWithNumericIds, timeAt } from './wire.ts'

/** One record that moved the stock of one item. */
export interface Moved {
  readonly module: Exclude<Module, 'items'>
  readonly item: Item
  /** Of an adjustment the difference, never a level; of the others what the line is about. */
  readonly quantity: number
  readonly locationId: string
  readonly at: number
}

const NAMES: Readonly<Record<Moved['module'], string>> = {
  inventory_adjustments: 'inventory_adjustment',
  sales_orders: 'salesorder',
  invoices: 'invoice',
  shipments: 'shipmentorder',
}

/** The whole item under its name, or its ids and numbers as text. */
export function ofItem(state: State, item: Item, raw: boolean): string {
  const record = details(state, item)
  if (!raw) return shaped(state, { item: record })
  const picked = ['item_id', 'sku', 'name', 'available_stock', 'available_for_sale_stock', 'last_modified_time']
  return JSON.stringify({
    item: Object.fromEntries(picked.flatMap((key) => (key in record ? [[key, String(record[key])]] : []))),
  })
}

/** A record with one line, in the vendor's words. A sales order's and an invoice's default payload tells who bought (contract section 9). */
export function ofDocument(state: State, moved: Moved, number: number, raw: boolean): string {
  const { module, item, quantity, locationId, at } = moved
  const name = NAMES[module]
  const id = `4815000001${String(number).padStart(9, '0')}`
  if (raw) return JSON.stringify({ [name]: { [`${name}_id`]: id, line_items: [{ item_id: item.id, sku: item.sku }] } })
  const time = timeAt(at, state.settings.utc_offset_minutes)
  const line = { line_item_id: `4815000002${String(number).padStart(9, '0')}`, item_id: item.id, name: item.name, sku: item.sku }
  const isAdjustment = module === 'inventory_adjustments'
  return shaped(state, {
    [name]: {
      [`${name}_id`]: id,
      date: time.slice(0, 10),
      ...(isAdjustment
        ? { reason: 'Stocktaking', adjustment_type: 'quantity' }
        : { [`${name}_number`]: `SB-${number}`, ...BUYER }),
      created_time: time,
      last_modified_time: time,
      line_items: [{ ...line, location_id: locationId, [isAdjustment ? 'quantity_adjusted' : 'quantity']: quantity }],
    },
  })
}

const BUYER = { customer_name: 'Sample Customer', email: 'customer@example.com' }

/** JSON with ids as the organization's answers have them. */
function shaped({ settings }: State, record: Json): string {
  return settings.ids === 'text' ? JSON.stringify(record) : jsonWithNumericIds(record)
}
