import { EVENTS_AT_LEAST_DAYS, type Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import {
  channelsWithOrders,
  countDueOrders,
  countOldPayloads,
  countUnerased,
  type DueCount,
  type DueOrders,
} from '../db/erasure.ts'
import { countOldRows, type Journal, journals } from '../db/journals.ts'
import type { ChannelCode } from '../model/channel.ts'

const DAY_MS = 86_400_000

/** As far back as marketplaces show orders with their buyers: none of a deleted account can be read later than that. */
const DELETED_ACCOUNT_DAYS = 90

/** What nobody erases any more, since it counts as erased: a mistake of isync's. */
export const REMAINS = 'remains of erased orders'

/** One limit: what of is kept for how long. */
export type Rule =
  | { readonly kind: 'orders'; readonly days: number; readonly due: DueOrders }
  | { readonly kind: 'documents'; readonly days: number; readonly channel: ChannelCode; readonly before: number }
  | { readonly kind: 'journal'; readonly days: number; readonly journal: Journal; readonly before: number }

/** A limit and what is beyond it. Times ISO 8601 UTC. */
export interface RuleCount {
  readonly what: string
  readonly channel: string | null
  readonly days: number
  /** Everything from before this instant is to be gone. */
  readonly before: string
  readonly left: number
  readonly oldest: string | null
}

/** Every limit that holds now. With `channels` those of these channels only, and no journals: they belong to no channel. */
export async function rulesAt(
  { db, settings }: Pick<Run, 'db' | 'settings'>,
  now: number,
  channels?: readonly ChannelCode[],
): Promise<readonly Rule[]> {
  const { payloadDays, unshippedDays, unknownChannelDays } = settings.retention
  const known = await channelsWithOrders(db)
  const asked = channels === undefined ? known : known.filter((code) => channels.includes(code))
  const before = (days: number) => now - days * DAY_MS
  const ofChannels = asked.flatMap((channel): Rule[] => {
    const days = settings.channels.get(channel)?.personalDays ?? unknownChannelDays
    return [
      { kind: 'orders', days, due: { why: 'closed', channel, before: before(days) } },
      { kind: 'orders', days: unshippedDays, due: { why: 'given-up', channel, before: before(unshippedDays) } },
      { kind: 'orders', days: 0, due: { why: 'asked', channel, before: now } },
      { kind: 'documents', days: payloadDays, channel, before: before(payloadDays) },
    ]
  })
  if (channels !== undefined) return ofChannels
  const ofJournals = journals.map((journal): Rule => {
    const days = daysOf(journal, settings.retention)
    return { kind: 'journal', days, journal, before: before(days) }
  })
  return [...ofChannels, ...ofJournals]
}

function daysOf({ table }: Journal, { journalDays, inboxDays }: Run['settings']['retention']): number {
  // Webhooks hold what their senders put into them.
  if (table === 'inbox') return inboxDays
  if (table === 'deleted_accounts') return DELETED_ACCOUNT_DAYS
  return table === 'events' ? Math.max(journalDays, EVENTS_AT_LEAST_DAYS) : journalDays
}

/** Counts, apart from whatever erased, what is beyond each limit, and what is left of orders that count as erased. Reads only. */
export async function countBeyond(db: Db, rules: readonly Rule[]): Promise<RuleCount[]> {
  const counts: RuleCount[] = []
  for (const rule of rules) counts.push(toCount(rule, await countOf(db, rule)))
  for (const rule of rules) {
    if (rule.kind !== 'documents') continue
    const count = await countUnerased(db, rule.channel)
    const line = { what: REMAINS, channel: rule.channel, days: 0, before: rule.before }
    counts.push({ ...line, before: iso(line.before), left: count, oldest: null })
  }
  return counts
}

function countOf(db: Db, rule: Rule): Promise<DueCount> {
  if (rule.kind === 'orders') return countDueOrders(db, rule.due)
  if (rule.kind === 'documents') return countOldPayloads(db, rule.channel, rule.before)
  return countOldRows(db, rule.journal, rule.before)
}

function toCount(rule: Rule, { count, oldest }: DueCount): RuleCount {
  const { days } = rule
  const before = rule.kind === 'orders' ? rule.due.before : rule.before
  const channel = rule.kind === 'orders' ? rule.due.channel : rule.kind === 'documents' ? rule.channel : null
  return {
    what: nameOf(rule),
    channel,
    days,
    before: iso(before),
    left: count,
    oldest: oldest === null ? null : iso(oldest),
  }
}

const orderNames = {
  closed: 'personal data of shipped and cancelled orders',
  'given-up': 'personal data of orders given up',
  asked: 'personal data of deleted accounts',
} as const

/** What a limit is about, as an operator reads it. */
export function nameOf(rule: Rule): string {
  if (rule.kind === 'documents') return 'documents'
  if (rule.kind === 'journal') return rule.journal.name
  return orderNames[rule.due.why]
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
