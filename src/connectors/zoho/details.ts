import { RetryableError } from '../../core/errors.ts'
import type { Purse } from './budget.ts'
import type { ZohoClient } from './client.ts'
import { type ItemRow, itemRow, itemsReply } from './wire.ts'

/** The most ids of one call. Zoho publishes no number; this one is in use (contract section 4). */
export const IDS_PER_CALL = 100

/** The rows of an answer that have an id, and how many have none. */
export function readRows(rows: readonly unknown[]): { readonly rows: readonly ItemRow[]; readonly unreadable: number } {
  const read = rows.flatMap((row) => itemRow.safeParse(row).data ?? [])
  return { rows: read, unreadable: rows.length - read.length }
}

/**
 * Items by id, as the details have them; ids that Zoho does not know are absent. Where one unknown id spoils the whole answer the rest
 * is asked for without it, by halves.
 */
export async function readDetails(
  client: ZohoClient,
  itemIds: readonly string[],
  purse: Purse,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ItemRow>> {
  const wanted = [...new Set(itemIds)]
  const found = new Map<string, ItemRow>()
  for (let at = 0; at < wanted.length; at += IDS_PER_CALL) {
    const rows = await readSome(client, wanted.slice(at, at + IDS_PER_CALL), purse, signal)
    for (const row of rows) found.set(row.item_id, row)
  }
  return found
}

async function readSome(
  client: ZohoClient,
  ids: readonly string[],
  purse: Purse,
  signal: AbortSignal,
): Promise<readonly ItemRow[]> {
  const request = { operation: 'itemdetails', query: { item_ids: ids.join(',') }, purse } as const
  const reply = await client.find(request, itemsReply, signal)
  if (reply !== undefined) return readRows(reply.items).rows
  if (ids.length === 1) return []
  const half = Math.ceil(ids.length / 2)
  return [
    ...(await readSome(client, ids.slice(0, half), purse, signal)),
    ...(await readSome(client, ids.slice(half), purse, signal)),
  ]
}

/** {@link readDetails} of items that a list has just shown: that Zoho should know none of them is no answer. */
export async function readListedDetails(
  client: ZohoClient,
  rows: readonly ItemRow[],
  purse: Purse,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ItemRow>> {
  const found = await readDetails(
    client,
    rows.map((row) => row.item_id),
    purse,
    signal,
  )
  if (rows.length > 0 && found.size === 0) {
    const facts = { account: client.gate.account, operation: 'itemdetails' }
    throw new RetryableError(`has none of ${rows.length} items that the list has just shown`, facts)
  }
  return found
}
