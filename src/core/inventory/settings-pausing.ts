import type { Run } from '../context.ts'
import { OperatorError } from '../errors.ts'
import type { Paused } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { settingKeyText } from './setting-keys.ts'
import { assertChannelCode, rewriteSetting } from './settings-change.ts'
import { type Pause, pausesAfter, pausesIn, pausesText, stillOn } from './settings-pauses.ts'

/** A channel's pauses before and after, those that ended by themselves left out. */
export interface PauseChange {
  readonly channel: ChannelCode
  readonly old: readonly Pause[]
  readonly now: readonly Pause[]
  readonly changed: boolean
}

/**
 * Pauses parts of a channel, each until `until` (epoch ms) or until somebody resumes it. Pauses of other parts stay. Throws OperatorError
 * (exit 2) for an unknown channel or a time that is over.
 */
export async function pauseChannel(
  run: Run,
  channel: ChannelCode,
  parts: readonly Paused[],
  until?: number,
): Promise<PauseChange> {
  assertChannelCode(run, channel)
  if (until !== undefined && until <= run.clock.now()) throw overAlready(channel, until)
  const added = parts.map((what): Pause => (until === undefined ? { what } : { what, until }))
  return changePauses(run, channel, 'paused', (old) => [...old.filter(({ what }) => !parts.includes(what)), ...added])
}

/**
 * Ends the pauses of these parts of a channel, or all of them. Throws OperatorError (exit 2) for an unknown channel, and when a part is to go
 * on while the whole channel is paused.
 */
export async function resumeChannel(run: Run, channel: ChannelCode, parts?: readonly Paused[]): Promise<PauseChange> {
  assertChannelCode(run, channel)
  return changePauses(run, channel, 'resumed', (old) => {
    if (parts === undefined) return []
    if (!parts.includes('all') && old.some(({ what }) => what === 'all')) throw wholly(channel)
    return old.filter(({ what }) => !parts.includes(what))
  })
}

async function changePauses(
  run: Run,
  channel: ChannelCode,
  what: string,
  decide: (old: readonly Pause[]) => readonly Pause[],
): Promise<PauseChange> {
  let [old, now]: readonly [readonly Pause[], readonly Pause[]] = [[], []]
  await rewriteSetting(run, settingKeyText({ level: 'channel', channel, part: 'paused' }), what, (text) => {
    const at = run.clock.now()
    const before = pausesIn(text)
    old = stillOn(before, at)
    const after = pausesAfter(before, decide(old), at)
    now = stillOn(after, at)
    return pausesText(now) === pausesText(old) ? text : pausesText(after)
  })
  return { channel, old, now, changed: pausesText(old) !== pausesText(now) }
}

function overAlready(channel: ChannelCode, until: number): OperatorError {
  return new OperatorError({
    what: `${channel} was not paused`,
    where: 'isync pause',
    why: `${new Date(until).toISOString()} is over already`,
    next: `isync pause ${channel} --until 2h, or a time to come`,
  })
}

function wholly(channel: ChannelCode): OperatorError {
  return new OperatorError({
    what: `${channel} was not resumed`,
    where: 'isync resume',
    why: 'the whole channel is paused, not a part of it',
    next: `isync resume ${channel}, after isync pause ${channel} with the parts that are to stay paused`,
  })
}
