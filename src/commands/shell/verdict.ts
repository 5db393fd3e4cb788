import { exitCodes, type Verdict } from '../../core/context.ts'
import { type ExitCode, OperatorError } from '../../core/errors.ts'

/** The text that every `--help` ends with. */
export const exitCodeHelp = `
Exit codes:
  0  done, or nothing to do
  1  unexpected failure
  2  usage or configuration
  3  done in part: some items failed and are scheduled again or given up
  4  a vendor is down or rejects our credentials
  5  a brake held the run`

export function exitCodeOf(verdict: Verdict): ExitCode {
  return exitCodes[verdict]
}

/** An error as an operator reads it; the same four facts are the `--json` document. */
export interface ErrorDocument {
  readonly schema_version: 1
  readonly error: {
    readonly what: string
    readonly where: string
    readonly why: string
    readonly next: string
    readonly exit_code: ExitCode
  }
}

/** What failed, on what, why, and what to run next. A bug says so and asks for a report. */
export function errorDocument(error: unknown, command: string): ErrorDocument {
  return { schema_version: 1, error: factsOf(error, command) }
}

function factsOf(error: unknown, command: string): ErrorDocument['error'] {
  if (error instanceof OperatorError) {
    const { what, where, why, next, exitCode } = error
    return { what, where, why, next, exit_code: exitCode }
  }
  const database = databaseTrouble(error)
  if (database !== undefined) return { ...database, where: command, exit_code: 1 }
  return {
    what: 'unexpected failure',
    where: command,
    why: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    next: 'run it again with --verbose; nothing is half-done, the next run goes on. If it stays, report it with that output',
    exit_code: 1,
  }
}

/** The database's own troubles, in words. Nothing was half-written: transactions roll back. */
function databaseTrouble(error: unknown): { what: string; why: string; next: string } | undefined {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return undefined
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return {
      what: 'the disk is full',
      why: `${code}: there is no room for the database, or for its files beside it`,
      next: 'isync db:status names the database: free some space on its disk, then run the command again; nothing is half-written',
    }
  if (code.startsWith('SQLITE_READONLY'))
    return {
      what: 'the database cannot be written',
      why: code,
      next: 'check the owner and mode of the database file and its folder: isync needs to write both',
    }
  if (code.startsWith('SQLITE_BUSY'))
    return {
      what: 'the database is locked',
      why: 'another process held the write lock for 30 s',
      next: 'run the command again; if it stays, end what has the file open: a backup, an sqlite3 shell (fuser names it)',
    }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return {
      what: 'the database file is damaged',
      why: code,
      next: 'stop cron, keep a copy of the file, and restore the last backup; no order is lost at the channels',
    }
  }
  if (['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', '57P01', '57P03', '53300'].includes(code)) {
    return {
      what: 'the connection to the database was lost',
      why: code,
      next: 'isync db:status; the next run goes on from the last commit',
    }
  }
  return undefined
}

/** For a person at a terminal. */
export function errorText({ error }: ErrorDocument): string {
  return `error: ${error.what}\n  where: ${error.where}\n  why:   ${error.why}\n  next:  ${error.next}\n`
}
