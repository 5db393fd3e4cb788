import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Client } from 'pg'

/** What a database holds, byte for byte (SQLite) or every table in full (PostgreSQL): equal texts mean that nothing was written. */
export async function fingerprint(url: string): Promise<string> {
  if (!url.startsWith('sqlite:')) return dumpPostgres(url)
  const file = url.slice('sqlite:'.length)
  const wal = `${file}-wal`
  const pending = existsSync(wal) ? statSync(wal).size : 0
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')} and ${pending} bytes of log`
}

/** Everything that somebody who steals the database can read. */
export async function stolen(url: string): Promise<string> {
  if (!url.startsWith('sqlite:')) return dumpPostgres(url)
  const file = url.slice('sqlite:'.length)
  const own = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
  return own.map((name) => readFileSync(join(dirname(file), name), 'latin1')).join('\n')
}

async function dumpPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    )
    const tables: string[] = []
    for (const { name } of rows) {
      const dump = await client.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`)
      tables.push(`${name}\n${dump.rows.map(({ row }) => row).join('\n')}`)
    }
    return tables.join('\n\n')
  } finally {
    await client.end()
  }
}
