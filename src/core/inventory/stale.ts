import type { InventorySettings, Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import { readCursor } from '../db/cursors.ts'
import { lastWholeReading } from '../db/readings.ts'

const HOUR = 3_600_000

/**
 * Raises an alert when the stock has not been read completely for as long as `stale_after` says: every number that channels are told rests
 * on it. Where it was never read at all there is nothing to be stale. The next whole reading ends the alert.
 */
export async function alertStale(run: Run, { staleAfterMs }: Pick<InventorySettings, 'staleAfterMs'>): Promise<void> {
  const now = run.clock.now()
  // A dry run's copy of the books has no readings in it; the place in the stream stands for them.
  const last = (await lastWholeReading(run.db)) ?? (await readCursor(run.db, 'zoho', 'stock'))?.at
  if (last === undefined || now - last < staleAfterMs) return
  const began = new Date(last).toISOString()
  await raiseAlert(
    run.db,
    {
      id: run.ids.next(),
      rule: 'stock-stale',
      channel: 'zoho',
      severity: 'critical',
      message: `the stock was last read completely at ${began}, ${Math.floor((now - last) / HOUR)} h ago: channels are told numbers made of that`,
      next: 'isync inventory:full; isync doctor --channel zoho says why it fails',
    },
    now,
  )
}
