import { type Db, insertMany } from './db.ts'

export type EventEntity = 'order' | 'shipment' | 'delivery' | 'task' | 'alert' | 'setting' | 'channel'

/** One append-only audit line. `detail` holds ids, states and numbers; never personal data. */
export interface AuditEvent {
  readonly id: string
  readonly at: number
  readonly runId: string | null
  readonly actor: string
  readonly entity: EventEntity
  /** `<channel>/<external order id>` for orders. */
  readonly entityId: string
  readonly what: string
  readonly detail?: Readonly<Record<string, unknown>>
}

export async function addEvents(db: Db, events: readonly AuditEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    id: event.id,
    at: event.at,
    run_id: event.runId,
    actor: event.actor,
    entity: event.entity,
    entity_id: event.entityId,
    what: event.what,
    detail: event.detail === undefined ? null : JSON.stringify(event.detail),
  }))
  await insertMany(db, 'events', rows)
}

export interface EventRow {
  readonly at: number
  readonly run_id: string | null
  readonly actor: string
  readonly what: string
  readonly detail: string | null
}

/** The history of one thing, oldest first. */
export async function eventsOf(db: Db, entity: EventEntity, entityId: string): Promise<EventRow[]> {
  return db.rows('select at, run_id, actor, what, detail from events where entity = ? and entity_id = ? order by at, id', [
    entity,
    entityId,
  ])
}

export interface SettingEventRow extends EventRow {
  readonly entity_id: string
}

/** Changes of settings that may bear on this SKU: of all, of a channel, of brands and categories, of the SKU itself; oldest first. */
export async function settingEventsFor(db: Db, skuKey: string): Promise<SettingEventRow[]> {
  return db.rows(
    `select at, run_id, actor, what, detail, entity_id from events where entity = 'setting'
       and (entity_id not like '%skus.%' or lower(entity_id) like ? escape '!') order by at, id`,
    [`%skus.${skuKey.replace(/[!%_]/g, '!$&')}.%`],
  )
}
