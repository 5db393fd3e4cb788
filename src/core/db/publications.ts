import type { ChannelCode } from '../model/channel.ts'
import { type Db, insertMany, type SqlValue, skuRecords } from './db.ts'

/**
 * - `settled`: the channel took what it should show
 * - `due`: to be sent; `sending`: in the hands of a run; `reported`: taken, and its report is awaited
 * - `unlisted`, `not-ours`: the channel has no such listing, or it is not the seller's to write
 * - `dead`: refused, or tried in vain too often
 */
export type PublicationState = 'settled' | 'due' | 'sending' | 'reported' | 'unlisted' | 'not-ours' | 'dead'

export interface PublicationRow {
  readonly channel: ChannelCode
  readonly sku: string
  readonly wanted: number
  readonly accepted: number | null
  readonly state: PublicationState
}

/** What channels should show and were last told, of SKUs in this stretch (`after` < SKU <= `to`). */
export async function publicationsBetween(db: Db, after: string, to: string): Promise<PublicationRow[]> {
  return db.rows<PublicationRow>('select channel, sku, wanted, accepted, state from publications where sku > ? and sku <= ?', [
    after,
    to,
  ])
}

export async function publicationsOf(db: Db, skus: readonly string[]): Promise<PublicationRow[]> {
  return db.rows<PublicationRow>(
    `select channel, sku, wanted, accepted, state from publications where sku in (select x.sku from ${db.dialect.recordset({ sku: 'text' })})`,
    [skuRecords(db, skus)],
  )
}

/** SKUs of each channel that it has taken a quantity of, and lists. */
export async function listedOn(db: Db): Promise<ReadonlyMap<ChannelCode, number>> {
  const rows = await db.rows<{ channel: ChannelCode; n: number }>(
    `select channel, count(*) as n from publications where accepted is not null and state not in ('unlisted', 'not-ours') group by channel`,
  )
  return new Map(rows.map(({ channel, n }) => [channel, n]))
}

/** SKUs with a number that has not reached every channel: it may have been worked out before the last orders were known. */
export async function unsettledSkus(db: Db, channels: readonly ChannelCode[]): Promise<string[]> {
  const found = new Set<string>()
  for (const channel of channels) {
    const rows = await db.rows<{ sku: string }>(
      `select sku from publications where channel = ? and state in ('due', 'sending', 'reported')`,
      [channel],
    )
    for (const { sku } of rows) found.add(sku)
  }
  return [...found]
}

export interface WantedRow {
  readonly channel: ChannelCode
  readonly sku: string
  readonly wanted: number
  /** JSON: the inputs and the rules that gave the number. */
  readonly why: string
}

/** Why a row that has just become due is not sent: nobody has looked yet whether it is a raise, and whether it may. */
export const UNJUDGED = 'the raise guard has not looked at it yet'

/**
 * Writes down what channels should show. A row whose number differs from what the channel last took becomes due; what is on its way stays so
 * and is looked at again when it settles. What was sent since and may have arrived is not undone by silence: it is told again.
 * Nothing above zero leaves before {@link holdRaises} has looked at it.
 */
export async function wantQuantities(db: Db, rows: readonly WantedRow[], runId: string, now: number): Promise<void> {
  const full = rows.map((row) => ({
    ...row,
    wanted_at: now,
    wanted_run: runId,
    state: 'due',
    next_attempt_at: now,
    held: heldAtFirst(row),
  }))
  await insertMany(
    db,
    'publications',
    full,
    `on conflict (channel, sku) do update set wanted = excluded.wanted, why = excluded.why, wanted_at = excluded.wanted_at, wanted_run = excluded.wanted_run,
       attempts = 0, next_attempt_at = excluded.next_attempt_at, held = excluded.held, last_error = null, last_error_kind = null,
       state = case when publications.state in ('sending', 'reported', 'unlisted', 'not-ours') then publications.state
         when publications.accepted = excluded.wanted and publications.sent = excluded.wanted then 'settled' else 'due' end`,
  )
}

function heldAtFirst({ wanted }: WantedRow): string | null {
  return wanted > 0 ? UNJUDGED : null
}

/** Sends what is settled or was given up once more: all of a channel, or these SKUs. Returns how many. */
export async function dueAgain(
  db: Db,
  channel: ChannelCode,
  which: { readonly states: readonly PublicationState[]; readonly skus?: readonly string[] },
  now: number,
): Promise<number> {
  const values: SqlValue[] = [UNJUDGED, now, channel, ...which.states]
  const states = which.states.map(() => '?').join(', ')
  const narrow = which.skus === undefined ? '' : `and sku in (select x.sku from ${db.dialect.recordset({ sku: 'text' })})`
  if (which.skus !== undefined) values.push(skuRecords(db, which.skus))
  return db.run(
    `update publications set state = 'due', held = case when wanted > 0 then ? end, attempts = 0, next_attempt_at = ?, last_error = null, last_error_kind = null
     where channel = ? and state in (${states}) ${narrow}`,
    values,
  )
}

/** A number that a channel took is on show after so long: Amazon's contract speaks of minutes, an import waits for its turn. Milliseconds. */
const ON_SHOW_MS = 5 * 60_000

/**
 * Units of this row's SKU that orders of its own channel took from a number that stood since an instant: the channel has lowered itself by them. Not by
 * those placed before the number was surely on show: it may have overwritten what they took.
 */
const soldHere = (since: string) =>
  `coalesce((select sum(m.delta) from stock_movements m join orders o on o.channel = m.channel and o.external_order_id = m.external_order_id
     where m.sku = p.sku and m.channel = p.channel and m.reason = 'sold' and m.at >= ${since} and o.order_created_at >= ${since} + ${ON_SHOW_MS}), 0)`

/** What the channel shows at most now, as far as we know; nothing known counts as nothing shown, so that a first number is a raise. */
const shownNow = `(case when p.accepted is null
  then coalesce((select l.quantity + ${soldHere('l.checked_at')} from listings l where l.channel = p.channel and l.sku = p.sku), 0)
  else p.accepted + ${soldHere('p.accepted_at')} end)`

/**
 * The raise guard: due rows that would put more on show than there is now wait while the channel's orders were not pulled since their stock was
 * read. `pulledAt`: epoch ms of what has been pulled, undefined never. Returns how many wait.
 */
export async function holdRaises(db: Db, channel: ChannelCode, pulledAt: number | undefined, why: string): Promise<number> {
  const raise = `p.wanted >= ${shownNow} and p.wanted > 0`
  const unpulled = 'exists (select 1 from stock s where s.sku = p.sku and s.read_at > ?)'
  await db.run(
    `update publications as p set held = null where p.channel = ? and p.state = 'due' and p.held is not null and not (${raise} and ${unpulled})`,
    [channel, pulledAt ?? -1],
  )
  return db.run(`update publications as p set held = ? where p.channel = ? and p.state = 'due' and ${raise} and ${unpulled}`, [
    why,
    channel,
    pulledAt ?? -1,
  ])
}

/** Lets every held row go: the guard is switched off. */
export async function holdNothing(db: Db, channel: ChannelCode): Promise<void> {
  await db.run(`update publications set held = null where channel = ? and held is not null`, [channel])
}

export interface DueCounts {
  readonly due: number
  readonly held: number
  readonly reported: number
}

export async function countDue(db: Db, channel: ChannelCode, now: number): Promise<DueCounts> {
  const [row] = await db.rows<DueCounts>(
    `select coalesce(sum(case when (state = 'due' and held is null and next_attempt_at <= ?) or (state = 'sending' and lease_until < ?) then 1 else 0 end), 0) as due,
       coalesce(sum(case when state = 'due' and held is not null then 1 else 0 end), 0) as held,
       coalesce(sum(case when state = 'reported' then 1 else 0 end), 0) as reported
     from publications where channel = ? and state in ('due', 'sending', 'reported')`,
    [now, now, channel],
  )
  return row ?? { due: 0, held: 0, reported: 0 }
}

export interface PublicationDetail extends PublicationRow {
  readonly why: string
  readonly wanted_at: number
  readonly accepted_at: number | null
  readonly held: string | null
  readonly sent: number | null
  readonly sent_at: number | null
  readonly report: string | null
  readonly attempts: number
  readonly next_attempt_at: number
  readonly last_error: string | null
  /** What the channel showed when it was last looked at. */
  readonly live: number | null
  readonly checked_at: number | null
}

/** Everything about one SKU on every channel. */
export async function publicationDetails(db: Db, sku: string): Promise<PublicationDetail[]> {
  return db.rows<PublicationDetail>(
    `select p.channel, p.sku, p.wanted, p.accepted, p.state, p.why, p.wanted_at, p.accepted_at, p.held, p.sent, p.sent_at, p.report, p.attempts,
       p.next_attempt_at, p.last_error, l.quantity as live, l.checked_at
     from publications p left join listings l on l.channel = p.channel and l.sku = p.sku where p.sku = ? order by p.channel`,
    [sku],
  )
}
