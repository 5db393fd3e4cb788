import { interleaved, processTime } from './support/measure.mjs'
import { isync, startWorld } from './support/world.mjs'

export const name = 'start'

/** Cron pays this every minute: the whole process, from exec to exit, against a Node that does nothing. */
export async function run() {
  const world = await startWorld()
  try {
    const took = await interleaved({
      node: () => processTime(process.execPath, ['-e', '0']),
      version: () => processTime(isync, ['--version']),
      help: () => processTime(isync, ['--help']),
      status: () => processTime(isync, ['status'], { cwd: world.folder }),
    })
    const row = (what, measured, most) => ({
      what,
      measured,
      baseline: took.node,
      unit: 'ms',
      most,
      extra: `${(measured - took.node).toFixed(1)} ms more`,
    })
    return [
      row('isync --version', took.version, 1.2),
      row('isync --help', took.help, Math.min(2.0, (took.node + 40) / took.node)),
      row('isync status', took.status, (took.node + 150) / took.node),
    ]
  } finally {
    await world.close()
  }
}
