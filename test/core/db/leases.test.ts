import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { holdsLease, listLeases, releaseLease, renewLease, takeLease } from '../../../src/core/db/leases.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { aDb, severalConnections } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

const pull = 'orders:pull amazon-us'

function take(db: Db, owner: string, at = noon) {
  return takeLease(db, { name: pull, owner, host: `host of ${owner}`, pid: 7, until: at + 2 * MINUTE }, at)
}

describe.each(databases)('the lease of a command on $name', (database) => {
  it('is taken by one, and names that one to the others', async () => {
    const db = await aDb(database)
    expect(await take(db, 'a')).toBeUndefined()
    expect(await take(db, 'b')).toEqual({ owner: 'a', host: 'host of a', pid: 7, taken_at: noon, lease_until: noon + 2 * MINUTE })
  })

  it('is taken by one of many that try in the same moment', async () => {
    const connections = await severalConnections(database, 8)
    const answers = await Promise.all(connections.map((db, n) => take(db, `owner-${n}`)))
    expect(answers.filter((holder) => holder === undefined)).toHaveLength(1)
  })

  it('is free again when it is given back, or runs out', async () => {
    const db = await aDb(database)
    await take(db, 'a')
    await releaseLease(db, pull, 'a')
    expect(await take(db, 'b')).toBeUndefined()
    expect(await take(db, 'c', noon + 2 * MINUTE)).toMatchObject({ owner: 'b' })
    expect(await take(db, 'c', noon + 2 * MINUTE + 1)).toBeUndefined()
  })

  it('is lengthened only by its holder, and only while it lasts', async () => {
    const db = await aDb(database)
    await take(db, 'a')
    expect(await renewLease(db, pull, 'b', noon + 9 * MINUTE, noon + MINUTE)).toBe(false)
    expect(await renewLease(db, pull, 'a', noon + 4 * MINUTE, noon + 2 * MINUTE)).toBe(true)
    expect(await renewLease(db, pull, 'a', noon + 9 * MINUTE, noon + 4 * MINUTE + 1)).toBe(false)
  })

  it('is not given back by somebody who has lost it', async () => {
    const db = await aDb(database)
    await take(db, 'a')
    await take(db, 'b', noon + 3 * MINUTE)
    await releaseLease(db, pull, 'a')
    expect(await db.transaction((tx) => holdsLease(tx, pull, 'a'))).toBe(false)
    expect(await db.transaction((tx) => holdsLease(tx, pull, 'b'))).toBe(true)
  })

  it('cannot be taken over while its holder writes what depends on it', async () => {
    const [holder, other] = await severalConnections(database, 2)
    await take(holder!, 'a')
    const order: string[] = []
    let taking: Promise<unknown> = Promise.resolve()
    await holder!.transaction(async (tx) => {
      expect(await holdsLease(tx, pull, 'a')).toBe(true)
      taking = take(other!, 'b', noon + 3 * MINUTE).then(() => order.push('taken over'))
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push('written')
    })
    await taking
    expect(order).toEqual(['written', 'taken over'])
  })

  it('is listed while it lasts', async () => {
    const db = await aDb(database)
    await take(db, 'a')
    expect((await listLeases(db, noon + MINUTE)).map(({ name, owner }) => [name, owner])).toEqual([[pull, 'a']])
    expect(await listLeases(db, noon + 3 * MINUTE)).toEqual([])
  })
})
