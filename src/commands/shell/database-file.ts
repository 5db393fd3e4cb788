import { stat } from 'node:fs/promises'
import { lookOut } from './look-out.ts'

const LOOK_EVERY_MS = 1_000

/**
 * Waits until `signal` aborts (false), or until the SQLite file of `database` is no longer the one that lay at its place when this was called
 * (true): moved, deleted, or replaced by a backup. SQLite itself goes on writing to the file that it once opened, and what it is told there is
 * lost to everybody else. An address of PostgreSQL is never moved.
 */
export async function untilMoved(database: string, signal: AbortSignal): Promise<boolean> {
  const file = database.startsWith('sqlite:') ? database.slice('sqlite:'.length) : undefined
  const opened = file === undefined ? undefined : await identityOf(file)
  const isMoved = await lookOut(LOOK_EVERY_MS, signal, async () => {
    if (file === undefined || opened === undefined) return undefined
    const found = await identityOf(file)
    return (found !== undefined && found !== opened) || undefined
  })
  return isMoved ?? false
}

/** Undefined: the disk does not say. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true })
    return `${dev} ${ino}`
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'none' : undefined
  }
}
