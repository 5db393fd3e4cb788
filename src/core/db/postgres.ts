import pg from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import type { Boundary } from '../ports/system.ts'
import type { Db, SqlValue } from './db.ts'
import { postgres } from './dialect.ts'

/** 40001 serialization failure, 40P01 deadlock: the loser did nothing and may try again. */
const RETRIED_STATES = new Set(['40001', '40P01'])

type Runner = Pick<pg.Pool | pg.PoolClient, 'query'>

/** Opens a pool on a PostgreSQL server. Nothing is sent before the first statement. */
export function openPostgres(url: string, boundary: Boundary, options: { readonly readonly?: boolean } = {}): Db {
  const settings = parseIntoClientConfig(url)
  // int8 as number: our times and money stay far below 2^53.
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === 20 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
  }
  const connection = {
    ...settings,
    types,
    application_name: 'isync',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 120_000,
    lock_timeout: 30_000,
    idle_in_transaction_session_timeout: 120_000,
    ...(options.readonly ? { options: '-c default_transaction_read_only=on' } : {}),
  }
  const pool = new pg.Pool({ ...connection, max: 6 } as pg.PoolConfig)
  // A dropped idle connection is replaced at the next statement; without a listener it would end the process.
  pool.on('error', () => undefined)

  const outside = handle(pool, boundary, false)
  return {
    ...outside,
    // The server waits for its disk, nobody here does.
    rowsLightly: outside.rows,
    async run(sql, values) {
      boundary.reach('db:before-write')
      const changed = await outside.run(sql, values)
      boundary.reach('db:after-write')
      return changed
    },
    transaction: (work) => retried(() => inOne(pool, boundary, work)),
    async close() {
      await pool.end()
    },
  }
}

async function inOne<T>(pool: pg.Pool, boundary: Boundary, work: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = false
  try {
    await client.query('begin')
    const tx: Db = {
      ...handle(client, boundary, true),
      rowsLightly: (sql, values) => tx.rows(sql, values),
      transaction: (inner) => inner(tx),
      close: () => Promise.resolve(),
    }
    const result = await work(tx)
    boundary.reach('db:before-commit')
    await client.query('commit')
    boundary.reach('db:after-commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    client.release(broken)
  }
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= 5 || !RETRIED_STATES.has((error as { code?: string }).code ?? '')) throw error
    }
  }
}

function handle(
  runner: Runner,
  boundary: Boundary,
  inTransaction: boolean,
): Pick<Db, 'rows' | 'run' | 'dialect' | 'boundary' | 'inTransaction'> {
  return {
    dialect: postgres,
    boundary,
    inTransaction,
    async rows<T extends object>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
      return (await runner.query(postgres.placeholders(sql), values.map(storable))).rows as T[]
    },
    async run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
      return (await runner.query(postgres.placeholders(sql), values.map(storable))).rowCount ?? 0
    },
  }
}

function storable(value: SqlValue): SqlValue {
  return typeof value === 'string' ? postgres.storable(value) : value
}
