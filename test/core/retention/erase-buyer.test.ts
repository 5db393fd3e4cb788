import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import type { BuyerAccount } from '../../../src/core/model/trigger.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { newKey } from '../../../src/core/privacy/keys.ts'
import { rotateKeys } from '../../../src/core/privacy/rotate.ts'
import { createVault } from '../../../src/core/privacy/vault.ts'
import { type BuyerErasure, eraseBuyer } from '../../../src/core/retention/erase-buyer.ts'
import type { BuyerReader } from '../../../src/core/retention/read-buyers.ts'
import { DAY, HOUR, noon } from '../../world/a-clock.ts'
import { amazonUs, type TestRun } from '../../world/a-run.ts'
import { aLine, anAddress, aPoisonOrder } from '../../world/an-order.ts'
import { everything, historyOf, orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, documented, purged, remembered, soldTo, store } from './a-house.ts'

const channels = ['amazon-us']

/** Finds the buyer where the documents of these stories have one. */
const reader: BuyerReader = {
  channel: 'amazon-us',
  buyerAccountIn: (document) => z.object({ account: z.object({ username: z.string() }) }).safeParse(document).data?.account,
}

const ada: BuyerAccount = { username: 'Ada.L', userId: 'aB3dEfGh1jK', token: 'nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6' }

describe.each(databases)("a buyer's account that was deleted at the marketplace, on $name,", (database) => {
  let run: TestRun

  beforeEach(async () => {
    run = await aHouse(database)
  })

  function sold(id: string, buyerAccount: BuyerAccount, change: Partial<NormalizedOrder> = {}): NormalizedOrder {
    return soldTo('ada', id, 1, { status: 'shipped', buyerAccount, ...change })
  }

  function deleted(buyer: BuyerAccount = ada, only: readonly string[] = channels): Promise<BuyerErasure> {
    return eraseBuyer(run, { channels: only, buyer }, [reader])
  }

  /** As a database was before accounts were kept. */
  async function forgetAccounts(): Promise<void> {
    await run.db.run('delete from buyer_accounts')
    await run.db.run('update orders set buyer_unread = 1')
  }

  async function accounts(): Promise<number> {
    const [row] = await run.db.rows<{ n: number }>('select count(*) as n from buyer_accounts')
    return Number(row?.n)
  }

  it('takes with it what its shipped and cancelled orders say of a person, by whichever of its names an order knows it', async () => {
    await store(
      run,
      sold('A-name', { username: 'ADA.l' }),
      sold('A-id', { userId: 'aB3dEfGh1jK' }, { status: 'cancelled' }),
      sold('A-token', { username: 'ada_before', token: ada.token ?? '' }),
      sold('A-either', { username: 'aB3dEfGh1jK', userId: 'aB3dEfGh1jK' }),
      sold('A-other', { username: 'ada.lo', userId: 'aB3dEfGh1j', token: 'nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dJ6' }),
      sold('A-nobody', {}),
    )

    expect(await deleted()).toEqual({ erased: 4, later: 0, left: 0 })

    expect(await remembered(run)).toEqual(['A-nobody', 'A-other'])
    expect(await documented(run)).toEqual(['A-nobody', 'A-other'])
    expect(await orderRow(run.db, 'A-name')).toMatchObject({ erased_at: noon, ship_to: null, messages: null, status: 'shipped' })
    expect(await historyOf(run.db, 'A-name')).toEqual(['pulled', 'personal data erased'])
    expect(
      await run.db.rows(`select detail from events where what = 'personal data erased' and entity_id = 'amazon-us/A-id'`),
    ).toEqual([{ detail: '{"because":"account deleted at the marketplace"}' }])
    // Those of the other one.
    expect(await accounts()).toBe(3)
  })

  it('is known by digests only: none of its names stands anywhere', async () => {
    await store(run, sold('A-1', ada, { status: 'open' }))
    await deleted()
    const tables = ['buyer_accounts', 'deleted_accounts', 'settings']
    const rows = await Promise.all(tables.map((table) => run.db.rows(`select * from ${table}`)))
    const dump = `${await everything(run.db)}${JSON.stringify([rows, run.logged])}`
    for (const name of [...Object.values(ada), 'ada.l']) expect(dump).not.toContain(name)
    expect(await accounts()).toBe(3)
  })

  it('waits for what is still to be shipped, and goes with the first purge after that', async () => {
    await store(run, sold('A-1', ada, { status: 'open' }))

    expect(await deleted()).toEqual({ erased: 0, later: 1, left: 0 })
    expect(await remembered(run)).toEqual(['A-1'])
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'personal data to be erased'])
    await purged(run)
    // It must arrive where the buyer lives now.
    await store(run, sold('A-1', ada, { status: 'open', updatedAt: noon, shipTo: { ...anAddress, city: 'Salem' } }))
    expect(await remembered(run)).toEqual(['A-1'])

    await run.db.run(`update tasks set state = 'done'`)
    await run.clock.advance(HOUR)
    const shipped = sold('A-1', ada, { updatedAt: noon + HOUR, lines: [aLine('L1', { qtyToShip: 0, qtyShipped: 1 })] })
    await store(run, shipped)
    const report = await purged(run)

    expect(report.verdict).toBe('done')
    expect(report.erased.filter(({ rows }) => rows > 0)).toEqual([
      { what: 'personal data of deleted accounts', channel: 'amazon-us', rows: 1, documents: 3 },
    ])
    expect([await remembered(run), await documented(run), await accounts()]).toEqual([[], [], 0])
    // Nor does the channel bring it back.
    const totals = { ...shipped.totals, total: 1 }
    await store(run, { ...shipped, updatedAt: noon + 2 * HOUR, notes: 'ada rings thrice', totals })
    expect([await remembered(run), await documented(run), await accounts()]).toEqual([[], [], 0])
    expect(await orderRow(run.db, 'A-1')).toMatchObject({ total_minor: 1, buyer: null, ship_to: null, messages: null })
  })

  it('waits for work that is under way on an order that left', async () => {
    await store(run, sold('A-1', ada, { status: 'open' }))
    await run.db.run(`update orders set status = 'shipped', closed_at = ?`, [noon])
    await run.db.run(`update tasks set state = 'waiting'`)
    expect(await deleted()).toEqual({ erased: 0, later: 1, left: 0 })
    await run.db.run(`update tasks set state = 'dead'`)
    expect(await deleted()).toEqual({ erased: 1, later: 0, left: 0 })
  })

  it('concerns the channels of that marketplace only', async () => {
    await store(run, sold('A-1', ada), sold('M-1', ada, { channel: 'mirakl-macys' }))
    expect(await deleted(ada, ['mirakl-macys'])).toEqual({ erased: 1, later: 0, left: 0 })
    expect(await remembered(run)).toEqual(['A-1'])
  })

  it('is nearly always that of a stranger: nothing is done, and nothing said', async () => {
    await store(run, sold('A-1', ada))
    const before = await everything(run.db)
    expect(await deleted({ username: 'nobody', userId: 'x1', token: 'y2' })).toEqual({ erased: 0, later: 0, left: 0 })
    expect(await deleted({})).toEqual({ erased: 0, later: 0, left: 0 })
    expect(await everything(run.db)).toBe(before)
  })

  it('told twice changes nothing the second time', async () => {
    await store(run, sold('A-1', ada), sold('A-2', ada, { status: 'open' }))
    expect(await deleted()).toEqual({ erased: 1, later: 1, left: 0 })
    const before = await everything(run.db)
    await run.clock.advance(HOUR)
    expect(await deleted()).toEqual({ erased: 0, later: 1, left: 0 })
    expect(await everything(run.db)).toBe(before)
  })

  it('is remembered: an order of it that is read late is marked, and one that was placed under its name since is not', async () => {
    await deleted()
    await run.clock.advance(DAY)
    await store(run, sold('A-late', { username: 'ada.l' }), sold('A-new', ada, { createdAt: noon + 1, updatedAt: noon + 2 }))

    expect(await historyOf(run.db, 'A-late')).toEqual(['pulled', 'personal data to be erased'])
    expect(await historyOf(run.db, 'A-new')).toEqual(['pulled'])
    await purged(run)
    expect(await remembered(run)).toEqual(['A-new'])
  })

  it('is found by an order that tells its buyer only when it comes again', async () => {
    const { buyerAccount: _account, ...unnamed } = sold('A-1', {})
    await store(run, unnamed)
    expect(await deleted()).toEqual({ erased: 0, later: 0, left: 0 })
    await store(run, { ...unnamed, buyerAccount: ada })
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'changed', 'personal data to be erased'])
    await store(run, { ...unnamed, buyerAccount: ada })
    expect(await deleted()).toEqual({ erased: 1, later: 0, left: 0 })
  })

  it('is looked for in the documents of orders from before accounts were kept, once', async () => {
    await store(
      run,
      sold('A-1', ada, { raw: { account: { username: 'Ada.L' } } }),
      sold('A-2', ada, { raw: { account: { username: 'somebody' } } }),
      sold('A-3', ada, { raw: { account: 7 } }),
      sold('A-4', ada),
      ...Array.from({ length: 201 }, (_, n) => sold(`B-${n}`, ada, { raw: { account: { username: 'bea' } } })),
    )
    await run.db.run(`delete from order_payloads where external_order_id = 'A-4'`)
    await run.db.run(`update order_payloads set payload = 'v1:k1:damaged' where external_order_id = 'A-3'`)
    await forgetAccounts()

    expect(await deleted()).toEqual({ erased: 1, later: 0, left: 0 })
    expect((await remembered(run)).filter((id) => id.startsWith('A'))).toEqual(['A-2', 'A-3', 'A-4'])
    expect(run.logged).toContainEqual(
      expect.objectContaining({
        message: 'buyers of stored orders were read',
        fields: expect.objectContaining({ read: 205, unknown: 2 }),
      }),
    )
    const lines = run.logged.length
    expect(await deleted({ username: 'bea' })).toEqual({ erased: 201, later: 0, left: 0 })
    expect(run.logged).toHaveLength(lines)
  })

  it('is found among them though it was deleted before they were looked at', async () => {
    await store(run, sold('A-1', ada, { raw: { account: { username: 'Ada.L' } } }))
    await forgetAccounts()
    await eraseBuyer(run, { channels, buyer: ada }, [])
    expect(await remembered(run)).toEqual(['A-1'])
    await deleted({ username: 'a stranger' })
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'personal data to be erased'])
    await purged(run)
    expect(await remembered(run)).toEqual([])
  })

  it('is found in a document that could not be read as an order, which goes as soon as it is given up', async () => {
    const poison = [aPoisonOrder('A-bad', { raw: { account: { username: 'ada.l' }, street: 'Analytical Way' } })]
    await run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders: [], poison, skipped: 0 }))
    expect(await deleted()).toEqual({ erased: 0, later: 1, left: 0 })
    await run.clock.advance(90 * DAY + 1)
    expect((await purged(run)).verdict).toBe('done')
    expect([await documented(run), await accounts()]).toEqual([[], 0])
  })

  it('is found by its digests under new encryption keys, too', async () => {
    const [older, newer] = [newKey('k1'), newKey('k2')]
    const before = { ...run, vault: createVault(older) }
    await before.db.transaction((tx) => storePage(tx, before, amazonUs, { orders: [sold('A-1', ada)], poison: [], skipped: 0 }))
    await rotateKeys({ ...run, vault: createVault(`${newer},${older}`) }, () => undefined)
    const after = { ...run, vault: createVault(newer) }
    expect(await eraseBuyer(after, { channels, buyer: ada }, [])).toEqual({ erased: 1, later: 0, left: 0 })
    await expect(eraseBuyer(before, { channels, buyer: ada }, [])).rejects.toThrow('k2')
  })

  it('is remembered for 90 days', async () => {
    await deleted()
    await run.clock.advance(90 * DAY)
    await purged(run)
    expect(await run.db.rows('select count(*) as n from deleted_accounts')).toEqual([{ n: 3 }])
    await run.clock.advance(1)
    const report = await purged(run)
    expect(report.erased.filter(({ rows }) => rows > 0)).toEqual([
      { what: 'digests of deleted accounts', channel: null, rows: 3, documents: 0 },
    ])
    expect(await run.db.rows('select count(*) as n from deleted_accounts')).toEqual([{ n: 0 }])
  })

  it('leaves nothing: what is left of an order that counts as erased is counted, digests too', async () => {
    await store(run, sold('A-1', ada))
    await run.db.run('update orders set erased_at = 1, buyer = null, ship_to = null, messages = null')
    await run.db.run('delete from order_payloads')
    const proof = (await purged(run)).proof.filter(({ left }) => left > 0)
    expect(proof).toMatchObject([{ what: 'remains of erased orders', left: 3 }])
  })

  // On SQLite whoever writes is alone.
  if (database.name === 'postgres') {
    it('waits for an order that is being stored, so that neither misses the other', async () => {
      // The key is made at the first use.
      await deleted({})
      const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`
      let gone: Promise<BuyerErasure> | undefined
      await run.db.transaction(async (tx) => {
        await storePage(tx, run, amazonUs, { orders: [sold('A-1', ada)], poison: [], skipped: 0 })
        let isOver = false
        gone = deleted().finally(() => {
          isOver = true
        })
        // Either it waits for us, or it has gone by.
        while (!isOver && (await run.db.rows(waiting)).length === 0);
      })
      expect(await gone).toEqual({ erased: 1, later: 0, left: 0 })
    })
  }

  it('and an order of it that is stored at the same moment do not miss each other', async () => {
    const orders = Array.from({ length: 20 }, (_, n) => sold(`A-${n}`, ada))
    const stored = orders.map((order) => store(run, order))
    await Promise.all([...stored.slice(0, 10), deleted(), ...stored.slice(10)])
    await purged(run)
    expect([await remembered(run), await accounts()]).toEqual([[], 0])
  })

  it('goes through more orders than one transaction takes, and stops where it is told to', async () => {
    await store(run, ...Array.from({ length: 210 }, (_, n) => sold(`A-${n}`, ada)))
    run.stop()
    expect(await deleted()).toEqual({ erased: 0, later: 0, left: 210 })
    expect(await eraseBuyer({ ...run, signal: new AbortController().signal }, { channels, buyer: ada }, [])).toEqual({
      erased: 210,
      later: 0,
      left: 0,
    })
  })
})
