import type { RunProblem, Verdict } from './context.ts'
import type { LeaseHolder } from './db/leases.ts'
import type { WorkReport } from './tasks/work.ts'

/** How one channel (or ShipStation) fared in a run. */
export interface ChannelReport<C> {
  readonly channel: string
  readonly counts: C
  readonly errors: readonly RunProblem[]
  /** Another run is at work on this channel. */
  readonly heldBy?: LeaseHolder
  /** What an operator paused of this channel, in words. */
  readonly paused?: string
  readonly outcome: 'done' | 'partly' | 'down' | 'held elsewhere' | 'paused'
}

/** All fine: done. Everything down: vendor-down. Anything in between: partly. What another run holds, or a person paused, counts for nothing. */
export function verdictOf(channels: readonly Pick<ChannelReport<unknown>, 'outcome'>[]): Verdict {
  const worked = channels.filter(({ outcome }) => outcome !== 'held elsewhere' && outcome !== 'paused')
  if (worked.every(({ outcome }) => outcome === 'done')) return 'done'
  return worked.every(({ outcome }) => outcome === 'down') ? 'vendor-down' : 'partly'
}

/** One report a channel, of several steps of one run. Steps that fared differently make it done in part; one left alone counts for nothing. */
export function joined(reports: readonly ChannelReport<object>[]): readonly ChannelReport<object>[] {
  return [...Map.groupBy(reports, ({ channel }) => channel).values()].flatMap((steps) => {
    const worked = steps.filter(({ outcome }) => outcome !== 'held elsewhere' && outcome !== 'paused')
    const [first = steps[0]] = worked
    if (first === undefined) return []
    const isAlike = worked.every(({ outcome }) => outcome === first.outcome)
    const outcome = isAlike ? first.outcome : ('partly' as const)
    return [{ ...Object.assign({}, ...steps), ...first, errors: steps.flatMap(({ errors }) => errors), outcome }]
  })
}

/** The report of a channel that another run is at work on. */
export function heldElsewhere<C>(channel: string, counts: C, holder: LeaseHolder | undefined): ChannelReport<C> {
  return { channel, counts, errors: [], outcome: 'held elsewhere', ...(holder === undefined ? {} : { heldBy: holder }) }
}

/** The report of a channel that is left alone because somebody paused it. */
export function leftAlone<C>(channel: string, counts: C, paused: string): ChannelReport<C> {
  return { channel, counts, errors: [], outcome: 'paused', paused }
}

/** Down: the whole account failed before anything was done. Throttled is not down: the work goes on in a later run. */
export function outcomeOf(work: WorkReport): ChannelReport<unknown>['outcome'] {
  const { stoppedBy } = work
  if (stoppedBy !== undefined && stoppedBy.kind !== 'throttled' && work.done === 0) return 'down'
  return work.waiting + work.dead > 0 || stoppedBy !== undefined ? 'partly' : 'done'
}
