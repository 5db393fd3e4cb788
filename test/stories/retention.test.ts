import { describe, expect, it, onTestFinished } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { databases } from '../world/databases.ts'
import { openHouse, sealedValues, someOrders, traces, unreadable } from './retention-story.ts'

describe.each(databases)('on $name, kill -9', { timeout: 120_000 }, (database) => {
  it('in the middle of a purge leaves nothing half erased; the next run erases the rest, and no trace of it is in the files', async () => {
    const house = await openHouse(database)
    const vault = house.vault('k1')
    const due = someOrders(house, 'DUE', 700, 40, { status: 'shipped' })
    // Another process stays: else the write-ahead log would go by itself whenever the last one leaves.
    const other = await openDb(house.url)
    onTestFinished(() => other.close())
    await other.rows('select 1 as one from orders')
    // Young and due ones lie side by side.
    await house.store(
      due.flatMap((order, n) => (n % 3 === 0 ? [order, ...someOrders(house, `YOUNG-${n}`, 1, 3)] : [order])),
      vault,
    )
    const before = await house.ask(sealedValues)
    const gone = [...before].filter(([place]) => place.includes('DUE')).map(([, value]) => value)
    expect(gone).toHaveLength(4 * 700)
    expect(await traces(house.url, gone)).toBeGreaterThan(10_000)

    const halves: number[] = []
    for (const boundary of [6, 4]) {
      const { code, stderr } = await house.isync('purge', boundary)
      expect(code, stderr).toBe(null)
      const { ids, left } = await house.ask(async (db) => ({ ids: await erasedIds(db), left: await sealedValues(db) }))
      halves.push(ids.length)
      // An order is erased whole or not at all.
      const half = ids.filter((id) => [...left.keys()].some((place) => new RegExp(`/${id}(/|$)`).test(place)))
      expect(half).toEqual([])
      expect(await house.ask((db) => unreadable(db, vault))).toEqual([])
    }
    expect(halves.some((count) => count > 0 && count < 700)).toBe(true)

    const last = await house.isync('purge')
    expect(last.code, last.stdout + last.stderr).toBe(0)
    const { proof, remains, ok } = JSON.parse(last.stdout) as { proof: { left: number }[]; remains: unknown; ok: boolean }
    expect([remains, ok]).toEqual([null, true])
    expect(proof.every(({ left }) => left === 0)).toBe(true)
    expect(await house.ask(erasedIds)).toHaveLength(700)
    expect(await traces(house.url, gone)).toBe(0)
    // Of the young ones nothing is missing.
    const kept = [...before].filter(([place]) => !place.includes('DUE')).map(([place]) => place)
    expect([...(await house.ask(sealedValues)).keys()].filter((place) => place.includes('order')).sort()).toEqual(kept.sort())
  })

  it('in the middle of keys:rotate leaves everything readable; the next run does the rest, while orders are pulled', async () => {
    const house = await openHouse(database)
    const both = house.vault('k2', 'k1')
    await house.store(someOrders(house, 'A', 500, 3), house.vault('k1'))
    house.useKeys('k2', 'k1')

    const halves: number[] = []
    for (const boundary of database.name === 'sqlite' ? [9, 14] : [8, 13]) {
      const { code, stderr } = await house.isync('keys:rotate', boundary)
      expect(code, stderr).toBe(null)
      expect(await house.ask((db) => unreadable(db, both))).toEqual([])
      halves.push([...(await house.ask(sealedValues)).values()].filter((value) => /^v\d:k2:/.test(value)).length)
    }
    expect(halves.some((count) => count > 0 && count < 2000)).toBe(true)

    // Another process with the old key in front stores changes of half of the orders meanwhile.
    const rotating = house.isync('keys:rotate')
    const changed = someOrders(house, 'A', 500, 2, { notes: 'changed meanwhile' })
    for (let n = 0; n < 250; n += 50) await house.store(changed.slice(n, n + 50), house.vault('k1', 'k2'))
    const first = await rotating
    expect([0, 3], first.stderr).toContain(first.code)
    const last = await house.isync('keys:rotate')

    expect(last.code, last.stdout + last.stderr).toBe(0)
    expect(JSON.parse(last.stdout)).toMatchObject({ current: 'k2', removable: ['k1'], others: {}, unopened: 0 })
    const fresh = house.vault('k2')
    expect(await house.ask((db) => unreadable(db, fresh))).toEqual([])
    const notes = await house.ask((db) =>
      db.rows<{ external_order_id: string; messages: string }>('select external_order_id, messages from orders order by 1'),
    )
    const written = notes.map((row) => fresh.open('orders', 'messages', `amazon-us/${row.external_order_id}`, row.messages))
    expect(written.filter((text) => text.includes('changed meanwhile'))).toHaveLength(250)
    // The old key is taken out, and the program works on.
    house.useKeys('k2')
    expect((await house.isync('purge')).code).toBe(0)
  })
})

async function erasedIds(db: Parameters<typeof sealedValues>[0]): Promise<string[]> {
  const rows = await db.rows<{ id: string }>('select external_order_id as id from orders where erased_at is not null')
  return rows.map(({ id }) => id)
}
