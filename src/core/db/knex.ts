import knex, { type Knex } from 'knex'
import { parseIntoClientConfig } from 'pg-connection-string'

/** The migrator's own connection. Only migrating loads this file: knex costs a tenth of a start, and cron pays for every start. */
export function connectKnex(url: string): Knex {
  if (url.startsWith('sqlite:')) {
    const connection = { filename: url.slice('sqlite:'.length) }
    return knex({ client: 'better-sqlite3', connection, useNullAsDefault: true, pool: { min: 1, max: 1 } })
  }
  // knex drops the parameters of a URL, `?host=` among them: it gets the parsed form.
  const connection = { ...parseIntoClientConfig(url), application_name: 'isync', connectionTimeoutMillis: 10_000 }
  return knex({ client: 'pg', connection: connection as Knex.PgConnectionConfig, pool: { min: 0, max: 2 } })
}
