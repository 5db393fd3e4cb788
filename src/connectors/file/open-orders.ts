import { StoppedError } from '../../core/errors.ts'
import { openOrdersAmong } from '../../core/model/open-order.ts'
import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import { type FileClient, openFiles } from './client.ts'
import { archivedSince, inOrder, lookAtInbox, readWhole } from './inbox.ts'
import { isCalledOpen } from './orders.ts'
import { PAGE, readGroups, sourceOf } from './search.ts'
import { readTable } from './tables.ts'
import { openTold } from './told.ts'

/** A file that waits no longer than this is the next pull's. */
const YOUNG_MS = 15 * 60_000

/**
 * Open orders by the files themselves: those that wait and those of the archive, whoever moved them there, from the newest back. The newest file that has
 * an order is the truth about it. Files that were moved before the window began hold no order of it.
 */
export async function* listOpenOrders(
  client: FileClient,
  window: OrderWindow,
  signal: AbortSignal,
): AsyncGenerator<readonly OpenOrder[]> {
  const { clock, account } = client.gate
  const { files, close } = await openFiles(client, signal)
  try {
    const told = openTold(client, files)
    const stored = await archivedSince(client, files, window.from)
    const { ready } = await lookAtInbox(client, files, signal)
    const seen = new Set<string>()
    for (const file of inOrder([...stored, ...ready]).toReversed()) {
      const bytes = await readWhole(client, files, file)
      const table = bytes === undefined ? undefined : readTable(bytes, client.settings)
      // What is no table at all has no orders to compare; the pull has set it aside.
      if (table === undefined || 'flaw' in table) continue
      const isYoung = !file.isArchived && file.changedAt > clock.now() - YOUNG_MS
      const fresh = table.groups.filter(({ orderId }) => orderId === '' || !seen.has(orderId))
      for (const { orderId } of fresh) seen.add(orderId)
      for (let at = 0; at < fresh.length && !isYoung; at += PAGE) {
        if (signal.aborted) throw new StoppedError(`${account} open orders: told to stop between two pages`)
        const some = fresh.slice(at, at + PAGE).filter(isCalledOpen)
        const page = some.map((group) => ({ group, source: sourceOf(file) }))
        const open = openOrdersAmong(await readGroups(client, told, page), () => file.changedAt, window)
        yield open.filter(({ createdAt }) => createdAt >= window.from && createdAt < window.until)
      }
    }
  } finally {
    await close()
  }
}
