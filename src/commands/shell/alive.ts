import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Whether this process of this host is an isync that is still at work; undefined for another host. A process id may be someone else's by now. */
export function isAlive(host: string, pid: number): boolean | undefined {
  if (host !== hostname()) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('isync')
  } catch {
    // Not Linux: the process id is all there is.
    return true
  }
}
