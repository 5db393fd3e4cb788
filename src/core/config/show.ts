import { withoutPassword } from './database-url.ts'
import type { Path } from './problems.ts'
import { secrecyOf } from './resolve.ts'
import type { Config } from './schema.ts'

/** The configuration in effect, defaults included, fit for print: `[secret]` in the place of every secret. Durations are milliseconds. */
export function printableConfig(config: Config): Readonly<Record<string, unknown>> {
  const { secrets: _secrets, vendors: _vendors, source, ...settings } = config
  return { file: source.file, ...withoutSecrets(settings, []) }
}

function withoutSecrets(section: object, path: Path): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(section)) shown[key] = shownValue(value, [...path, key])
  return shown
}

function shownValue(value: unknown, path: Path): unknown {
  const isList = Array.isArray(value)
  if (typeof value === 'object' && value !== null && !isList) return withoutSecrets(value, path)
  const secrecy = secrecyOf(path)
  if (secrecy === 'database') return withoutPassword(String(value))
  return secrecy === 'none' ? value : isList ? value.map(() => '[secret]') : '[secret]'
}
