import type { Run } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import {
  type ClaimedDelivery,
  claimDeliveries,
  countDead,
  type DeliverySettlement,
  releaseDeliveries,
  renewDeliveries,
  settleDelivery,
} from '../db/inbox.ts'
import { isConnectorError, OperatorError, StoppedError } from '../errors.ts'
import type { Trigger } from '../model/trigger.ts'
import { eraseBuyer } from '../retention/erase-buyer.ts'
import { BEATS_PER_LEASE, whileAlive } from '../tasks/heartbeat.ts'
import type { DeliveryResult, Hands, Read, Results } from './hands.ts'
import { openBody, sealBody } from './keep.ts'
import { takeOrders } from './orders.ts'
import { takePackages } from './packages.ts'
import { MOST_TRIES, waitFor } from './retry.ts'
import { takeStock } from './stock.ts'

/** Deliveries of one claim. What they ask for is asked of the vendor once for all of them. */
const BATCH = 200
/** How often the deliveries of one claim are parted to find the one on which the program fails: of 200 it takes eight. */
const MOST_SPLITS = 24
/** Tries of a delivery on which the program itself fails. */
const MOST_MISHAPS = 5

export interface InboxCounts {
  readonly done: number
  readonly later: number
  readonly dead: number
  /** Those of `later` about which the vendor has answered and shows nothing yet. */
  readonly looked: number
}

/** Works what one sender has delivered, once through what is due now. Errors of ours are data as well: a delivery on which we fail must not take others along. */
export async function workInbox(
  run: Run,
  hands: Hands,
  { provider, channel }: { readonly provider: string; readonly channel: string },
): Promise<InboxCounts> {
  const owner = run.ids.next()
  const { leaseMs } = run.settings
  const now = run.clock.now()
  const claimed = await claimDeliveries(run.db, { provider, channel, limit: BATCH }, { owner, until: now + leaseMs }, now)
  if (claimed.length === 0) return { done: 0, later: 0, dead: 0, looked: 0 }
  async function renew(): Promise<boolean> {
    const at = run.clock.now()
    return (await renewDeliveries(run.db, owner, at + leaseMs, at)) > 0
  }
  try {
    const heart = { clock: run.clock, everyMs: leaseMs / BEATS_PER_LEASE, signal: run.signal, renew }
    const results = await whileAlive(heart, (signal) => handle({ ...run, signal }, hands, claimed))
    return await settleAll(run, claimed, results, owner)
  } finally {
    await releaseDeliveries(run.db, owner, run.clock.now())
  }
}

async function handle(run: Run, hands: Hands, claimed: readonly ClaimedDelivery[]): Promise<Results> {
  const results: Results = new Map()
  const reads: Read[] = []
  for (const delivery of claimed) {
    try {
      reads.push({ delivery, trigger: readOne(run, hands, delivery) })
    } catch (error) {
      // A body that a missing key keeps shut waits for the key; the others do not wait with it.
      results.set(delivery.id, afterMishap(error, wordsOf(error), delivery.attempts))
    }
  }
  const budget = { splits: MOST_SPLITS }
  const attempt = async <R extends Read>(own: readonly R[], work: (some: readonly R[]) => Promise<Results>) => {
    if (own.length === 0 || run.signal.aborted) return
    for (const [id, result] of await guarded(run, own, work, budget)) results.set(id, result)
  }
  const packages = only(reads, 'packages')
  await attempt(packages, (some) => takePackages(run, hands.shipping, some))
  const orders = only(reads, 'orders')
  await attempt(orders, (some) => takeOrders(run, hands.marketplaces, some))
  const stock = only(reads, 'stock')
  await attempt(stock, (some) => takeStock(run, hands.stock, some))
  for (const read of only(reads, 'erase-buyer')) await attempt([read], () => forget(run, hands, read))
  for (const read of only(reads, 'consent-revoked')) await attempt([read], () => tellRevoked(run, hands, read))
  for (const { delivery, trigger } of reads) {
    if (trigger.kind === 'nothing') results.set(delivery.id, { status: 'done', outcome: trigger.why })
    if (trigger.kind === 'unreadable') results.set(delivery.id, { status: 'dead', why: trigger.why, kind: 'permanent' })
  }
  return results
}

function only<K extends Trigger['kind']>(reads: readonly Read[], kind: K): readonly Read<K>[] {
  return reads.filter((read): read is Read<K> => read.trigger.kind === kind)
}

function readOne(run: Run, { sources }: Hands, delivery: ClaimedDelivery): Trigger {
  const source = sources.find(({ name }) => name === delivery.provider)
  if (source === undefined) return { kind: 'unreadable', why: `the configuration has no webhooks.${delivery.provider} any more` }
  const { topic, channel } = delivery
  const body = openBody(run.vault, delivery)
  if (body.length === 0) return { kind: 'nothing', why: 'what it said was erased when it had been done' }
  return source.read({ topic, body, ...(channel === '' ? {} : { channel }) })
}

/**
 * Whatever is thrown becomes the result of these deliveries. Where the program itself failed, each half is tried by itself, so that in the end
 * only the one pays that it fails on; where everything fails, the database say, that soon ends.
 */
async function guarded<R extends Read>(
  run: Run,
  reads: readonly R[],
  work: (some: readonly R[]) => Promise<Results>,
  budget: { splits: number },
): Promise<Results> {
  try {
    return await work(reads)
  } catch (error) {
    if (error instanceof StoppedError) return new Map()
    const isOurs = !(error instanceof OperatorError || isConnectorError(error))
    if (isOurs && reads.length > 1 && budget.splits > 0) {
      budget.splits -= 1
      const middle = Math.ceil(reads.length / 2)
      const first = await guarded(run, reads.slice(0, middle), work, budget)
      return new Map([...first, ...(await guarded(run, reads.slice(middle), work, budget))])
    }
    const why = wordsOf(error)
    run.log.error({ step: 'webhooks', error: why }, 'a delivery could not be worked on')
    return new Map(reads.map(({ delivery }) => [delivery.id, afterMishap(error, why, delivery.attempts)]))
  }
}

/** Of an error of our own only its kind is told: its text may hold anything. */
function wordsOf(error: unknown): string {
  if (error instanceof OperatorError || isConnectorError(error)) return error.message
  return `the program failed on it: ${error instanceof Error ? error.name : typeof error}`
}

function afterMishap(error: unknown, why: string, attempts: number): DeliveryResult {
  const kind = isConnectorError(error) ? error.kind : 'retryable'
  if (kind === 'permanent') return { status: 'dead', why, kind }
  const most = isConnectorError(error) || error instanceof OperatorError ? MOST_TRIES : MOST_MISHAPS
  if (attempts + 1 >= most) return { status: 'dead', why, kind }
  return { status: 'later', inMs: waitFor(attempts), why, kind, spends: true }
}

async function forget(run: Run, hands: Hands, { delivery, trigger }: Read<'erase-buyer'>): Promise<Results> {
  const { erased, later, left } = await eraseBuyer(run, trigger, hands.marketplaces)
  const outcome = `account deleted at the marketplace: ${erased} order(s) erased, ${later} to be erased once shipped, ${left} left`
  if (left > 0) return new Map([[delivery.id, { status: 'later', inMs: 60_000, why: outcome, kind: 'retryable', spends: true }]])
  return new Map([[delivery.id, { status: 'done', outcome, forget: true }]])
}

/** A marketplace signs alike for every seller of whatever program: whether it is ours who is meant, the account itself tells. */
async function tellRevoked(run: Run, { marketplaces }: Hands, { delivery, trigger }: Read<'consent-revoked'>): Promise<Results> {
  const refused: string[] = []
  for (const connector of marketplaces.filter(({ channel }) => trigger.channels.includes(channel))) {
    const { ok } = await connector.health(run.signal)
    if (ok) continue
    const { channel } = connector
    refused.push(channel)
    const message = 'the marketplace says that the seller took back the consent by which isync works, and its account is not well'
    const next = `isync doctor --channel ${channel}`
    // The rule of pulls: the first one that works again ends it.
    const alert = { id: run.ids.next(), rule: 'pull-failed', channel, severity: 'critical', message, next } as const
    await raiseAlert(run.db, alert, run.clock.now())
  }
  const outcome = refused.length === 0 ? 'a consent was taken back; our accounts work' : `told people about ${refused.join(', ')}`
  return new Map([[delivery.id, { status: 'done', outcome }]])
}

async function settleAll(run: Run, claimed: readonly ClaimedDelivery[], results: Results, owner: string): Promise<InboxCounts> {
  const counts = { done: 0, later: 0, dead: 0, looked: 0 }
  const now = run.clock.now()
  await run.db.transaction(async (tx) => {
    for (const key of Object.keys(counts)) counts[key as keyof typeof counts] = 0
    for (const delivery of claimed) {
      const result = results.get(delivery.id)
      if (result === undefined) continue
      const settlement = settlementOf(run, delivery, result, now)
      if (!(await settleDelivery(tx, delivery, owner, settlement, now))) continue
      counts[settlement.state === 'waiting' ? 'later' : settlement.state] += 1
      if (settlement.state === 'waiting' && 'looked' in result) counts.looked += 1
      if (settlement.state !== 'dead') continue
      run.log.warn({ step: 'webhooks', provider: delivery.provider, delivery: delivery.id, error: settlement.error }, 'given up')
      await raiseAlert(tx, deadAlert(run, delivery, settlement.error), now)
    }
    const provider = claimed[0]?.provider ?? ''
    if (counts.done > 0 && (await countDead(tx, provider)) === 0) await resolveAlert(tx, 'dead-delivery', provider, now)
  })
  return counts
}

function settlementOf(run: Run, delivery: ClaimedDelivery, result: DeliveryResult, now: number): DeliverySettlement {
  const { attempts, provider, key } = delivery
  if (result.status === 'done') {
    const { outcome, forget: gone, unproven } = result
    if (gone === true) return { state: 'done', outcome, body: sealBody(run.vault, provider, key, Buffer.alloc(0)) }
    return { state: 'done', outcome, ...(unproven === true ? underOtherKey(run, delivery) : {}) }
  }
  const failed = { errorKind: result.kind, error: result.why, keepSent: false }
  if (result.status === 'dead' || attempts >= MOST_TRIES) return { state: 'dead', attempts, ...failed }
  return { state: 'waiting', nextAttemptAt: now + result.inMs, attempts: attempts + (result.spends ? 1 : 0), ...failed }
}

/** Whoever knows an address can speak of what is to come: that must not be what the true message is taken for. */
function underOtherKey({ vault }: Run, delivery: ClaimedDelivery): { readonly key: string; readonly body: string } {
  const { id, provider } = delivery
  const key = `unproven-${id}`
  return { key, body: sealBody(vault, provider, key, openBody(vault, delivery)) }
}

function deadAlert(run: Run, { id, provider, topic }: ClaimedDelivery, why: string) {
  return {
    id: run.ids.next(),
    rule: 'dead-delivery',
    channel: provider,
    severity: 'warning',
    message: `a webhook of ${provider} (${topic}) was given up: ${why}`,
    // There may be more of them than the one that is told of.
    next: `isync webhooks:inbox --source ${provider} --state dead; mend the cause, then: isync webhooks:replay ${id}`,
  } as const
}
