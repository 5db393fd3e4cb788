import { isAbsolute, resolve } from 'node:path'
import { parse } from 'pg-connection-string'

/** True for `sqlite:<path>` and for a Postgres URL that names a host and a database. */
export function isDatabaseUrl(value: string): boolean {
  if (/^sqlite:.+$/.test(value)) return !value.includes('\0')
  return /^postgres(ql)?:\/\//.test(value) && postgresParts(value) !== undefined
}

/** `sqlite:./isync.db` -> `sqlite:/folder/isync.db`. Everything else stays. */
export function absoluteDatabaseUrl(value: string, folder: string): string {
  if (!value.startsWith('sqlite:') || value === 'sqlite::memory:') return value
  const path = value.slice('sqlite:'.length).replace(/^\/\/(?=[./])/, '')
  return `sqlite:${isAbsolute(path) ? path : resolve(folder, path)}`
}

/** The password in a Postgres URL, in clear. */
export function databasePassword(value: string): string | undefined {
  return value.startsWith('sqlite:') ? undefined : postgresParts(value)?.password
}

/** True when the server is this machine, by loopback address or socket. */
export function isLocalDatabase(value: string): boolean {
  const host = postgresParts(value)?.host ?? ''
  return host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host)
}

/** The URL with stars in the place of its password. */
export function withoutPassword(value: string): string {
  const starred = value.replace(/([?&]password=)[^&#]*/i, '$1***')
  const at = starred.lastIndexOf('@')
  const colon = starred.indexOf(':', starred.indexOf('://') + 3)
  return value.startsWith('sqlite:') || at < 0 || colon < 0 || colon > at
    ? starred
    : `${starred.slice(0, colon)}:***${starred.slice(at)}`
}

interface PostgresParts {
  readonly host: string
  readonly password?: string
}

// The parser's own errors quote the URL with its password, so none of them is passed on.
function postgresParts(value: string): PostgresParts | undefined {
  try {
    const parts = parse(value)
    const port = parts.port ?? ''
    if (!parts.database || !(port === '' || (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536)))
      return undefined
    return { host: parts.host ?? '', ...(parts.password ? { password: parts.password } : {}) }
  } catch {
    return undefined
  }
}
