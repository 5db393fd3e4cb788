import { dirname, join } from 'node:path'
import { programPath } from './program-path.ts'

interface Job {
  /** Minutes and hours as in crontab.example: orders are pulled before they are pushed, stock is sent right after a pull, and no two commands start together. */
  readonly at: string
  readonly command: string
  readonly options?: string
  /** Longest time between two starts. */
  readonly everyMs: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What cron runs, and how often each of it is meant to succeed. */
const schedule: readonly Job[] = [
  { at: '*/10 * * * *', command: 'orders:pull', everyMs: 10 * MINUTE },
  { at: '2-59/5 * * * *', command: 'orders:push-shipstation', everyMs: 5 * MINUTE },
  { at: '4-59/5 * * * *', command: 'tracking:sync', everyMs: 5 * MINUTE },
  { at: '8-59/15 * * * *', command: 'retry', options: '--yes', everyMs: 15 * MINUTE },
  { at: '1-59/5 * * * *', command: 'inventory:rebalance', everyMs: 5 * MINUTE },
  { at: '3-59/15 * * * *', command: 'inventory:delta', everyMs: 15 * MINUTE },
  { at: '13 * * * *', command: 'inventory:full', everyMs: 60 * MINUTE },
  { at: '28,58 * * * *', command: 'reconcile', everyMs: 30 * MINUTE },
  { at: '43 3 * * *', command: 'purge', everyMs: DAY },
]

/** Crontab lines for one configuration, with absolute paths; logs go beside it. */
export function crontabLines(configFile: string, program = programPath()): readonly string[] {
  return schedule.map(({ at, command, options }) => {
    const logFile = word(join(dirname(configFile), `${command.replaceAll(':', '-')}.log`))
    const call = options === undefined ? command : `${command} ${options}`
    return `${at.padEnd(16)} ${word(program)} ${call} --config ${word(configFile)} >>${logFile} 2>&1`
  })
}

/** Command -> milliseconds between its runs, as cron is set up by {@link crontabLines}. */
export function scheduledIntervals(): ReadonlyMap<string, number> {
  return new Map(schedule.map(({ command, everyMs }) => [command, everyMs]))
}

/** One word of sh, inside a crontab, where a bare percent sign ends the line. */
function word(text: string): string {
  const quoted = /^[\w./+:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
  return quoted.replaceAll('%', '\\%')
}
