import type { ChannelReport } from '../../core/channel-report.ts'
import type { CallCounts } from '../../core/ports/gate.ts'
import { type Output, printProblems } from './print.ts'

/** Channels as SPEC 8.1 gives them: `{ channel, counts, calls, errors }`. */
export function channelDocuments<C extends object>(
  channels: readonly ChannelReport<C>[],
  calls: Readonly<Record<string, CallCounts>>,
): readonly Record<string, unknown>[] {
  return channels.map(({ channel, counts, errors, outcome, heldBy, paused }) => ({
    channel,
    outcome,
    counts,
    calls: calls[channel] ?? {},
    errors,
    ...(paused === undefined ? {} : { paused }),
    ...(heldBy === undefined
      ? {}
      : { held_by: { host: heldBy.host, pid: heldBy.pid, since: new Date(heldBy.taken_at).toISOString() } }),
  }))
}

/**
 * One row per channel, then who is held up by another run, then what went wrong. Without `calls` there is no column of them: where a run
 * shows its channels twice, its calls stand in one place.
 */
export function printChannels<C extends object>(
  output: Output,
  channels: readonly ChannelReport<C>[],
  calls?: Readonly<Record<string, CallCounts>>,
): void {
  const columns = [...new Set(channels.flatMap(({ counts }) => Object.keys(counts)))]
  output.table(
    ['channel', ...columns.map((name) => name.replaceAll('_', ' ')), ...(calls === undefined ? [] : ['calls']), 'outcome'],
    channels.map(({ channel, counts, outcome }) => [
      channel,
      ...columns.map((name) => (counts as Record<string, number>)[name] ?? 0),
      ...(calls === undefined ? [] : [Object.values(calls[channel] ?? {}).reduce((sum, count) => sum + count, 0)]),
      outcome,
    ]),
  )
  for (const { channel, paused } of channels) {
    if (paused !== undefined) output.line(`${channel}: paused: ${paused}; isync resume ${channel} ends it.`)
  }
  const held = channels.flatMap(({ channel, heldBy }) => (heldBy === undefined ? [] : [{ channel, heldBy }]))
  printAlike(
    output,
    held.map(({ channel, heldBy: { host, pid, taken_at } }) => ({
      channel,
      said: `another run is at work (host ${host}, pid ${pid}, since ${new Date(taken_at).toISOString()}); nothing to do here.`,
    })),
  )
  printProblems(
    output,
    channels.flatMap(({ errors }) => errors),
  )
}

/** One line for all channels of which the same is said, in the order in which they come. */
export function printAlike(output: Output, lines: readonly { readonly channel: string; readonly said: string }[]): void {
  const alike = new Map<string, string[]>()
  for (const { channel, said } of lines) alike.set(said, [...(alike.get(said) ?? []), channel])
  for (const [said, channels] of alike) output.line(`${channels.join(', ')}: ${said}`)
}
