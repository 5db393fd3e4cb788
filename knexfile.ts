import type { Knex } from 'knex'
import { parseIntoClientConfig } from 'pg-connection-string'
import { migrations } from './migrations/index.ts'
import { channelTypes } from './src/connectors/index.ts'
import { loadConfig } from './src/core/config/load.ts'

/**
 * For people who like the knex command line: `npx knex migrate:list`. It reads the same configuration as isync.
 * The loaders it reports as missing are not needed: Node runs this file as it is.
 * `isync db:migrate` does the same work under a lock, so that two starters at once are safe; prefer it.
 */
const { database } = loadConfig({ cwd: process.cwd(), env: process.env }, channelTypes)

const migrationSource: Knex.MigrationSource<(typeof migrations)[number]> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: ({ name }) => name,
  getMigration: ({ migration }) => Promise.resolve(migration),
}

const config: Knex.Config = database.startsWith('sqlite:')
  ? {
      client: 'better-sqlite3',
      connection: { filename: database.slice('sqlite:'.length) },
      useNullAsDefault: true,
      migrations: { migrationSource },
    }
  : {
      client: 'pg',
      // knex drops the parameters of a URL, `?host=` and `?sslmode=` among them.
      connection: parseIntoClientConfig(database) as Knex.PgConnectionConfig,
      migrations: { migrationSource },
    }

export default config
