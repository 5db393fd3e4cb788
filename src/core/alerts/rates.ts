import type { FailureRate, RateLimits, Run } from '../context.ts'
import { openOfRules, raiseAlert, resolveAlert, type Severity } from '../db/alerts.ts'
import {
  type FailureCount,
  type FailureExample,
  failedPublications,
  failedTasks,
  publicationExamples,
  taskExamples,
} from '../db/failure-counts.ts'
import { accountRules } from './rules.ts'

const HOUR_MS = 3_600_000
/** Ids that a message names. */
const EXAMPLES = 3
/** What stands for all channels together. */
const ALL = 'all'

interface Rate {
  readonly name: FailureRate
  readonly rule: string
  /** `orders could not be created in ShipStation` */
  readonly words: string
  readonly count: (run: Run, since: number) => Promise<FailureCount[]>
  readonly examples: (run: Run, since: number, channel: string | undefined) => Promise<FailureExample[]>
  readonly next: (channel: string | undefined) => string
}

const rates: readonly Rate[] = [
  ofTasks('orders', 'push', 'orders could not be created in ShipStation'),
  ofTasks('confirmations', 'confirm', 'shipments could not be confirmed'),
  {
    name: 'publications',
    rule: 'publications-failing',
    words: 'SKUs whose quantity was not taken',
    count: (run, since) => failedPublications(run.db, { since, outages: accountRules }),
    examples: (run, since, channel) => publicationExamples(run.db, since, channel, EXAMPLES),
    next: (channel) => `isync alloc:preview --changed${channel === undefined ? '' : ` --channel ${channel}`}`,
  },
]

function ofTasks(name: FailureRate, kind: 'push' | 'confirm', words: string): Rate {
  return {
    name,
    rule: `${name}-failing`,
    words,
    count: (run, since) => failedTasks(run.db, { kind, since, outages: accountRules }),
    examples: (run, since, channel) => taskExamples(run.db, { kind, since }, channel, EXAMPLES),
    next: (channel) => `isync retry --kind ${kind}${channel === undefined ? '' : ` --channel ${channel}`}`,
  }
}

/** Raises and ends the alerts about failures of the last hour: of each channel, and of all where only their sum is too much. */
export async function alertRates(run: Run): Promise<void> {
  const now = run.clock.now()
  const open = await openRates(run)
  for (const rate of rates) {
    const counts = await rate.count(run, now - HOUR_MS)
    const due = tooMany(counts, run.settings.alerts.rates[rate.name])
    for (const one of due) await raise(run, rate, one, now)
    for (const channel of open.get(rate.rule) ?? [])
      if (!due.some((one) => one.channel === channel)) await resolveAlert(run.db, rate.rule, channel, now)
  }
}

/** The rate alerts that are open: rule -> channels. */
async function openRates(run: Run): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await openOfRules(
    run.db,
    rates.map(({ rule }) => rule),
  )
  const found = new Map<string, string[]>()
  for (const { rule, channel } of rows) found.set(rule, [...(found.get(rule) ?? []), channel])
  return found
}

export interface TooMany extends FailureCount {
  readonly severity: Severity
}

/** More than a limit, as F5 has it: at the limit nothing is said. The sum counts where it is graver than every part. */
export function tooMany(counts: readonly FailureCount[], limits: RateLimits): readonly TooMany[] {
  const own = counts.flatMap((one): TooMany[] => {
    const severity = severityOf(one.count, limits)
    return severity === undefined ? [] : [{ ...one, severity }]
  })
  const sum = counts.reduce((total, { count }) => total + count, 0)
  const severity = severityOf(sum, limits)
  if (severity === undefined || own.some((one) => one.severity === severity || one.severity === 'critical')) return own
  return [...own, { channel: ALL, count: sum, first: Math.min(...counts.map(({ first }) => first)), severity }]
}

function severityOf(count: number, { warning, critical }: RateLimits): Severity | undefined {
  if (count > critical) return 'critical'
  return count > warning ? 'warning' : undefined
}

async function raise(run: Run, rate: Rate, { channel, count, first, severity }: TooMany, now: number): Promise<void> {
  const one = channel === ALL ? undefined : channel
  const examples = await rate.examples(run, now - HOUR_MS, one)
  const ids = examples.map(({ id }) => id).join(', ')
  const error = examples[0]?.error ?? undefined
  const since = new Date(first).toISOString().slice(11, 16)
  const message = `${count} ${rate.words} in the last hour (the first at ${since}Z), such as ${ids}${error === undefined ? '' : `: ${error}`}`
  await raiseAlert(run.db, { id: run.ids.next(), rule: rate.rule, channel, severity, message, next: rate.next(one) }, now)
}
