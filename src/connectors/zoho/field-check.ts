import type { HealthCheck } from '../../core/ports/marketplace.ts'
import type { ZohoClient } from './client.ts'
import { IDS_PER_CALL, readDetails, readRows } from './details.ts'
import { type Exact, floorOf, readExact, sumOf } from './exact.ts'
import { toStockItem } from './items.ts'
import { type AvailableField, needsDetails, type ZohoSettings } from './settings.ts'
import { type ItemRow, itemsReply } from './wire.ts'

/** The same stock less what open sales orders have been promised (contract section 5). */
const forSale: Readonly<Record<AvailableField, AvailableField>> = {
  available_stock: 'available_for_sale_stock',
  actual_available_stock: 'actual_available_for_sale_stock',
  stock_on_hand: 'available_for_sale_stock',
  available_for_sale_stock: 'available_for_sale_stock',
  actual_available_for_sale_stock: 'actual_available_for_sale_stock',
}

/**
 * Up to 100 items as both kinds of field show them: whether the configured field and places are there, and what the choice of the field
 * costs in units or in calls. Which one is right depends on whether orders become sales orders in Zoho while they are open, so a
 * difference is told and not judged.
 */
export async function compareFields(client: ZohoClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const { settings } = client
  const listed = await sample(client, signal)
  const tracked = listed.filter((row) => isTracked(settings, row))
  if (tracked.length === 0)
    return [
      { check: 'available_field', ok: true, detail: 'no active item with stock among the last changed to compare fields by' },
    ]
  const ids = tracked.map((row) => row.item_id)
  const details = [...(await readDetails(client, ids, 'named', signal)).values()]
  const rows = needsDetails(settings) ? details : tracked
  return [fieldCheck(settings, rows, details), ...placeChecks(settings, details)]
}

/** The last changed first: among them are those with open orders. */
async function sample(client: ZohoClient, signal: AbortSignal): Promise<readonly ItemRow[]> {
  const query = {
    page: '1',
    per_page: String(IDS_PER_CALL),
    filter_by: 'Status.Active',
    sort_column: 'last_modified_time',
    sort_order: 'D',
  }
  const reply = await client.read({ operation: 'items', query, purse: 'named' }, itemsReply, signal)
  return readRows(reply.items).rows
}

function fieldCheck(settings: ZohoSettings, rows: readonly ItemRow[], details: readonly ItemRow[]): HealthCheck {
  const check = 'available_field'
  const { availableField: field } = settings
  const readable = rows.filter((row) => toStockItem(settings, row).available !== undefined)
  if (readable.length === 0) {
    const fix = 'choose an available_field that your items have, and see zoho.location_ids'
    return { check, ok: false, detail: `none of ${rows.length} items has a number for ${field}`, fix }
  }
  const twin = forSale[field]
  const known = `${field} of ${readable.length} of ${rows.length} items is readable`
  if (twin === field)
    return { check, ok: true, detail: `${known}; a full read asks for details too: 3 calls for 200 items instead of 1` }
  const promised = details.flatMap((row) => differenceOf(row, field, twin) ?? [])
  const compared = details.filter((row) => readExact(row[twin]) !== undefined).length
  if (compared === 0) return { check, ok: true, detail: `${known}; the details tell no ${twin} to compare it with` }
  if (promised.length === 0) return { check, ok: true, detail: `${known}; ${twin} is the same on ${compared} items` }
  const units = floorOf(sumOf(promised)) ?? 0
  const cost = `${known}; on ${promised.length} of ${compared} items it is not ${twin}, which has ${units} units less for open sales orders`
  const price = needsDetails(settings) ? 'at no more calls' : 'at 3 calls for 200 items instead of 1'
  const way = `Unless isync takes those orders off itself (shadow.carry: open_orders) these units are sold twice; available_field: ${twin} leaves them out, ${price}`
  return { check, ok: true, detail: `${cost}. ${way}` }
}

function differenceOf(row: ItemRow, field: AvailableField, twin: AvailableField): Exact | undefined {
  const [plain, less] = [readExact(row[field]), readExact(row[twin])]
  if (plain === undefined || less === undefined) return undefined
  const difference = sumOf([plain, { ...less, units: -less.units }])
  return difference.units === 0n ? undefined : difference
}

function placeChecks({ locationIds }: ZohoSettings, details: readonly ItemRow[]): readonly HealthCheck[] {
  if (locationIds.length === 0) return []
  const seen = new Set(details.flatMap(placeIdsOf))
  const strangers = locationIds.filter((id) => !seen.has(id))
  const check = 'location_ids'
  if (strangers.length === 0) return [{ check, ok: true, detail: `items have stock at ${locationIds.join(', ')}` }]
  const fix = `zoho.location_ids may name: ${[...seen].join(', ') || 'none, since the items show no locations'}`
  return [{ check, ok: false, detail: `no item of ${details.length} has the location ${strangers.join(', ')}`, fix }]
}

function placeIdsOf(row: ItemRow): readonly string[] {
  return [
    ...(row.locations ?? []).map((one) => one['location_id']),
    ...(row.warehouses ?? []).map((one) => one['warehouse_id']),
  ].filter((id) => typeof id === 'string')
}

/** By what the list says of its kind; whether there is a number is the question. */
function isTracked(settings: ZohoSettings, row: ItemRow): boolean {
  const { kind } = toStockItem(settings, row)
  return kind === 'tracked' || kind === 'bundle' || kind === 'unknown'
}
