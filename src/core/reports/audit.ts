import { type EventFilter, findEvents } from '../db/audit.ts'
import type { Db } from '../db/db.ts'

/** What happened, by whom, in which run. Times ISO 8601 UTC. */
export interface AuditLine {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly command: string | null
  readonly run_id: string | null
  readonly entity: string
  readonly entity_id: string
  readonly what: string
  /** Ids, states and numbers; never personal data. */
  readonly detail: unknown
}

export interface AuditReport {
  /** Newest last. */
  readonly events: readonly AuditLine[]
  /** There are older ones that fit as well. */
  readonly more: boolean
}

/** The newest `limit` events that fit. Reads only. */
export async function auditReport(db: Db, filter: EventFilter, limit: number): Promise<AuditReport> {
  const found = await findEvents(db, filter, limit + 1)
  const events = found.slice(0, limit).reverse()
  return {
    events: events.map(({ at, detail, ...event }) => ({
      ...event,
      at: new Date(at).toISOString(),
      detail: detail === null ? null : (JSON.parse(detail) as unknown),
    })),
    more: found.length > limit,
  }
}
