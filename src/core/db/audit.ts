import type { Db, SqlValue } from './db.ts'
import type { EventEntity } from './events.ts'

/** Which events are asked for. What is given narrows; of `about` there is one kind at a time. */
export interface EventFilter {
  readonly about?:
    | { readonly kind: 'order'; readonly externalOrderId: string }
    /** `sku` as orders spell it, `key` as settings do: trimmed, lower case. */
    | { readonly kind: 'sku'; readonly sku: string; readonly key: string }
    | { readonly kind: 'setting'; readonly text: string }
  readonly actor?: string
  /** Epoch ms. */
  readonly since?: number
}

export interface FoundEvent {
  readonly id: string
  readonly at: number
  readonly actor: string
  readonly run_id: string | null
  /** The command of that run; null where the run is not kept any more. */
  readonly command: string | null
  readonly entity: EventEntity
  readonly entity_id: string
  readonly what: string
  /** JSON. */
  readonly detail: string | null
}

/** The newest events, newest first. Reads only, as everything about events does but adding them. */
export async function findEvents(db: Db, filter: EventFilter, limit: number): Promise<FoundEvent[]> {
  const narrow: string[] = []
  const narrowed: SqlValue[] = []
  if (filter.actor !== undefined) {
    narrow.push('and e.actor = ?')
    narrowed.push(filter.actor)
  }
  if (filter.since !== undefined) {
    narrow.push('and e.at >= ?')
    narrowed.push(filter.since)
  }
  const columns = 'e.id, e.at, e.actor, e.run_id, r.command, e.entity, e.entity_id, e.what, e.detail'
  // A union, not an "or": each kind has its index.
  const kinds = kindsOf(filter.about)
  const selects = kinds.map(
    ({ where }) => `select ${columns} from events e left join runs r on r.id = e.run_id where ${where} ${narrow.join(' ')}`,
  )
  return db.rows<FoundEvent>(`${selects.join(' union all ')} order by 2 desc, 1 desc limit ?`, [
    ...kinds.flatMap(({ values }) => [...values, ...narrowed]),
    limit,
  ])
}

interface Kind {
  readonly where: string
  readonly values: readonly SqlValue[]
}

function kindsOf(about: EventFilter['about']): readonly Kind[] {
  if (about === undefined) return [{ where: '1 = 1', values: [] }]
  if (about.kind === 'setting')
    return [{ where: `e.entity = 'setting' and lower(e.entity_id) like ? escape '!'`, values: [like(about.text)] }]
  if (about.kind === 'order') {
    const orders = `select o.channel || '/' || o.external_order_id from orders o where o.external_order_id = ?`
    const tasks = 'select t.key from tasks t join orders o on o.id = t.order_id where o.external_order_id = ?'
    return [
      { where: `e.entity = 'order' and e.entity_id in (${orders})`, values: [about.externalOrderId] },
      { where: `e.entity = 'task' and e.entity_id in (${tasks})`, values: [about.externalOrderId] },
    ]
  }
  const sold = `select o.channel || '/' || o.external_order_id from order_lines l join orders o on o.id = l.order_id where l.sku = ?`
  return [
    { where: `e.entity = 'setting' and lower(e.entity_id) like ? escape '!'`, values: [like(`skus.${about.key}.`)] },
    { where: `e.entity = 'order' and e.entity_id in (${sold})`, values: [about.sku] },
  ]
}

function like(text: string): string {
  return `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`
}
