import { dirname, join } from 'node:path'
import { programPath } from './program-path.ts'

/** What is started again and again. */
export interface Job {
  /** Minutes and hours as in crontab.example: orders are pulled before they are pushed, stock is sent right after a pull, and no two commands that ask vendors start together. */
  readonly at: string
  readonly command: string
  readonly options?: string
  /** How often it is meant to succeed: the longest time between two starts, or more where one start that fails is no cause for worry. */
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
  // Gaps of 3 and 2 minutes: what a packer does is with the marketplace in less than five, even if nobody pushes. A vendor's outage of ten
  // minutes is told as what it is, and not as a command that has gone silent; so it counts as late like its neighbours.
  { at: '1-59/5,4-59/5 * * * *', command: 'tracking:sync', everyMs: 5 * MINUTE },
  { at: '8-59/15 * * * *', command: 'retry', options: '--yes', everyMs: 15 * MINUTE },
  { at: '28,58 * * * *', command: 'reconcile', everyMs: 30 * MINUTE },
  { at: '*/5 * * * *', command: 'alerts:check', everyMs: 5 * MINUTE },
  // Between two pulls, each of which tells by itself what its orders left with little.
  { at: '5-59/10 * * * *', command: 'inventory:rebalance', everyMs: 10 * MINUTE, needs: 'zoho' },
  { at: '3-59/15 * * * *', command: 'inventory:delta', everyMs: 15 * MINUTE, needs: 'zoho' },
  { at: '13 * * * *', command: 'inventory:full', everyMs: 60 * MINUTE, needs: 'zoho' },
  { at: '43 3 * * *', command: 'purge', everyMs: DAY },
  { at: '35 6 * * *', command: 'report:daily', options: '--email', everyMs: DAY, needs: 'mail' },
]

/** Where the program and its files are, as absolute paths. */
export interface CrontabPlaces {
  readonly configFile: string
  /** Default: the program that is running. */
  readonly program?: string
  /** Folder of the log files. Default: the configuration's own. */
  readonly logFolder?: string
}

/** Crontab lines for one configuration. `has`: what the configuration has of what jobs need. */
export function crontabLines(
  { configFile, program = programPath(), logFolder = dirname(configFile) }: CrontabPlaces,
  has: readonly Need[] = ['zoho'],
): readonly string[] {
  return jobsWith(has).map((job) => {
    const logFile = word(join(logFolder, `${job.command.replaceAll(':', '-')}.log`))
    return `${job.at.padEnd(WIDEST)} ${word(program)} ${callOf(job)} --config ${word(configFile)} >>${logFile} 2>&1`
  })
}

const WIDEST = '1-59/5,4-59/5 * * * *'.length

/** First and last line of what belongs to isync in a crontab: by them a new schedule takes the place of an old one. */
export const crontabMarks = { begin: '# isync begin', end: '# isync end' } as const

/** {@link crontabLines} between their marks, with the remarks that whoever opens the crontab needs. Sets no variable: lines below it stay what they were. */
export function crontabBlock(places: CrontabPlaces, has: readonly Need[]): readonly string[] {
  return [
    crontabMarks.begin,
    '# Written by isync crontab: what is changed between these two marks is lost when it is written anew.',
    '# flock is not needed: each command takes its own lease, goes on where the last complete run ended, and may overlap or be skipped.',
    ...crontabLines(places, has),
    crontabMarks.end,
  ]
}

/** A job's command with its options, as words that need no quotes. */
export function callOf({ command, options }: Job): string {
  return options === undefined ? command : `${command} ${options}`
}

/** The jobs that have something to do where the configuration has `has`. */
export function jobsWith(has: readonly Need[]): readonly Job[] {
  return schedule.filter(({ needs }) => needs === undefined || has.includes(needs))
}

/** What a configuration has of what jobs need. */
export function needsMet({
  zoho,
  alerts,
}: {
  readonly zoho?: unknown
  readonly alerts: { readonly email?: unknown }
}): readonly Need[] {
  return [...(zoho === undefined ? [] : ['zoho' as const]), ...(alerts.email === undefined ? [] : ['mail' as const])]
}

/** Command -> milliseconds between its runs, as the schedule has it. */
export function scheduledIntervals(has: readonly Need[]): ReadonlyMap<string, number> {
  return new Map(jobsWith(has).map(({ command, everyMs }) => [command, everyMs]))
}

/** One word of sh, inside a crontab, where a bare percent sign ends the line. */
function word(text: string): string {
  const quoted = /^[\w./+:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
  return quoted.replaceAll('%', '\\%')
}
