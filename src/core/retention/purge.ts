import type { Run, Verdict } from '../context.ts'
import { type DueOrder, deleteOldPayloads, dueOrders } from '../db/erasure.ts'
import { deleteOldRows } from '../db/journals.ts'
import type { LeaseHolder } from '../db/leases.ts'
import { giveRoomBack } from '../db/room.ts'
import type { ChannelCode } from '../model/channel.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { eraseBatch } from './erase-orders.ts'
import { countBeyond, nameOf, type Rule, type RuleCount, rulesAt } from './rules.ts'

/** Rows of one transaction: short enough that nobody waits for it. */
const BATCH = 500

/** What was erased of one kind, of one channel where it belongs to one. */
export interface Erased {
  readonly what: string
  readonly channel: string | null
  readonly rows: number
  /** Documents that went with their orders. */
  readonly documents: number
}

export interface PurgeReport {
  readonly erased: readonly Erased[]
  /** Counted anew after everything was erased: `left` must be 0 everywhere. */
  readonly proof: readonly RuleCount[]
  /** Why erased bytes may still lie in the database's own files; undefined when they do not. */
  readonly remains: string | undefined
  /** Another purge is at work; nothing was done here. */
  readonly heldBy?: LeaseHolder | 'somebody'
  readonly verdict: Verdict
}

/**
 * Erases everything that is older than its limit, in short transactions: after a kill the next run goes on with what is left. Then counts by
 * a question of its own what is still there. With `channels` only what belongs to these.
 */
export async function purge(
  run: Run,
  channels: readonly ChannelCode[] | undefined,
  onProgress: (text: string) => void,
): Promise<PurgeReport> {
  const attempt = await exclusively(run, 'purge', (signal) => purgeAlone({ ...run, signal }, channels, onProgress))
  if (attempt.ran) return attempt.result
  return { erased: [], proof: [], remains: undefined, heldBy: attempt.holder ?? 'somebody', verdict: 'done' }
}

async function purgeAlone(
  run: Run,
  channels: readonly ChannelCode[] | undefined,
  onProgress: (text: string) => void,
): Promise<PurgeReport> {
  const rules = await rulesAt(run, run.clock.now(), channels)
  const erased: Erased[] = []
  for (const rule of rules) {
    const tell = (rows: number) =>
      onProgress(`${nameOf(rule)}${channelOf(rule) === null ? '' : ` of ${channelOf(rule)}`}: ${rows}`)
    const done = await eraseBeyond(run, rule, tell)
    erased.push({ what: nameOf(rule), channel: channelOf(rule), ...done })
    if (done.rows > 0) run.log.info({ step: 'purge', what: nameOf(rule), channel: channelOf(rule), ...done }, 'erased')
  }
  const remains = await giveRoomBack(run.db, tablesOf(rules))
  const proof = await countBeyond(run.db, rules)
  const clean = remains === undefined && proof.every(({ left }) => left === 0)
  return { erased, proof, remains, verdict: clean && !run.signal.aborted ? 'done' : 'partly' }
}

type Done = Pick<Erased, 'rows' | 'documents'>

async function eraseBeyond(run: Run, rule: Rule, tell: (rows: number) => void): Promise<Done> {
  if (rule.kind === 'orders') return erasePersonal(run, rule, tell)
  if (rule.kind === 'documents') return eraseDocuments(run, rule, tell)
  return eraseJournal(run, rule, tell)
}

async function erasePersonal(run: Run, { due }: Extract<Rule, { kind: 'orders' }>, tell: (rows: number) => void): Promise<Done> {
  const total = { rows: 0, documents: 0 }
  let last: DueOrder | undefined
  while (!run.signal.aborted) {
    const batch = await dueOrders(run.db, due, last, BATCH)
    if (batch.length === 0) break
    last = batch.at(-1)
    const ids = batch.map(({ id }) => id)
    const done = await run.db.transaction((tx) => eraseBatch(tx, run, due, ids))
    total.rows += done.orders.length
    total.documents += done.documents
    tell(total.rows)
  }
  return total
}

async function eraseDocuments(
  run: Run,
  { channel, before }: Extract<Rule, { kind: 'documents' }>,
  tell: (rows: number) => void,
): Promise<Done> {
  let rows = 0
  while (!run.signal.aborted) {
    const deleted = await deleteOldPayloads(run.db, channel, before, BATCH)
    rows += deleted
    if (deleted > 0) tell(rows)
    if (deleted < BATCH) break
  }
  return { rows, documents: 0 }
}

async function eraseJournal(
  run: Run,
  { journal, before }: Extract<Rule, { kind: 'journal' }>,
  tell: (rows: number) => void,
): Promise<Done> {
  let rows = 0
  let place: Awaited<ReturnType<typeof deleteOldRows>>['next']
  do {
    if (run.signal.aborted) break
    const step = await deleteOldRows(run.db, journal, before, place, BATCH)
    rows += step.deleted
    if (step.deleted > 0) tell(rows)
    place = step.next
  } while (place !== undefined)
  return { rows, documents: 0 }
}

function channelOf(rule: Rule): ChannelCode | null {
  if (rule.kind === 'journal') return null
  return rule.kind === 'orders' ? rule.due.channel : rule.channel
}

function tablesOf(rules: readonly Rule[]): readonly string[] {
  const own = rules.flatMap((rule) =>
    rule.kind === 'journal' ? [rule.journal.table] : ['orders', 'order_payloads', 'tasks', 'buyer_accounts'],
  )
  return [...new Set(own)]
}
