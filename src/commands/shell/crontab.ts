import { dirname, join } from 'node:path'
import { programPath } from './program-path.ts'

interface Job {
  /** Minutes and hours as in crontab.example: orders are pulled before they are pushed, stock is sent right after a pull, and no two commands that ask vendors start together. */
  readonly at: string
  readonly command: string
  readonly options?: string
  /** Longest time between two starts. */
  readonly everyMs: number
  /** The section of the configuration without which it has nothing to do. */
  readonly needs?: Need
}

/** Sections that a job may need: stock commands ask Zoho, a mailed report needs a mail server. */
export type Need = 'zoho' | 'mail'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What cron runs, and how often each of it is meant to succeed. */
const schedule: readonly Job[] = [
  { at: '*/10 * * * *', command: 'orders:pull', everyMs: 10 * MINUTE },
  { at: '2-59/5 * * * *', command: 'orders:push-shipstation', everyMs: 5 * MINUTE },
  { at: '4-59/5 * * * *', command: 'tracking:sync', everyMs: 5 * MINUTE },
  { at: '8-59/15 * * * *', command: 'retry', options: '--yes', everyMs: 15 * MINUTE },
  { at: '28,58 * * * *', command: 'reconcile', everyMs: 30 * MINUTE },
  { at: '*/5 * * * *', command: 'alerts:check', everyMs: 5 * MINUTE },
  { at: '1-59/5 * * * *', command: 'inventory:rebalance', everyMs: 5 * MINUTE, needs: 'zoho' },
  { at: '3-59/15 * * * *', command: 'inventory:delta', everyMs: 15 * MINUTE, needs: 'zoho' },
  { at: '13 * * * *', command: 'inventory:full', everyMs: 60 * MINUTE, needs: 'zoho' },
  { at: '43 3 * * *', command: 'purge', everyMs: DAY },
  { at: '35 6 * * *', command: 'report:daily', options: '--email', everyMs: DAY, needs: 'mail' },
]

/** Crontab lines for one configuration, with absolute paths; logs go beside it. `has`: what the configuration has of what jobs need. */
export function crontabLines(configFile: string, program = programPath(), has: readonly Need[] = ['zoho']): readonly string[] {
  return jobsWith(has).map(({ at, command, options }) => {
    const logFile = word(join(dirname(configFile), `${command.replaceAll(':', '-')}.log`))
    const call = options === undefined ? command : `${command} ${options}`
    return `${at.padEnd(16)} ${word(program)} ${call} --config ${word(configFile)} >>${logFile} 2>&1`
  })
}

function jobsWith(has: readonly Need[]): readonly Job[] {
  return schedule.filter(({ needs }) => needs === undefined || has.includes(needs))
}

/** Command -> milliseconds between its runs, as cron is set up by {@link crontabLines}. */
export function scheduledIntervals(has: readonly Need[]): ReadonlyMap<string, number> {
  return new Map(jobsWith(has).map(({ command, everyMs }) => [command, everyMs]))
}

/** One word of sh, inside a crontab, where a bare percent sign ends the line. */
function word(text: string): string {
  const quoted = /^[\w./+:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
  return quoted.replaceAll('%', '\\%')
}
