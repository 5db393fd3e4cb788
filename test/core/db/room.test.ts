import { statSync } from 'node:fs'
import BetterSqlite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { giveRoomBack } from '../../../src/core/db/room.ts'
import { connectTo } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

const [sqlite, postgres] = databases

it('on SQLite the write-ahead log is emptied, and while somebody still reads older pages the answer says so', async () => {
  const url = (await sqlite?.migrated()) ?? ''
  const file = url.slice('sqlite:'.length)
  const db = await connectTo(url)
  const reader = new BetterSqlite(file)
  onTestFinished(() => void reader.close())
  reader.exec('begin')
  reader.prepare('select count(*) from orders').get()
  await db.run(`insert into leases (name, owner, host, pid, taken_at, lease_until) values ('x', 'me', 'h', 1, 1, 1)`)

  expect(await giveRoomBack(db, [], 100)).toMatch(/write-ahead log/)
  // Whoever is soon through is waited for.
  const waiting = giveRoomBack(db, [])
  setTimeout(() => reader.exec('commit'), 100)
  expect(await waiting).toBeUndefined()
  expect(statSync(`${file}-wal`).size).toBe(0)
})

it('on PostgreSQL dead rows are removed, and a table that is not there is no small matter', async () => {
  const db = await connectTo((await postgres?.migrated()) ?? '')
  await db.run(`insert into leases (name, owner, host, pid, taken_at, lease_until) values ('x', 'me', 'h', 1, 1, 1)`)
  const pages = () => db.rows(`select pg_relation_size('leases') as size`)
  expect(await pages()).not.toEqual([{ size: 0 }])
  await db.run('delete from leases')

  expect(await giveRoomBack(db, ['leases', 'orders'])).toBeUndefined()
  // A table that is empty at its end is cut off there.
  expect(await pages()).toEqual([{ size: 0 }])
  await expect(giveRoomBack(db, ['no_such_table'])).rejects.toThrow(/no_such_table/)
})
