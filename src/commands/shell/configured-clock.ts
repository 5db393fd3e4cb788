import type { Config } from '../../core/config/schema.ts'
import { OperatorError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/system.ts'
import { sharedClock, systemClock } from './clock.ts'

/**
 * The system's clock, or the sandbox's virtual one where `ISYNC_CLOCK_FILE` names it. Virtual time is for rehearsals only: it is refused
 * while any vendor of the configuration is not on this machine.
 */
export function configuredClock(config: Config, env: Readonly<Record<string, string | undefined>>): Clock {
  const file = env.ISYNC_CLOCK_FILE
  if (file === undefined || file === '') return systemClock()
  const accounts = [...Object.entries(config.channels), ['shipstation', config.shipstation] as const]
  const outside = accounts.filter(([, { endpoint }]) => endpoint === undefined || !isLoopback(endpoint)).map(([name]) => name)
  if (outside.length === 0) return sharedClock(file)
  throw new OperatorError({
    what: 'virtual time is for the sandbox only',
    where: config.source.file,
    why: `ISYNC_CLOCK_FILE is set, but ${outside.join(', ')} would talk to a real vendor`,
    next: 'unset ISYNC_CLOCK_FILE, or give every account an `endpoint` of the sandbox',
  })
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
