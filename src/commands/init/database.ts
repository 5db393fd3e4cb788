import { migrateUp } from '../../core/db/migrate.ts'
import { errorDocument } from '../shell/verdict.ts'
import type { Answers } from './answers.ts'
import { withPasswordReference } from './config-text.ts'
import type { FilesToWrite } from './files.ts'

/** What became of the database. */
export interface MadeDatabase {
  /** Its file or address, without the password. */
  readonly shown: string
  readonly isReady: boolean
  /** For a person. */
  readonly note: string
}

/** Makes the database and its schema. A server that cannot be reached yet is no failure of init: `isync db:migrate` does the same later. */
export async function makeDatabase(answers: Answers, files: FilesToWrite): Promise<MadeDatabase> {
  if (answers.database.startsWith('sqlite:')) {
    const { applied } = await migrateUp(`sqlite:${files.database}`)
    return { shown: files.database, isReady: true, note: `the database (SQLite), schema made: ${applied.length} migrations` }
  }
  const shown = answers.database
  if (answers.databasePassword === undefined) {
    return { shown, isReady: false, note: 'the database: not made yet; fill in ISYNC_DB_PASSWORD, then run isync db:migrate' }
  }
  try {
    const { applied } = await migrateUp(withPasswordReference(shown, encodeURIComponent(answers.databasePassword)))
    return { shown, isReady: true, note: `the database (PostgreSQL), schema made: ${applied.length} migrations` }
  } catch (error) {
    const { why } = errorDocument(error, 'init').error
    return { shown, isReady: false, note: `the database: not made yet (${why}); mend it, then run isync db:migrate` }
  }
}
