import { StoppedError } from '../../core/errors.ts'
import type { NormalizedOrder, PoisonOrder } from '../../core/model/order.ts'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import { type FileClient, type Files, openFiles, withFiles } from './client.ts'
import { archive, archivedIn, archivedSince, inOrder, lookAtInbox, monthsOf, type OrderFile, readWhole } from './inbox.ts'
import { poisonFile, type Source, toOrder } from './orders.ts'
import { type RowGroup, readTable, type Table } from './tables.ts'
import { openTold, type Told } from './told.ts'

type Read = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

export const PAGE = 100

/**
 * Every order of the files that wait, and of those that were moved to the archive at or after `since.at`: oldest file first, so that the
 * newest has the last word. A file is moved when its last page was taken. `next.at` is when the search began: what was archived by it is read
 * once more by the next one, and so is whatever somebody wrote into such a file after it was read.
 */
export async function* listOrderPages(client: FileClient, since: Cursor, signal: AbortSignal): AsyncIterable<OrderPage> {
  const beganAt = Math.max(client.gate.clock.now(), since.at)
  const { files, close } = await openFiles(client, signal)
  try {
    const told = openTold(client, files)
    const stored = await archivedSince(client, files, since.at)
    const { ready, unfinished } = await lookAtInbox(client, files, signal)
    if (unfinished.length > 0)
      client.gate.log.info(
        { channel: client.settings.channel, files: unfinished.length },
        'files still being written; left alone',
      )
    for (const file of inOrder([...stored, ...ready])) {
      const bytes = await readWhole(client, files, file)
      if (bytes === undefined) continue
      for (const page of pagesOf(readTable(bytes, client.settings))) {
        // Not every page needs a call, which would have seen it.
        if (signal.aborted) throw new StoppedError(`${client.gate.account} orders: told to stop between two pages`)
        yield { ...(await readPage(client, told, page, file, bytes)), next: { at: since.at } }
      }
      await archive(client, files, file, bytes)
    }
    yield { orders: [], poison: [], skipped: 0, next: { at: beganAt } }
  } finally {
    await close()
  }
}

/** A page of groups, or the one page that says why there are none. */
type Page = readonly RowGroup[] | { readonly flaw: string }

function pagesOf(table: Table): readonly Page[] {
  if ('flaw' in table) return [table]
  const pages: Page[] = []
  for (let at = 0; at < table.groups.length; at += PAGE) pages.push(table.groups.slice(at, at + PAGE))
  return pages
}

async function readPage(client: FileClient, told: Told, page: Page, file: OrderFile, bytes: Buffer): Promise<Read> {
  const source = sourceOf(file)
  if ('flaw' in page) return { orders: [], poison: [poisonFile(source, bytes, page.flaw, client.settings)], skipped: 0 }
  return readGroups(
    client,
    told,
    page.map((group) => ({ group, source })),
  )
}

export function sourceOf({ name, changedAt }: OrderFile): Source {
  return { fileName: name, changedAt }
}

export async function readGroups(
  client: FileClient,
  told: Told,
  found: readonly { readonly group: RowGroup; readonly source: Source }[],
): Promise<Read> {
  const orders: NormalizedOrder[] = []
  const poison: PoisonOrder[] = []
  for (const { group, source } of found) {
    const units = group.orderId === '' ? new Map<string, number>() : await told.unitsOf(group.orderId)
    const read = toOrder(group, source, units, client.settings)
    if ('order' in read) orders.push(read.order)
    else poison.push(read.poison)
  }
  return { orders, poison, skipped: 0 }
}

/** As the newest file that has them says. Files are read from the newest back until all are found. */
export async function getOrders(client: FileClient, ids: readonly string[], signal: AbortSignal): Promise<Read> {
  if (ids.length === 0) return { orders: [], poison: [], skipped: 0 }
  return withFiles(client, signal, (files) => findOrders(client, files, openTold(client, files), ids, signal))
}

/** {@link getOrders} within a piece of work. */
export async function findOrders(
  client: FileClient,
  files: Files,
  told: Told,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Read> {
  const wanted = new Set(ids)
  const found: { readonly group: RowGroup; readonly source: Source }[] = []

  async function search(newestFirst: readonly OrderFile[]): Promise<void> {
    for (const file of newestFirst) {
      if (wanted.size === 0) return
      const bytes = await readWhole(client, files, file)
      const table = bytes === undefined ? undefined : readTable(bytes, client.settings)
      if (table === undefined || 'flaw' in table) continue
      for (const group of table.groups) if (wanted.delete(group.orderId)) found.push({ group, source: sourceOf(file) })
    }
  }

  const { ready } = await lookAtInbox(client, files, signal)
  // A file that waits may be older than one that was stored: months apart they never are.
  let newer: readonly OrderFile[] = ready
  for (const month of await monthsOf(client, files)) {
    await search(inOrder([...newer, ...(await archivedIn(client, files, month))]).toReversed())
    newer = []
    if (wanted.size === 0) break
  }
  await search(inOrder(newer).toReversed())
  return readGroups(client, told, found)
}
