import type { Monitor } from '../../core/ports/monitor.ts'
import type { Log } from '../../core/ports/system.ts'
import type { Configuration } from './configuration.ts'
import { endText, type RunEnd, uuidOf } from './run-end.ts'

/** The monitor of one run. */
export interface RunMonitor {
  ended(end: RunEnd): Promise<void>
}

type Create = (options: {
  readonly url: string
  readonly runId: string
  readonly onFailure: (signal: string, why: string) => void
}) => Monitor

/** Tells the monitor of this command, if it has one, that the run began. A monitor that cannot be reached is logged, never more. */
export async function beginMonitor(
  { heartbeats }: Pick<Configuration, 'heartbeats'>,
  run: { readonly id: string; readonly command: string; readonly log: Log },
  from: { readonly heartbeats: () => Promise<{ readonly createHeartbeat: Create }> },
): Promise<RunMonitor | undefined> {
  const url = heartbeats.commands[run.command] ?? heartbeats.url
  if (url === undefined) return undefined
  const { createHeartbeat } = await from.heartbeats()
  const monitor = createHeartbeat({
    url: url.replaceAll('{command}', run.command.replaceAll(':', '-')),
    runId: uuidOf(run.id),
    onFailure: (signal, why) => run.log.warn({ step: 'heartbeat', signal, error: why }, 'the monitor was not reached'),
  })
  monitor.begun()
  return {
    ended(end) {
      const fine = end.verdict === 'partly' && heartbeats.partly === 'success'
      return monitor.ended(fine ? 0 : end.exitCode, endText(run.id, end))
    },
  }
}
