import type { RunProblem } from '../context.ts'
import type { ClaimedTask, Settlement } from '../model/task.ts'

/** What became of the tasks of one run, as far as it has come. */
export interface Tally {
  done: number
  waiting: number
  dead: number
  readonly problems: RunProblem[]
}

/** Books a settled task; the first fifty failures with what to do about each. */
export function count(tally: Tally, task: ClaimedTask, settlement: Settlement): void {
  if (settlement.state === 'done') {
    tally.done += 1
    return
  }
  tally[settlement.state] += 1
  if (tally.problems.length >= 50) return
  const next =
    settlement.state === 'dead'
      ? `mend the cause, then: isync retry --id ${task.id}`
      : `nothing: tried again after ${new Date(settlement.nextAttemptAt).toISOString()} (now: isync retry --id ${task.id})`
  tally.problems.push({ channel: task.channel, what: `${task.kind} ${task.key}`, why: settlement.error, next })
}

/** Whoever asked for this very task must hear that it was not worked. */
export function countPostponed(tally: Tally, settleMs: number, task: ClaimedTask): void {
  tally.waiting += 1
  const until = new Date((task.sentAt ?? 0) + settleMs).toISOString()
  const why = 'an earlier request of it may still be on its way into the books of the other side'
  tally.problems.push({
    channel: task.channel,
    what: `${task.kind} ${task.key}`,
    why,
    next: `nothing: looked up and tried again after ${until}`,
  })
}
