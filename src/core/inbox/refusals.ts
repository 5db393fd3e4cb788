import type { Run } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { addRefusals, hourOf, type RefusalCount, refusalsSince } from '../db/refusals.ts'
import type { Refusal, WebhookSourceName } from '../ports/webhook.ts'

const HOUR_MS = 3_600_000
/** Whoever stands on the internet is asked for addresses that never were: of these ten times as many before people are told. */
const STRAY_FACTOR = 10

/** Counts requests that were refused. */
export interface Refusals {
  /** `provider` undefined: the address is nobody's. Costs nothing: it is written down later. */
  note(provider: WebhookSourceName | undefined, reason: Refusal): void
  /** Writes down what was counted since the last time, and tells people of too many. False: there was nothing. */
  flush(): Promise<boolean>
}

/** More refused requests of one sender in an hour than `most` are an alert; it is over when an hour saw fewer. */
export function countRefusals(run: Run, most: number): Refusals {
  let counted = new Map<string, RefusalCount>()
  let checkedAt = 0

  function count(one: RefusalCount): void {
    const key = `${one.provider} ${one.reason} ${one.hour}`
    counted.set(key, { ...one, count: one.count + (counted.get(key)?.count ?? 0) })
  }

  return {
    note(provider = undefined, reason) {
      count({ provider: provider ?? 'unknown', reason, hour: hourOf(run.clock.now()), count: 1 })
    },
    async flush() {
      const now = run.clock.now()
      const counts = [...counted.values()]
      if (counts.length === 0 && now - checkedAt < HOUR_MS / 12) return false
      checkedAt = now
      counted = new Map()
      try {
        await addRefusals(run.db, counts)
      } catch (error) {
        // To what was counted meanwhile: the database takes one number of a kind at a time.
        for (const one of counts) count(one)
        throw error
      }
      // One line, whatever is tried: who sends nonsense is not to fill the disk.
      const refused = counts.map((one) => `${one.provider} ${one.reason} ${one.count}`)
      if (refused.length > 0) run.log.warn({ step: 'webhooks', refused }, 'requests were refused')
      await judge(run, most, now)
      return true
    },
  }
}

/** By the hour that is under way and the one before, as far as it lies within the last sixty minutes. */
async function judge(run: Run, most: number, now: number): Promise<void> {
  const share = 1 - (now % HOUR_MS) / HOUR_MS
  const sums = new Map<string, { count: number; reasons: Set<string> }>()
  for (const { provider, reason, hour, count } of await refusalsSince(run.db, now - HOUR_MS)) {
    const sum = sums.get(provider) ?? { count: 0, reasons: new Set() }
    sum.count += hour === hourOf(now) ? count : count * share
    sum.reasons.add(reason)
    sums.set(provider, sum)
  }
  for (const provider of ['unknown', 'shipstation', 'zoho', 'ebay', 'amazon', 'orders']) {
    const { count, reasons } = sums.get(provider) ?? { count: 0, reasons: new Set<string>() }
    if (count <= most * (provider === 'unknown' ? STRAY_FACTOR : 1)) {
      await resolveAlert(run.db, 'webhooks-refused', provider, now)
      continue
    }
    const whose = provider === 'unknown' ? "to addresses that are nobody's" : `to the address of ${provider}`
    await raiseAlert(
      run.db,
      {
        id: run.ids.next(),
        rule: 'webhooks-refused',
        channel: provider,
        severity: 'warning',
        message: `about ${Math.round(count)} requests ${whose} were refused within an hour (${[...reasons].sort().join(', ')}): somebody tries, or a secret is not the one that the sender has`,
        next: 'isync webhooks:inbox tells the reasons; docs/webhooks.md tells what each means',
      },
      now,
    )
  }
}
