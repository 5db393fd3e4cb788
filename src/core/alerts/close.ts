import type { Run } from '../context.ts'
import { type AlertRow, closeAlert, openAlerts } from '../db/alerts.ts'
import { addEvents } from '../db/events.ts'
import { OperatorError } from '../errors.ts'

/** The alerts that are open, the critical ones first. Reads only. */
export function listAlerts(run: Pick<Run, 'db'>): Promise<AlertRow[]> {
  return openAlerts(run.db)
}

/** Closes these alerts: a person has dealt with them. All or none; throws OperatorError naming an id that is not open. */
export async function closeAlerts(run: Run, ids: readonly string[]): Promise<void> {
  await run.db.transaction(async (tx) => {
    const now = run.clock.now()
    for (const id of ids) {
      if (!(await closeAlert(tx, id, now))) throw unknownAlert(id)
      const event = {
        id: run.ids.next(),
        at: now,
        runId: run.id,
        actor: run.actor,
        entity: 'alert',
        entityId: id,
        what: 'closed',
      } as const
      await addEvents(tx, [event])
    }
  })
}

function unknownAlert(id: string): OperatorError {
  return new OperatorError({
    what: `alert ${id} is not open`,
    where: 'alerts',
    why: 'it was closed already, or the id is another; nothing was closed',
    next: 'isync alerts shows what is open',
  })
}
