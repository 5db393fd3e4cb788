import Database from 'better-sqlite3'
import pg from 'pg'
import { openDb } from '../../src/core/db/open.ts'

/** Which column of a table names the order that a row belongs to, and how the order is called there. */
const tables = [
  ['orders', 'id', (order) => order.id],
  ['order_lines', 'order_id', (order) => order.id],
  ['order_payloads', 'external_order_id', (order) => order.external_order_id],
  ['tasks', 'order_id', (order) => order.id],
  ['stock_movements', 'external_order_id', (order) => order.external_order_id],
  ['events', 'entity_id', (order) => `${order.channel}/${order.external_order_id}`],
]

/** Everything that was written for the orders of a database, as the pages in which it was written: `[{ table, columns, rows }]` each. */
export async function rowsByPage(url, perPage) {
  const db = await openDb(url)
  try {
    const orders = await db.rows('select * from orders order by id')
    const pages = []
    for (let start = 0; start < orders.length; start += perPage) pages.push([])
    for (const [table, key, nameOf] of tables) {
      const pageOf = new Map(orders.map((order, i) => [nameOf(order), Math.floor(i / perPage)]))
      const all = await db.rows(`select * from ${table}`)
      const columns = Object.keys(all[0])
      for (const page of pages) page.push({ table, columns, rows: [] })
      for (const row of all) pages[pageOf.get(row[key])].at(-1).rows.push(columns.map((column) => row[column]))
    }
    return pages
  } finally {
    await db.close()
  }
}

/** All rows of these tables, as pages of `perPage`, one table each: `[[{ table, columns, rows }]]`. */
export async function rowsOfTables(url, names, perPage) {
  const db = await openDb(url)
  try {
    const pages = []
    for (const table of names) {
      const all = await db.rows(`select * from ${table}`)
      const columns = Object.keys(all[0] ?? {})
      for (let start = 0; start < all.length; start += perPage) {
        const rows = all.slice(start, start + perPage).map((row) => columns.map((column) => row[column]))
        pages.push([{ table, columns, rows }])
      }
    }
    return pages
  } finally {
    await db.close()
  }
}

/** Milliseconds that better-sqlite3 takes for the same rows: one prepared statement per table, one transaction per page. */
export async function writeWithSqlite(url, pages) {
  const db = new Database(url.slice('sqlite:'.length))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  const prepare = ({ table, columns }) =>
    db.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  const statements = new Map()
  for (const part of pages.flat()) if (!statements.has(part.table)) statements.set(part.table, prepare(part))
  const begin = performance.now()
  for (const page of pages) {
    db.exec('begin immediate')
    for (const { table, rows } of page) for (const row of rows) statements.get(table).run(...row)
    db.exec('commit')
    // As the product does it, and as any program with something else to do would: let the event loop turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const tookMs = performance.now() - begin
  db.close()
  return tookMs
}

/** Milliseconds that pg takes for the same rows: one insert of many rows per table, one transaction per page. */
export async function writeWithPostgres(url, pages) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const begin = performance.now()
  for (const page of pages) {
    await client.query('begin')
    for (const { table, columns, rows } of page) {
      let n = 0
      const tuples = rows.map((row) => `(${row.map(() => `$${++n}`).join(', ')})`).join(', ')
      await client.query(`insert into ${table} (${columns.join(', ')}) values ${tuples}`, rows.flat())
    }
    await client.query('commit')
  }
  const tookMs = performance.now() - begin
  await client.end()
  return tookMs
}

/** Milliseconds for reading these statements' rows, all of them, with the bare driver. */
export async function readWithSqlite(url, statements) {
  const db = new Database(url.slice('sqlite:'.length), { readonly: true })
  const begin = performance.now()
  for (const statement of statements) db.prepare(statement).all()
  const tookMs = performance.now() - begin
  db.close()
  return tookMs
}

/** The same with pg. */
export async function readWithPostgres(url, statements) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const begin = performance.now()
  for (const statement of statements) await client.query(statement)
  const tookMs = performance.now() - begin
  await client.end()
  return tookMs
}
