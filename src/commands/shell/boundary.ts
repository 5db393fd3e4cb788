import { writeSync } from 'node:fs'
import type { Boundary } from '../../core/ports/system.ts'

/**
 * Under `NODE_ENV=test` and `ISYNC_FAULT=<n>` the process kills itself with SIGKILL at the n-th boundary it reaches, under
 * `ISYNC_FAULT=<name>` at the first of that name, and says at which; with `:stop` behind it, it freezes there (SIGSTOP) until somebody
 * sends SIGCONT; with `count` it only tells how many there were. Everywhere else boundaries do nothing.
 */
export function createBoundary(env: Readonly<Record<string, string | undefined>>): Boundary {
  if (env.NODE_ENV !== 'test' || env.ISYNC_FAULT === undefined) return { reach: () => undefined }
  let reached = 0
  if (env.ISYNC_FAULT === 'count') {
    process.on('exit', () => process.stderr.write(`boundaries: ${reached}\n`))
    return {
      reach() {
        reached += 1
      },
    }
  }
  const place = env.ISYNC_FAULT.replace(/:stop$/, '')
  const signal = place === env.ISYNC_FAULT ? 'SIGKILL' : 'SIGSTOP'
  let over = false
  return {
    reach(name) {
      reached += 1
      if (over || (place !== name && place !== String(reached))) return
      over = true
      writeSync(2, `boundary ${reached}: ${signal} at ${name}\n`)
      process.kill(process.pid, signal)
    },
  }
}
