import { existsSync } from 'node:fs'
import { OperatorError } from '../errors.ts'
import type { Boundary } from '../ports/system.ts'
import type { Db } from './db.ts'

export interface OpenOptions {
  readonly boundary?: Boundary
  /** Make the SQLite file when it is not there. Only migrating and `init` do: an absent file is otherwise a mistake in the path. */
  readonly create?: boolean
  readonly readonly?: boolean
}

const nowhere: Boundary = { reach: () => undefined }

/**
 * Opens `sqlite:<file>` or `postgres://...`. The driver of the other database is not loaded.
 * Throws OperatorError for a file that is not there or a server that cannot be reached.
 */
export async function openDb(url: string, options: OpenOptions = {}): Promise<Db> {
  const boundary = options.boundary ?? nowhere
  const readonly = options.readonly ?? false
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length)
    if (!existsSync(file) && options.create !== true) {
      throw new OperatorError({
        what: 'cannot open the database',
        where: file,
        why: 'there is no such file, and a new empty one would hide your orders',
        next: 'isync db:migrate (makes it), or correct `database` in the configuration',
      })
    }
    const { openSqlite } = await import('./sqlite.ts')
    try {
      return openSqlite(file, boundary, { readonly })
    } catch (cause) {
      throw new OperatorError(
        {
          what: 'cannot open the database',
          where: file,
          why: cause instanceof Error ? cause.message : 'unknown reason',
          next: 'check the file, its folder and their permissions; `sqlite3 FILE "pragma integrity_check"` tells whether it is damaged',
          exitCode: 1,
        },
        { cause },
      )
    }
  }
  const { openPostgres } = await import('./postgres.ts')
  const db = openPostgres(url, boundary, { readonly })
  try {
    await db.rows('select 1 as one')
  } catch (cause) {
    await db.close().catch(() => undefined)
    throw unreachable(url, cause)
  }
  return db
}

/** `postgres://user@host:port/name`, without the password. */
export function displayUrl(url: string): string {
  if (url.startsWith('sqlite:')) return url
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host || 'local socket'}${parsed.pathname}`
  } catch {
    return 'the configured PostgreSQL database'
  }
}

function unreachable(url: string, cause: unknown): OperatorError {
  const code = (cause as { code?: unknown }).code
  const why = cause instanceof Error && cause.message !== '' ? cause.message : `connection failed (${String(code)})`
  return new OperatorError(
    {
      what: 'cannot reach the database',
      where: displayUrl(url),
      why,
      next: 'start PostgreSQL or correct `database` in the configuration, then run `isync db:status`',
      exitCode: 1,
    },
    { cause },
  )
}
