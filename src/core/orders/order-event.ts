import type { Run } from '../context.ts'
import type { AuditEvent } from '../db/events.ts'
import { sealRow } from './rows.ts'

/** A line of an order's history, by this run, now. `detail` holds ids, states and numbers; never personal data. */
export function orderEvent(
  run: Run,
  channel: string,
  externalOrderId: string,
  what: string,
  detail?: Readonly<Record<string, unknown>>,
): AuditEvent {
  return {
    id: run.ids.next(),
    at: run.clock.now(),
    runId: run.id,
    actor: run.actor,
    entity: 'order',
    entityId: sealRow(channel, externalOrderId),
    what,
    ...(detail === undefined ? {} : { detail }),
  }
}
