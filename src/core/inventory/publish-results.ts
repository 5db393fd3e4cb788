import type { Run, RunProblem } from '../context.ts'
import { raiseAlert, resolvePublishAlert } from '../db/alerts.ts'
import { saveListings } from '../db/listings.ts'
import { type Holder, type QuantitySettlement, releaseQuantities, settleQuantities } from '../db/publication-claims.ts'
import { logPublications, type PublicationLogRow } from '../db/publication-log.ts'
import type { ConnectorError, StoppedError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { Listing } from '../model/stock.ts'
import type { QuantityOutcome } from '../ports/marketplace.ts'
import { settlementFor } from '../tasks/policy.ts'

/** How a run published on one channel, in SKUs. */
export interface PublishCounts {
  accepted: number
  /** Handed over in this run, to be reported later. */
  handed_over: number
  unlisted: number
  not_ours: number
  /** To be tried again. */
  failed: number
  /** Refused for good, or tried in vain too often. */
  refused: number
  /** Raises that wait for the channel's orders. */
  held: number
  awaiting_report: number
}

export const noPublishCounts: PublishCounts = {
  accepted: 0,
  handed_over: 0,
  unlisted: 0,
  not_ours: 0,
  failed: 0,
  refused: 0,
  held: 0,
  awaiting_report: 0,
}

/** Quantities in a run's hands, or under a report, and what became of them: one outcome per item, or none at all. */
export interface HandedOver {
  readonly channel: ChannelCode
  readonly holder: Holder
  readonly items: readonly {
    readonly sku: string
    readonly sent: number
    readonly accepted: number | null
    readonly attempts: number
    readonly why: string
  }[]
  readonly outcomes: readonly QuantityOutcome[]
  readonly error?: ConnectorError | StoppedError
}

/** At most so many problems of single SKUs stand in a run's report; the log and the books have all. */
const MOST_PROBLEMS = 20

/** Quantities that are settled by one statement: of tens of thousands at once every text would stand in memory several times. */
const SLICE = 2_000

/** Writes down what became of a hand-over: publication, history, listing, alert, all in one transaction. */
export async function settleOutcomes(run: Run, handed: HandedOver, counts: PublishCounts, errors: RunProblem[]): Promise<void> {
  const now = run.clock.now()
  const settled = await run.db.transaction(async (tx) => {
    const all: Settled = { counts: { ...noPublishCounts }, failed: [], dead: [] }
    for (let start = 0; start < handed.items.length; start += SLICE) {
      const decided = handed.items.slice(start, start + SLICE).flatMap((item, place) => {
        const outcome = handed.outcomes[start + place]
        return outcome === undefined ? [] : [{ item, outcome, settlement: settlementOf(run, item, outcome, now) }]
      })
      await settleSlice(tx, run, handed, decided, all)
    }
    if ('owner' in handed.holder) await releaseQuantities(tx, handed.holder.owner)
    await alertDead(tx, run, handed.channel, all.dead, all.counts.accepted > 0)
    return all
  })
  addCounts(counts, settled.counts)
  for (const { item, error, isDead } of settled.failed) {
    run.log.warn(
      { channel: handed.channel, step: 'inventory', sku: item.sku, error_class: error.kind, error: error.message },
      'quantity not taken',
    )
    if (handed.error === undefined && errors.length < MOST_PROBLEMS)
      errors.push(problemOf(handed.channel, item.sku, error, isDead))
  }
}

/** What was settled of a hand-over so far. */
interface Settled {
  readonly counts: PublishCounts
  readonly failed: { readonly item: Decided['item']; readonly error: ConnectorError; readonly isDead: boolean }[]
  readonly dead: Decided[]
}

async function settleSlice(
  tx: Run['db'],
  run: Run,
  handed: HandedOver,
  decided: readonly Decided[],
  all: Settled,
): Promise<void> {
  const { channel, holder } = handed
  const now = run.clock.now()
  const settlements = decided.map(({ settlement }) => settlement)
  const states = await settleQuantities(tx, channel, holder, settlements)
  const rows: PublicationLogRow[] = []
  const listings: Listing[] = []
  for (const one of decided) {
    const { item, outcome } = one
    const state = states.get(item.sku)
    if (state === undefined) continue
    const isDead = state === 'dead'
    const row = logRow(run, handed, one, now)
    if (row !== undefined) rows.push(row)
    if (outcome.status === 'unlisted') listings.push({ sku: item.sku, listed: false })
    if (outcome.status === 'not-ours') listings.push({ sku: item.sku, listed: true, fulfilment: 'marketplace' })
    if (outcome.status === 'failed') all.failed.push({ item, error: outcome.error, isDead })
    if (isDead) all.dead.push(one)
    countOutcome(all.counts, outcome, isDead)
  }
  await logPublications(tx, rows)
  await saveListings(tx, channel, listings, now)
}

interface Decided {
  readonly item: HandedOver['items'][number]
  readonly outcome: QuantityOutcome
  readonly settlement: QuantitySettlement
}

function settlementOf(run: Run, item: HandedOver['items'][number], outcome: QuantityOutcome, now: number): QuantitySettlement {
  const base = { sku: item.sku, took: 0, report: null, attempts: 0, next_attempt_at: now, error_kind: null, error: null } as const
  switch (outcome.status) {
    case 'accepted':
      return { ...base, state: 'settled', took: 1 }
    case 'reported-later':
      return { ...base, state: 'reported', report: outcome.report, attempts: item.attempts }
    case 'unlisted':
    case 'not-ours':
      return { ...base, state: outcome.status }
    case 'failed': {
      const { error } = outcome
      // Quantities are absolute: nothing has to be looked up before one is sent again.
      const plan = { attempts: item.attempts, plan: run.settings.retry.publish, now, random: run.random(), settleMs: 0 }
      const settlement = settlementFor(error, plan)
      const failed = { ...base, error_kind: error.kind, error: error.message }
      if (settlement.state === 'waiting')
        return { ...failed, state: 'due', attempts: settlement.attempts, next_attempt_at: settlement.nextAttemptAt }
      return { ...failed, state: 'dead', attempts: item.attempts }
    }
  }
}

function logRow(
  run: Run,
  handed: HandedOver,
  { item, outcome, settlement }: Decided,
  now: number,
): PublicationLogRow | undefined {
  if (outcome.status === 'reported-later') return undefined
  const dead = settlement.state === 'dead'
  return {
    id: run.ids.next(),
    at: now,
    channel: handed.channel,
    sku: item.sku,
    quantity: item.sent,
    previous: item.accepted,
    outcome: outcome.status === 'failed' ? (dead ? 'refused' : 'failed') : outcome.status,
    why: item.why,
    detail: outcome.status === 'failed' ? outcome.error.message : 'detail' in outcome ? outcome.detail : (outcome.note ?? null),
    report: 'report' in handed.holder ? handed.holder.report : null,
    run_id: run.id,
  }
}

async function alertDead(
  tx: Run['db'],
  run: Run,
  channel: ChannelCode,
  dead: readonly Decided[],
  someAccepted: boolean,
): Promise<void> {
  const now = run.clock.now()
  const [first] = dead
  if (first === undefined) {
    if (someAccepted) await resolvePublishAlert(tx, channel, now)
    return
  }
  const others = dead.length > 1 ? ` and ${dead.length - 1} more SKUs` : ''
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'publish-dead',
      channel,
      severity: 'warning',
      message: `the quantity of ${first.item.sku}${others} was given up: ${first.settlement.error ?? 'no reason'}`,
      next: `isync sku:show ${JSON.stringify(first.item.sku)}; isync inventory:rebalance --sku ${JSON.stringify(first.item.sku)} tries again`,
    },
    now,
  )
}

function countOutcome(counts: PublishCounts, { status }: QuantityOutcome, isDead: boolean): void {
  if (status === 'accepted') counts.accepted += 1
  else if (status === 'reported-later') counts.handed_over += 1
  else if (status === 'unlisted') counts.unlisted += 1
  else if (status === 'not-ours') counts.not_ours += 1
  else if (isDead) counts.refused += 1
  else counts.failed += 1
}

function addCounts(counts: PublishCounts, more: PublishCounts): void {
  counts.accepted += more.accepted
  counts.handed_over += more.handed_over
  counts.unlisted += more.unlisted
  counts.not_ours += more.not_ours
  counts.refused += more.refused
  counts.failed += more.failed
}

function problemOf(channel: ChannelCode, sku: string, error: ConnectorError, isDead: boolean): RunProblem {
  const next = isDead
    ? `isync inventory:rebalance --sku ${JSON.stringify(sku)} after the cause is mended`
    : 'nothing: a later run tries again'
  return { channel, what: `quantity of ${sku}`, why: error.message, next }
}
