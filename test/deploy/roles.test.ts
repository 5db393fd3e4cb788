import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Client } from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { migrateUp } from '../../src/core/db/migrate.ts'
import { openDb } from '../../src/core/db/open.ts'
import { giveRoomBack } from '../../src/core/db/room.ts'
import { databases } from '../world/databases.ts'

const file = readFileSync(resolve(import.meta.dirname, '../../deploy/postgres/roles.sql'), 'utf8')

describe('the two accounts of PostgreSQL', () => {
  it('let one make the tables, and the other work with the rows and nothing more', async () => {
    const postgres = databases.find(({ name }) => name === 'postgres')
    const url = (await postgres?.url()) ?? ''
    const mark = `${inject('databasePrefix')}_${process.pid}`
    const [owner, run] = [`${mark}_owner`, `${mark}_run`]
    const admin = new Client({ connectionString: url })
    await admin.connect()
    onTestFinished(async () => {
      await admin.query(`drop owned by ${run}`)
      await admin.query(`drop owned by ${owner} cascade`)
      await admin.query(`drop role ${run}`)
      await admin.query(`drop role ${owner}`)
      await admin.end()
    })
    await script(admin, file.replaceAll('isync_owner', owner).replaceAll('isync_run', run))

    await migrateUp(as(url, owner))
    const db = await openDb(as(url, run))
    onTestFinished(() => db.close())
    const tables = await db.rows<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public'`)
    expect(tables.length).toBeGreaterThan(20)
    for (const right of ['select', 'insert', 'update', 'delete']) {
      const lacking = await db.rows<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'public' and not has_table_privilege(format('%I.%I', schemaname, tablename), '${right}')`,
      )
      expect(lacking, right).toEqual([])
    }
    const sequences = await db.rows<{ ok: boolean }>(
      `select has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'usage') as ok from pg_sequences where schemaname = 'public'`,
    )
    expect(sequences.filter(({ ok }) => !ok)).toEqual([])

    await expect(db.run('drop table orders')).rejects.toThrow(/must be owner/)
    await expect(db.run('alter table orders add column x text')).rejects.toThrow(/must be owner/)
    await expect(db.run('create table mine (x text)')).rejects.toThrow(/permission denied/)
    await expect(db.run('create temp table mine (x text)')).rejects.toThrow(/permission denied/)

    // What is erased is out of the files only when the table's owner has cleared it; since version 17 the other may be given that right.
    const [{ version } = { version: 0 }] = await db.rows<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    const hindered = await giveRoomBack(db, ['orders'])
    if (version >= 170_000) expect(hindered).toBeUndefined()
    else expect(hindered).toBe('this database user may not vacuum orders: run it as their owner')
    const owned = await openDb(as(url, owner))
    onTestFinished(() => owned.close())
    expect(await giveRoomBack(owned, ['orders'])).toBeUndefined()
  })
})

/** What psql does with the file: variables in quotes, and the answers of a statement that ends with \gexec are statements themselves. */
async function script(client: Client, text: string): Promise<void> {
  const plain = text
    .replace(/^--.*$/gm, '')
    .replace(/^\\set .*$/gm, '')
    .replace(/:'(?:owner|run)_password'/g, "'pass'")
  for (const part of plain.split(/;\s*\n|(?<=\\gexec)/)) {
    const statement = part.replace('\\gexec', '').trim()
    if (statement === '') continue
    const { rows } = await client.query<Record<string, string>>(statement)
    if (part.includes('\\gexec')) for (const row of rows) await client.query(Object.values(row)[0] ?? '')
  }
}

function as(url: string, user: string): string {
  const other = new URL(url)
  other.username = user
  other.password = 'pass'
  return other.href
}
