import type { Run } from '../context.ts'
import { addEvents } from '../db/events.ts'
import { type DeliveryFilter, type DeliveryRow, inboxBacklog, listDeliveries, replayDeliveries } from '../db/inbox.ts'
import { type RefusalCount, refusalsSince } from '../db/refusals.ts'

const DAY_MS = 86_400_000

/** What webhooks brought. Times epoch ms. */
export interface InboxReport {
  readonly deliveries: readonly DeliveryRow[]
  /** Not over, per sender. */
  readonly waiting: readonly { readonly provider: string; readonly count: number; readonly oldest: number }[]
  /** Of the last 24 hours. */
  readonly refused: readonly Omit<RefusalCount, 'hour'>[]
}

/** Reads only. Bodies stay sealed. */
export async function inboxReport(
  { db }: Pick<Run, 'db'>,
  filter: DeliveryFilter,
  limit: number,
  now: number,
): Promise<InboxReport> {
  const backlog = Map.groupBy(await inboxBacklog(db, now), ({ provider }) => provider)
  const refused = Map.groupBy(await refusalsSince(db, now - DAY_MS), ({ provider, reason }) => `${provider} ${reason}`)
  return {
    deliveries: await listDeliveries(db, filter, limit),
    waiting: [...backlog].map(([provider, rows]) => ({
      provider,
      count: rows.reduce((sum, { count }) => sum + count, 0),
      oldest: Math.min(...rows.map(({ oldest }) => oldest)),
    })),
    refused: [...refused.values()].flatMap(([first, ...more]) =>
      first === undefined
        ? []
        : [{ provider: first.provider, reason: first.reason, count: more.reduce((sum, { count }) => sum + count, first.count) }],
    ),
  }
}

/** Has these deliveries worked on once more, by the next isync serve. What was forgotten cannot come back: it says so in its outcome. */
export async function replay(run: Run, ids: readonly string[]): Promise<number> {
  const now = run.clock.now()
  return run.db.transaction(async (tx) => {
    const known = await listDeliveries(tx, { ids }, ids.length)
    const changed = await replayDeliveries(
      tx,
      known.map(({ id }) => id),
      now,
    )
    await addEvents(
      tx,
      known.map(({ id, state }) => ({
        id: run.ids.next(),
        at: now,
        runId: run.id,
        actor: run.actor,
        entity: 'delivery',
        entityId: id,
        what: 'replayed',
        detail: { state },
      })),
    )
    return changed
  })
}
