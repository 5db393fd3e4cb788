import { describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { openHouse, sealedValues, someOrders, traces, unreadable } from './retention-story.ts'

/** More than a batch of each command. */
const MANY = 520

describe.each(databases)('on $name', (database) => {
  it('every boundary of purge may be the last one: nothing half erased, nothing unreadable, nothing left', async () => {
    const house = await openHouse(database)
    const vault = house.vault('k1')
    const gone: string[] = []
    const places = new Set<string>()
    let kills = 0
    for (let boundary = 1; ; boundary += 1) {
      const due = `DUE${boundary}`
      await house.store(
        [...someOrders(house, due, MANY, 40, { status: 'shipped' }), ...someOrders(house, `KEEP${boundary}`, 3, 3)],
        vault,
      )
      for (const [place, value] of await house.ask(sealedValues)) if (place.includes('/DUE')) gone.push(value)
      const { code, stderr } = await house.isync('purge', boundary)
      const erased = await house.ask((db) =>
        db.rows<{ id: string }>(`select external_order_id as id from orders where erased_at is not null`),
      )
      const left = new Set([...(await house.ask(sealedValues)).keys()].map((place) => place.split('/')[1]))
      expect(
        erased.filter(({ id }) => left.has(id)),
        stderr,
      ).toEqual([])
      expect(await house.ask((db) => unreadable(db, vault))).toEqual([])
      if (code !== null) {
        expect(code, stderr).toBe(0)
        break
      }
      kills += 1
      places.add(/SIGKILL at (\S+)/.exec(stderr)?.[1] ?? '')
      const next = await house.isync('purge')
      expect(next.code, next.stdout + next.stderr).toBe(0)
      const [after] = await house.ask((db) =>
        db.rows<{ n: number }>(`select count(*) as n from orders where buyer is not null and external_order_id like 'DUE%'`),
      )
      expect(Number(after?.n)).toBe(0)
    }
    expect(await traces(house.url, gone)).toBe(0)
    process.stdout.write(`${database.name}: purge killed at ${kills} boundaries (${[...places].sort().join(', ')})\n`)
    expect(kills).toBeGreaterThan(9)
  })

  it('every boundary of keys:rotate may be the last one: nothing unreadable, and the old key is needed no more', async () => {
    const house = await openHouse(database)
    await house.store(someOrders(house, 'A', MANY, 3), house.vault('k1'))
    const whole = (await house.ask(sealedValues)).size
    let kills = 0
    for (let boundary = 1; ; boundary += 1) {
      const [next, last] = boundary % 2 === 1 ? ['k2', 'k1'] : ['k1', 'k2']
      if (next === undefined || last === undefined) throw new Error('two keys take turns')
      house.useKeys(next, last)
      const { code } = await house.isync('keys:rotate', boundary)
      expect(await house.ask((db) => unreadable(db, house.vault(next, last)))).toEqual([])
      if (code === null) {
        kills += 1
        const ended = await house.isync('keys:rotate')
        expect(ended.code, ended.stdout + ended.stderr).toBe(0)
        expect(JSON.parse(ended.stdout)).toMatchObject({ current: next, removable: [last] })
      }
      expect(await house.ask((db) => unreadable(db, house.vault(next)))).toEqual([])
      if (code !== null) break
    }
    // ... and the check of the keys, which the first run made.
    expect((await house.ask(sealedValues)).size).toBe(whole + 1)
    process.stdout.write(`${database.name}: keys:rotate killed at ${kills} boundaries\n`)
    expect(kills).toBeGreaterThan(15)
  })
})
