import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, inject, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { databases } from '../../world/databases.ts'

const root = resolve(import.meta.dirname, '../../..')

/** Reads a number and writes it one higher, so many times; what was read must still be true when it is written. */
const counting = `
import { openDb } from '${root}/src/core/db/open.ts'
const [, , url, times] = process.argv
const db = await openDb(url)
for (let n = 0; n < Number(times); n += 1) {
  await db.transaction(async (tx) => {
    const [row] = await tx.rows("select value from settings where key = 'count' " + (tx.dialect.name === 'postgres' ? 'for update' : ''))
    await Promise.resolve()
    await tx.run("update settings set value = ? where key = 'count'", [String(Number(row.value) + 1)])
  })
}
await db.close()
`

function run(script: string, args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    const said: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => settle({ code, stderr: Buffer.concat(said).toString() }))
  })
}

describe.each(databases)('several processes that read and then write on $name', (database) => {
  it('wait for each other: nothing is lost and nobody is told that the database is busy', async () => {
    const url = await database.migrated()
    const db = await openDb(url)
    try {
      await db.run(`insert into settings (key, value, changed_by, changed_at) values ('count', '0', 'test', 0)`)
      const script = join(mkdtempSync(join(inject('runDir'), 'count-')), 'count.ts')
      writeFileSync(script, counting)

      const runs = await Promise.all(Array.from({ length: 5 }, () => run(script, [url, '40'])))

      expect(runs).toEqual(runs.map(() => ({ code: 0, stderr: '' })))
      expect(await db.rows(`select value from settings where key = 'count'`)).toEqual([{ value: '200' }])
    } finally {
      await db.close()
    }
  })
})

describe('a transaction on SQLite', () => {
  it('holds the write lock from its beginning: others wait without standing still, and then write', async () => {
    const url = (await databases.find(({ name }) => name === 'sqlite')?.migrated()) ?? ''
    const [first, second] = [await openDb(url), await openDb(url)]
    const insert = 'insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?)'
    const of = (key: string) => [key, 'v', 'test', 0]
    const written: string[] = []
    try {
      let waiting: readonly Promise<unknown>[] = []
      await first.transaction(async (tx) => {
        await tx.rows('select * from settings')
        expect(await second.rows('select * from settings')).toEqual([])
        waiting = [
          second.run(insert, of('run')).then(() => written.push('run')),
          second.transaction((own) => own.run(insert, of('transaction'))).then(() => written.push('transaction')),
          second.rowsLightly(`${insert} returning key`, of('light')).then(() => written.push('light')),
        ]
        // Timers of the same process run meanwhile, as a server's answers would.
        for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setTimeout(resolve, 10))
        expect(written).toEqual([])
      })
      await Promise.all(waiting)
      expect(written).toEqual(['run', 'transaction', 'light'])
      expect(await first.rows('select key from settings order by key')).toEqual([
        { key: 'light' },
        { key: 'run' },
        { key: 'transaction' },
      ])
    } finally {
      await first.close()
      await second.close()
    }
  })

  it('has a turn of the event loop to itself: what waited for the one before never goes on while it holds the lock', async () => {
    const url = (await databases.find(({ name }) => name === 'sqlite')?.migrated()) ?? ''
    const db = await openDb(url)
    const raw = new Database(url.slice('sqlite:'.length), { timeout: 0 })
    const statements = async (tx: Db) => {
      for (let n = 0; n < 30; n += 1) await tx.rows('select * from settings')
    }
    let looked = 0
    try {
      /** Goes on for a while without leaving its turn of the loop, and looks at the lock with each step. */
      const andThen = async (before: Promise<void>) => {
        await before
        for (let n = 0; n < 60; n += 1) {
          await Promise.resolve()
          raw.exec('begin immediate; rollback')
          looked += 1
        }
      }

      const works = Array.from({ length: 3 }, () => andThen(db.transaction(statements)))
      await Promise.all(works)

      expect(looked).toBe(180)
    } finally {
      raw.close()
      await db.close()
    }
  })

  it('that fails leaves nothing, and the next one works', async () => {
    const url = (await databases.find(({ name }) => name === 'sqlite')?.migrated()) ?? ''
    const db = await openDb(url)
    const values = ['k', 'v', 'test', 0]
    const insert = 'insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?)'
    try {
      const failing = db.transaction(async (tx) => {
        await tx.run(insert, values)
        throw new Error('a bug')
      })
      const next = db.transaction((tx) => tx.rows('select * from settings'))
      await expect(failing).rejects.toThrow('a bug')
      expect(await next).toEqual([])
    } finally {
      await db.close()
    }
  })
})
