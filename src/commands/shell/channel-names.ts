import { OperatorError } from '../../core/errors.ts'
import type { Configuration } from './configuration.ts'

/** Throws OperatorError for a name that is not configured. */
export function assertChannel({ channels, source }: Configuration, name: string): void {
  if (Object.hasOwn(channels, name)) return
  throw new OperatorError({
    what: `unknown channel '${name}'`,
    where: source.file,
    why: `the configuration has ${Object.keys(channels).join(', ')}`,
    next: 'isync config:check shows every channel',
  })
}

/** The complaint about a channel that `enabled: false` keeps from working. */
export function switchedOff({ source }: Configuration, name: string): OperatorError {
  const next = `set channels.${name}.enabled to true`
  return new OperatorError({ what: `channel '${name}' is switched off`, where: source.file, why: 'enabled: false', next })
}
