import Database from 'better-sqlite3'
import pg from 'pg'
import { openDb } from '../../src/core/db/open.ts'

/** Which column of a table names the order that a row belongs to, and how the order is called there. */
const tables = [
  ['orders', 'id', (order) => order.id],
  ['order_lines', 'order_id', (order) => order.id],
  ['order_payloads', 'external_order_id', (order) => order.external_order_id],
  ['tasks', 'order_id', (order) => order.id],
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

/** Milliseconds that better-sqlite3 takes for the same rows: one prepared statement per table, one transaction per page. */
export async function writeWithSqlite(url, pages) {
  const db = new Database(url.slice('sqlite:'.length))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  const statements = pages[0].map(({ table, columns }) =>
    db.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`),
  )
  const begin = performance.now()
  for (const page of pages) {
    db.exec('begin immediate')
    for (const [i, { rows }] of page.entries()) for (const row of rows) statements[i].run(...row)
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
