import type { Boundary } from '../../core/ports/system.ts'

/**
 * Under `NODE_ENV=test` and `ISYNC_FAULT=<n>` the process kills itself with SIGKILL at the n-th boundary it reaches; with
 * `ISYNC_FAULT=count` it only tells how many there were. Everywhere else boundaries do nothing.
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
  const fatal = Number(env.ISYNC_FAULT)
  return {
    reach() {
      reached += 1
      if (reached === fatal) process.kill(process.pid, 'SIGKILL')
    },
  }
}
