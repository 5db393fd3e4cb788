import { RetryableError } from '../../core/errors.ts'
import type { StockPage } from '../../core/ports/stock-source.ts'
import type { Purse } from './budget.ts'
import type { ZohoClient } from './client.ts'
import { IDS_PER_CALL, readListedDetails, readRows } from './details.ts'
import { hasNoNumber, toStockItem } from './items.ts'
import { needsDetails, type ZohoSettings } from './settings.ts'
import { type ItemRow, type ItemsPage, itemsPage } from './wire.ts'

const DAY_MS = 24 * 3_600_000
const PER_PAGE = 200
/** Four million items: a list this long does not end. */
const MOST_PAGES = 20_000

/** What of a list is read. */
export interface Listing {
  /** Changed after this instant, epoch ms; absent: everything. */
  readonly since?: number
  readonly purse: Purse
}

interface RawPage {
  readonly rows: readonly ItemRow[]
  /** When its request was begun, epoch ms. */
  readonly readAt: number
  readonly end?: 'whole' | 'short'
  readonly reason?: string
}

/** The list with each page completed by the details where the configured number is only there. Each page is read when it is asked for. */
export async function* listStock(client: ZohoClient, listing: Listing, signal: AbortSignal): AsyncGenerator<StockPage> {
  const { settings } = client
  const full = listing.since === undefined
  let calls = 0
  for await (const { rows, ...page } of readList(client, listing, signal)) {
    const counted = needsDetails(settings) ? rows.filter((row) => !hasNoNumber(settings, row)) : []
    const details = await readListedDetails(client, counted, listing.purse, signal)
    calls += 1 + Math.ceil(counted.length / IDS_PER_CALL)
    const wanted = new Set(counted)
    // Deleted since the list was read, or left out: no number of the list may stand in for the configured one.
    const items = rows.map((row) =>
      wanted.has(row)
        ? toStockItem(settings, row, details.get(row.item_id) ?? { item_id: row.item_id })
        : toStockItem(settings, row),
    )
    if (full && page.end === 'whole')
      await client.gate.shared.remember(costNote(settings), String(calls), client.gate.clock.now() + 30 * DAY_MS)
    yield { items, ...page }
  }
}

/** Calls that the last whole reading took with these settings, if it is known. */
export async function callsOfFullRead({ gate, settings }: ZohoClient): Promise<number | undefined> {
  const known = await gate.shared.recall(costNote(settings))
  return known === undefined ? undefined : Number(known)
}

/**
 * The raw list, sorted by what never changes (contract section 3). Another page than the one asked for, or the page before once more,
 * is retryable; a list that ends or skips in a way that contradicts itself ends `short`.
 */
export async function* readList(client: ZohoClient, listing: Listing, signal: AbortSignal): AsyncGenerator<RawPage> {
  const doubts: string[] = []
  let received = 0
  let before: ReadonlySet<string> = new Set()
  const ahead = listing.since === undefined && listing.purse === 'full' ? await callsOfFullRead(client) : undefined
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const readAt = client.gate.clock.now()
    const query = queryOf(listing, page)
    const begin = page === 1 && ahead !== undefined ? { ahead } : {}
    const reply = await client.read({ operation: 'items', query, purse: listing.purse, ...begin }, itemsPage, signal)
    const { rows, unreadable } = readRows(reply.items)
    const ids = new Set(rows.map((row) => row.item_id))
    assertNewPage(client, reply, page, ids, before)
    received += reply.items.length
    before = ids
    doubts.push(...doubtsAbout(reply, page, unreadable))
    const { has_more_page, total } = reply.page_context
    if (has_more_page && reply.items.length > 0) {
      yield { rows, readAt }
      continue
    }
    if (!has_more_page && total !== undefined && total !== null && received < Number(total))
      doubts.push(`it had ${received} items, counted were ${total}`)
    const [reason] = doubts
    yield { rows, readAt, ...(reason === undefined ? { end: 'whole' } : { end: 'short', reason }) }
    return
  }
  throw trouble(client, `the list did not end after ${MOST_PAGES} pages`)
}

/** Inactive items too, so that taking an item off sale is seen. The instant has whole seconds, and the filter means "later than". */
function queryOf({ since }: Listing, page: number): Readonly<Record<string, string>> {
  const second = since === undefined ? undefined : new Date((Math.floor(since / 1000) - 1) * 1000).toISOString().slice(0, 19)
  return {
    page: String(page),
    per_page: String(PER_PAGE),
    filter_by: 'Status.All',
    sort_column: 'created_time',
    sort_order: 'A',
    ...(second === undefined ? {} : { last_modified_time: `${second}+0000` }),
  }
}

function assertNewPage(
  client: ZohoClient,
  { page_context }: ItemsPage,
  page: number,
  ids: ReadonlySet<string>,
  before: ReadonlySet<string>,
): void {
  const told = page_context.page ?? String(page)
  if (Number(told) !== page) throw trouble(client, `gave page ${told.slice(0, 12)} when page ${page} was asked for`)
  if (ids.size > 0 && [...ids].every((id) => before.has(id)))
    throw trouble(client, `gave page ${page - 1} once more as page ${page}`)
}

function doubtsAbout({ items, page_context }: ItemsPage, page: number, unreadable: number): readonly string[] {
  const size = Number(page_context.per_page ?? PER_PAGE)
  const doubts: string[] = []
  if (unreadable > 0) doubts.push(`page ${page} had ${unreadable} items without a readable id`)
  if (items.length === 0 && page_context.has_more_page) doubts.push(`page ${page} was empty though it announced more`)
  else if (items.length === 0 && page > 1) doubts.push(`page ${page} was empty though page ${page - 1} had announced more`)
  else if (page_context.has_more_page && items.length < size)
    doubts.push(`page ${page} had ${items.length} items of ${size} though more followed`)
  return doubts
}

function costNote(settings: ZohoSettings): string {
  return needsDetails(settings) ? 'calls_full_detailed' : 'calls_full_plain'
}

function trouble({ gate }: ZohoClient, what: string): RetryableError {
  return new RetryableError(what, { account: gate.account, operation: 'items' })
}
