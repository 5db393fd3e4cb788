import { dirname, join } from 'node:path'
import { programPath } from './program-path.ts'

/** Minutes as in crontab.example: orders are pulled before they are pushed, stock is sent right after a pull, and no two commands start together. */
const schedule: readonly (readonly [minutes: string, command: string, log: string])[] = [
  ['*/10 * * * *', 'orders:pull', 'orders-pull.log'],
  ['2-59/5 * * * *', 'orders:push-shipstation', 'orders-push.log'],
  ['4-59/5 * * * *', 'tracking:sync', 'tracking-sync.log'],
  ['8-59/15 * * * *', 'retry --yes', 'retry.log'],
  ['1-59/5 * * * *', 'inventory:rebalance', 'inventory-rebalance.log'],
  ['3-59/15 * * * *', 'inventory:delta', 'inventory-delta.log'],
  ['13 * * * *', 'inventory:full', 'inventory-full.log'],
]

/** Crontab lines for one configuration, with absolute paths; logs go beside it. */
export function crontabLines(configFile: string, program = programPath()): readonly string[] {
  return schedule.map(([minutes, command, log]) => {
    const logFile = word(join(dirname(configFile), log))
    return `${minutes.padEnd(16)} ${word(program)} ${command} --config ${word(configFile)} >>${logFile} 2>&1`
  })
}

/** One word of sh, inside a crontab, where a bare percent sign ends the line. */
function word(text: string): string {
  const quoted = /^[\w./+:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
  return quoted.replaceAll('%', '\\%')
}
