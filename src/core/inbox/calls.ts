import type { Run } from '../context.ts'
import { type CallsByAccount, periodOf, writeRunCalls } from '../db/run-calls.ts'
import type { CallCounts } from '../ports/gate.ts'

/** Writes down what a run asks of vendors while it goes on, for the day on which it did: it may go on for weeks. */
export interface CallJournal {
  /** Of calls since the last time; they count where this time lies. False: there were none. */
  flush(): Promise<boolean>
}

/** `counts`: all calls since the run began. */
export function openCallJournal(run: Run, counts: () => CallsByAccount): CallJournal {
  /** All calls before `period`, and up to the last time. */
  let before: CallsByAccount = {}
  let last: CallsByAccount | undefined
  let period = periodOf(run.clock.now())
  return {
    async flush() {
      const [now, current] = [counts(), periodOf(run.clock.now())]
      const isFirst = last === undefined
      if (!isFirst && same(now, last ?? {})) return false
      const base = current === period ? before : (last ?? {})
      await writeRunCalls(run.db, run.id, current, since(now, base))
      ;[before, last, period] = [base, now, current]
      return !isFirst || Object.keys(now).length > 0
    },
  }
}

function since(now: CallsByAccount, base: CallsByAccount): CallsByAccount {
  const accounts = Object.entries(now).map(([account, counts]): [string, CallCounts] => {
    const more = Object.entries(counts).map(([operation, n]): [string, number] => [
      operation,
      n - (base[account]?.[operation] ?? 0),
    ])
    return [account, Object.fromEntries(more.filter(([, n]) => n > 0))]
  })
  return Object.fromEntries(accounts.filter(([, counts]) => Object.keys(counts).length > 0))
}

function same(one: CallsByAccount, other: CallsByAccount): boolean {
  return Object.keys(since(one, other)).length === 0
}
