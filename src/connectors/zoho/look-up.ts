import type { StockItem } from '../../core/model/stock.ts'
import { skuKeyOf } from '../../core/model/stock.ts'
import type { StockPage } from '../../core/ports/stock-source.ts'
import type { Purse } from './budget.ts'
import type { ZohoClient } from './client.ts'
import { readDetails, readListedDetails, readRows } from './details.ts'
import { toStockItem } from './items.ts'
import { callsOfFullRead, readList } from './listing.ts'
import { needsDetails } from './settings.ts'
import { type ItemRow, itemsReply } from './wire.ts'

/** One call per SKU up to here, whatever a list would cost. */
const A_HANDFUL = 10

/** Items by id, 100 a call, as messages name them. */
export async function stockById(client: ZohoClient, itemIds: readonly string[], signal: AbortSignal): Promise<StockPage> {
  const readAt = client.gate.clock.now()
  const found = await readDetails(client, itemIds, 'pushed', signal)
  return { items: [...found.values()].map((row) => toStockItem(client.settings, row)), readAt, end: 'whole' }
}

/**
 * Items by SKU. Zoho's filter takes one SKU a call, so where more are wanted than the last whole reading took calls, the list is read
 * and what is wanted picked out of it; what that does not show is asked for by name. Whoever knows the ids pays less with {@link stockById}. SKUs that
 * differ from a wanted one in case and blanks only come too: whether they clash is the caller's question.
 */
export async function stockBySku(
  client: ZohoClient,
  skus: readonly string[],
  purse: Purse,
  signal: AbortSignal,
): Promise<StockPage> {
  const readAt = client.gate.clock.now()
  const wanted = new Map(skus.filter((sku) => sku.trim() !== '').map((sku) => [skuKeyOf(sku), sku.trim()]))
  const rows = new Map<string, ItemRow>()
  const listCalls = (await callsOfFullRead(client)) ?? Number.POSITIVE_INFINITY
  if (wanted.size > Math.max(A_HANDFUL, listCalls)) {
    for await (const page of readList(client, { purse }, signal))
      for (const row of page.rows) if (wanted.has(keyOf(row))) rows.set(row.item_id, row)
  }
  const seen = new Set([...rows.values()].map(keyOf))
  for (const [key, sku] of wanted) {
    if (seen.has(key)) continue
    for (const row of await rowsOf(client, sku, purse, signal)) if (keyOf(row) === key) rows.set(row.item_id, row)
  }
  return { items: await completed(client, [...rows.values()], purse, signal), readAt, end: 'whole' }
}

async function rowsOf(client: ZohoClient, sku: string, purse: Purse, signal: AbortSignal): Promise<readonly ItemRow[]> {
  const query = { sku, filter_by: 'Status.All', per_page: '200' }
  const reply = await client.read({ operation: 'items', query, purse }, itemsReply, signal)
  return readRows(reply.items).rows
}

async function completed(
  client: ZohoClient,
  rows: readonly ItemRow[],
  purse: Purse,
  signal: AbortSignal,
): Promise<readonly StockItem[]> {
  if (!needsDetails(client.settings)) return rows.map((row) => toStockItem(client.settings, row))
  const details = await readListedDetails(client, rows, purse, signal)
  return rows.flatMap((row) => {
    const detail = details.get(row.item_id)
    return detail === undefined ? [] : [toStockItem(client.settings, row, detail)]
  })
}

function keyOf(row: ItemRow): string {
  return skuKeyOf(row.sku ?? '')
}
