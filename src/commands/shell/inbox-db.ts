import type { Run } from '../../core/context.ts'

type Db = Run['db']

export interface Databases {
  /** Where deliveries are kept: on PostgreSQL by connections that no other work waits for, on SQLite by the only one that there may be. */
  inboxDb(): Promise<Db>
  /** Closes everything that was opened. */
  close(): Promise<void>
}

/** `open` opens the database of the run once more. */
export function withInboxDb(db: Db, open: () => Promise<Db>): Databases {
  let inbox: Promise<Db> | undefined
  return {
    async inboxDb() {
      if (db.dialect.name === 'sqlite') return db
      inbox ??= open()
      return inbox
    },
    async close() {
      await (await inbox?.catch(() => undefined))?.close()
      await db.close()
    },
  }
}
