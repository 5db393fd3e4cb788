import type { ChannelSettings, Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import type { StorablePoison } from './poison.ts'

/** Raises the poison alert of a channel, once for all orders of a page that could not be read. */
export async function alertPoison(
  tx: Db,
  run: Run,
  channel: ChannelSettings,
  poison: readonly Pick<StorablePoison, 'externalOrderId' | 'reason'>[],
): Promise<void> {
  const first = poison[0]
  if (first === undefined) return
  const more = poison.length > 1 ? ` and ${poison.length - 1} more` : ''
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'poison',
      channel: channel.code,
      severity: 'warning',
      message: `${first.externalOrderId}${more} could not be read: ${first.reason}`,
      next: `isync orders:show ${first.externalOrderId}`,
    },
    run.clock.now(),
  )
}
