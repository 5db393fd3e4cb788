import { type Db, marks } from './db.ts'

/** How much of a channel's work failed since an instant. Times epoch ms. */
export interface FailureCount {
  readonly channel: string
  readonly count: number
  readonly first: number
}

/**
 * What does not count: a failure from before, or during, an outage of the whole account, which has an alert of its own. `?` is each rule of
 * such alerts. An alert that is over reaches back to all failures before its end.
 */
function outside(at: string, channel: string, rules: readonly string[], also: readonly string[]): string {
  const channels = [channel, ...also.map((name) => `'${name}'`)].join(', ')
  return `not exists (select 1 from alerts a where a.channel in (${channels}) and a.rule in (${marks(rules.length)})
    and (a.resolved_at is null or a.resolved_at >= ${at}))`
}

export interface TaskFailures {
  readonly kind: 'push' | 'confirm'
  /** Epoch ms. */
  readonly since: number
  /** Rules of alerts about whole accounts. */
  readonly outages: readonly string[]
}

/** Tasks that failed since then, each once however often it was tried; waiting as told is no failure. */
export async function failedTasks(db: Db, { kind, since, outages }: TaskFailures): Promise<FailureCount[]> {
  const rows = await db.rows<FailureCount>(
    `select t.channel, count(distinct e.entity_id) as count, min(e.at) as first from events e
     join tasks t on t.kind = ? and t.key = e.entity_id
     where ${failedEvents} and ${outside('e.at', 't.channel', outages, kind === 'push' ? ['shipstation'] : [])}
     group by t.channel order by t.channel`,
    [kind, since, `${kind} failed`, `${kind} dead`, ...outages],
  )
  return rows.map(asNumbers)
}

// Not by entity as well: SQLite would walk through all events of tasks there ever were instead of the last hour's.
const failedEvents = `e.at >= ? and e.what in (?, ?)
  and e.detail not like '%"class":"throttled"%' and e.detail not like '%"class":"auth"%'`

/** SKUs whose quantity a channel did not take since then, each once. */
export async function failedPublications(
  db: Db,
  { since, outages }: Pick<TaskFailures, 'since' | 'outages'>,
): Promise<FailureCount[]> {
  const rows = await db.rows<FailureCount>(
    `select p.channel, count(distinct p.sku) as count, min(p.at) as first from publication_log p
     where p.at >= ? and p.outcome in ('refused', 'failed') and ${outside('p.at', 'p.channel', outages, [])}
     group by p.channel order by p.channel`,
    [since, ...outages],
  )
  return rows.map(asNumbers)
}

/** What failed last, newest first: order ids or SKUs, and why. */
export interface FailureExample {
  readonly id: string
  readonly error: string | null
}

/** `channel` undefined: of all channels. */
export async function taskExamples(
  db: Db,
  { kind, since }: Pick<TaskFailures, 'kind' | 'since'>,
  channel: string | undefined,
  limit: number,
): Promise<FailureExample[]> {
  return db.rows<FailureExample>(
    `select o.external_order_id as id, max(t.last_error) as error from events e
     join tasks t on t.kind = ? and t.key = e.entity_id join orders o on o.id = t.order_id
     where ${failedEvents} ${channel === undefined ? '' : 'and t.channel = ?'}
     group by o.external_order_id order by max(e.at) desc, 1 limit ?`,
    [kind, since, `${kind} failed`, `${kind} dead`, ...(channel === undefined ? [] : [channel]), limit],
  )
}

export async function publicationExamples(
  db: Db,
  since: number,
  channel: string | undefined,
  limit: number,
): Promise<FailureExample[]> {
  return db.rows<FailureExample>(
    `select p.sku as id, max(p.detail) as error from publication_log p
     where p.at >= ? and p.outcome in ('refused', 'failed') ${channel === undefined ? '' : 'and p.channel = ?'}
     group by p.sku order by max(p.at) desc, 1 limit ?`,
    [since, ...(channel === undefined ? [] : [channel]), limit],
  )
}

function asNumbers({ channel, count, first }: FailureCount): FailureCount {
  return { channel, count: Number(count), first: Number(first) }
}
