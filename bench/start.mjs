import { resolve } from 'node:path'
import { interleaved, processTime } from './support/measure.mjs'

const isync = resolve(import.meta.dirname, '../bin/isync')

export const name = 'start'

/** Cron pays this every minute: the whole process, from exec to exit, against a Node that does nothing. */
export async function run() {
  const took = await interleaved({
    node: () => processTime(process.execPath, ['-e', '0']),
    version: () => processTime(isync, ['--version']),
    help: () => processTime(isync, ['--help']),
  })
  const row = (what, measured, most) => ({
    what,
    measured,
    baseline: took.node,
    unit: 'ms',
    most,
    extra: `${(measured - took.node).toFixed(1)} ms more`,
  })
  return [row('isync --version', took.version, 1.2), row('isync --help', took.help, 2.0)]
}
