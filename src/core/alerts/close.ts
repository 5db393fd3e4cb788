import type { Run } from '../context.ts'
import { type AlertRow, acknowledgeAlert, closeAlert, openAlerts, recentAlerts, snoozeAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { OperatorError } from '../errors.ts'

/** How many alerts `all` goes back to. */
const RECENT = 200

/** The alerts that are open, the critical ones first; with `all` also the last that are over, the newest first. Reads only. */
export function listAlerts(run: Pick<Run, 'db'>, all = false): Promise<AlertRow[]> {
  return all ? recentAlerts(run.db, RECENT) : openAlerts(run.db)
}

/** Closes these alerts: a person has dealt with them. All or none; throws OperatorError naming an id that is not open. */
export function closeAlerts(run: Run, ids: readonly string[]): Promise<void> {
  return onEach(run, ids, 'closed', (tx, id, now) => closeAlert(tx, id, now))
}

/** A person works on these: they are not told again unless they become critical. Their end is told. All or none, as above. */
export function acknowledgeAlerts(run: Run, ids: readonly string[]): Promise<void> {
  return onEach(run, ids, 'acknowledged', (tx, id, now) => acknowledgeAlert(tx, id, run.actor, now))
}

/** Nothing is told of these before `until` (epoch ms) unless they become critical. All or none, as above. */
export function snoozeAlerts(run: Run, ids: readonly string[], until: number): Promise<void> {
  return onEach(run, ids, 'snoozed', (tx, id) => snoozeAlert(tx, id, until), { until: new Date(until).toISOString() })
}

async function onEach(
  run: Run,
  ids: readonly string[],
  what: string,
  change: (tx: Db, id: string, now: number) => Promise<boolean>,
  detail?: Readonly<Record<string, unknown>>,
): Promise<void> {
  await run.db.transaction(async (tx) => {
    const now = run.clock.now()
    for (const id of ids) {
      if (!(await change(tx, id, now))) throw unknownAlert(id)
      const base = { id: run.ids.next(), at: now, runId: run.id, actor: run.actor, entity: 'alert', entityId: id, what } as const
      await addEvents(tx, [detail === undefined ? base : { ...base, detail }])
    }
  })
}

function unknownAlert(id: string): OperatorError {
  return new OperatorError({
    what: `alert ${id} is not open`,
    where: 'alerts',
    why: 'it was closed already, or the id is another; nothing was changed',
    next: 'isync alerts shows what is open',
  })
}
