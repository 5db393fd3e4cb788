import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCircuits, resetCircuit } from '../../../src/core/db/account.ts'
import type { Db, SqlValue } from '../../../src/core/db/db.ts'
import { AuthError } from '../../../src/core/errors.ts'
import type { SharedAccount } from '../../../src/core/ports/account.ts'
import { aClock, HOUR, MINUTE, noon, SECOND, type TestClock } from '../../world/a-clock.ts'
import { aDb, aRun, severalConnections } from '../../world/a-run.ts'
import { anAccount } from '../../world/an-account.ts'
import { databases } from '../../world/databases.ts'

/** 2 a second, 5 at once. */
const rule = { perSecond: 2, burst: 5 }

describe.each(databases)('the account that all processes share, on $name', (database) => {
  async function given(): Promise<{
    account: SharedAccount
    clock: TestClock
    other(credentials?: readonly string[]): SharedAccount
  }> {
    const { db, clock, ids } = await aRun(database)
    return { account: anAccount(db, clock, ids), clock, other: (credentials) => anAccount(db, clock, ids, credentials) }
  }

  describe('its rate limit', () => {
    it('lets a burst through, then says how long to wait, then one call per interval', async () => {
      const { account, clock } = await given()
      const waits: number[] = []
      for (let call = 0; call < 7; call += 1) waits.push(await account.take('search', rule))
      expect(waits).toEqual([0, 0, 0, 0, 0, 500, 500])

      await clock.advance(500)
      expect([await account.take('search', rule), await account.take('search', rule)]).toEqual([0, 500])
    })

    it('fills up again while nobody calls, and never beyond the burst', async () => {
      const { account, clock } = await given()
      for (let call = 0; call < 5; call += 1) await account.take('search', rule)
      await clock.advance(24 * HOUR)
      const waits = await Promise.all([1, 2, 3, 4, 5, 6].map(() => account.take('search', rule)))
      expect(waits.filter((ms) => ms === 0)).toHaveLength(5)
    })

    it('is kept for each kind of call alone', async () => {
      const { account } = await given()
      const once = { perSecond: 1, burst: 1 }
      expect([await account.take('search', once), await account.take('confirm', once)]).toEqual([0, 0])
      expect(await account.take('search', once)).toBe(1000)
    })

    it('paces very slow calls', async () => {
      const { account, clock } = await given()
      const slow = { perSecond: 0.0056, burst: 1 }
      expect(await account.take('search', slow)).toBe(0)
      expect(await account.take('search', slow)).toBe(178_572)
      await clock.advance(178_572)
      expect(await account.take('search', slow)).toBe(0)
    })

    it('is never exceeded by many takers at once', async () => {
      const connections = await severalConnections(database, 6)
      const clock = aClock()
      let issued = 0
      const ids = { next: () => String(++issued) }
      const takers = connections.map((db) => anAccount(db, clock, ids))

      const waits = await Promise.all(takers.flatMap((taker) => Array.from({ length: 5 }, () => taker.take('search', rule))))

      expect(waits.filter((ms) => ms === 0)).toHaveLength(5)
      await clock.advance(SECOND)
      const later = await Promise.all(takers.map((taker) => taker.take('search', rule)))
      expect(later.filter((ms) => ms === 0)).toHaveLength(2)
    })

    it('becomes the one the vendor tells of, for every process', async () => {
      const { account, other } = await given()
      await account.adopt('search', { perSecond: 1, burst: 2 })
      const waits = [await other().take('search', rule), await other().take('search', rule), await other().take('search', rule)]
      expect(waits).toEqual([0, 0, 1000])
    })

    it('lets nobody call before the time the vendor named, and that time is never brought forward', async () => {
      const { account, clock, other } = await given()
      await account.drain('search', noon + 10 * SECOND)
      await account.drain('search', noon + SECOND)
      expect(await other().take('search', rule)).toBe(10 * SECOND)
      await clock.advance(10 * SECOND)
      expect(await other().take('search', rule)).toBe(0)
    })

    it('holds for any pattern of calls: never more than the burst and the pace allow', async () => {
      const db = await aDb(database)
      const pauses = fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 30 })
      await fc.assert(
        fc.asyncProperty(pauses, fc.integer({ min: 1, max: 4 }), async (gaps, burst) => {
          await db.run('delete from rate_buckets')
          const clock = aClock()
          const account = anAccount(db, clock, { next: () => 'x' })
          const made: number[] = []
          for (const gap of gaps) {
            await clock.advance(gap)
            if ((await account.take('search', { perSecond: 2, burst })) === 0) made.push(clock.now())
          }
          for (const [i, from] of made.entries()) {
            for (const [n, to] of made.slice(i).entries())
              expect(n + 1).toBeLessThanOrEqual(burst + Math.floor((to - from) / 500))
          }
        }),
        { numRuns: database.name === 'sqlite' ? 100 : 15 },
      )
    })
  })

  describe('what it shares with other accounts', () => {
    it('is counted and noted once for all of them, and apart from their own', async () => {
      const { db, clock, ids } = await aRun(database)
      const [us, uk] = ['amazon-us', 'ebay-uk'].map((account) =>
        anAccount(db, clock, ids, ['id', 'secret'], account).common('one keyset'),
      )
      const own = anAccount(db, clock, ids)
      const waits: (number | undefined)[] = []
      for (const account of [us, uk, us, uk, us, uk]) waits.push(await account?.take('day', rule))
      await us?.remember('over', 'until noon', noon + HOUR)

      expect(waits).toEqual([0, 0, 0, 0, 0, 500])
      expect(await uk?.recall('over')).toBe('until noon')
      expect([await own.take('day', rule), await own.recall('over')]).toEqual([0, undefined])
      expect([await own.common('another').take('day', rule), await own.common('another').recall('over')]).toEqual([0, undefined])
    })

    it('bears no name that could be read', async () => {
      const { db, clock, ids } = await aRun(database)
      await anAccount(db, clock, ids).common('ebay keyset Secretive-App-PRD').take('day', rule)
      expect(JSON.stringify(await db.rows('select * from rate_buckets'))).not.toContain('Secretive')
    })
  })

  describe('its token', () => {
    const minting = (token: string, expiresAt = noon + HOUR) => {
      const minted: string[] = []
      const mint = async () => {
        minted.push(token)
        return { token, expiresAt }
      }
      return { minted, mint }
    }

    it('is minted once and used by all', async () => {
      const { account, other } = await given()
      const { mint, minted } = minting('T1')
      expect([await account.token(mint), await other().token(mint), await account.token(mint)]).toEqual(['T1', 'T1', 'T1'])
      expect(minted).toHaveLength(1)
    })

    it('is minted once even when many processes want it in the same moment', async () => {
      const connections = await severalConnections(database, 6)
      let issued = 0
      const clock = { ...aClock(), sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) }
      let minted = 0
      const mint = async () => {
        minted += 1
        await new Promise((resolve) => setTimeout(resolve, 30))
        return { token: `T${minted}`, expiresAt: noon + HOUR }
      }

      const tokens = await Promise.all(
        connections.map((db) => anAccount(db, clock, { next: () => `id-${++issued}` }).token(mint)),
      )

      expect(new Set(tokens)).toEqual(new Set(['T1']))
      expect(minted).toBe(1)
    })

    it('is not minted again by a process that looked a moment before another stored it', async () => {
      const run = await aRun(database)
      const quick = anAccount(run.db, run.clock, run.ids)
      let overtaken = false
      const slowDb: Db = {
        ...run.db,
        async rows<T extends object>(sql: string, values?: readonly SqlValue[]): Promise<T[]> {
          const seen = await run.db.rows<T>(sql, values)
          if (!overtaken) {
            overtaken = true
            await quick.token(minting('T1').mint)
          }
          return seen
        },
      }
      const { mint, minted } = minting('T2')

      expect(await anAccount(slowDb, run.clock, run.ids).token(mint)).toBe('T1')
      expect(minted).toEqual([])
    })

    it('is minted anew a minute before its end', async () => {
      const { account, clock } = await given()
      await account.token(minting('T1').mint)
      await clock.advance(59 * MINUTE - 1)
      expect(await account.token(minting('T2').mint)).toBe('T1')
      await clock.advance(1)
      expect(await account.token(minting('T2').mint)).toBe('T2')
    })

    it('is minted anew when the vendor rejects it, once for all who were rejected', async () => {
      const { account, other } = await given()
      await account.token(minting('T1').mint)
      const { mint, minted } = minting('T2')
      expect([await account.token(mint, 'T1'), await other().token(mint, 'T1')]).toEqual(['T2', 'T2'])
      expect(minted).toHaveLength(1)
    })

    it('of other credentials is not used', async () => {
      const { account, other } = await given()
      await account.token(minting('T1').mint)
      expect(await other(['id', 'new secret']).token(minting('T2').mint)).toBe('T2')
    })

    it('is sealed in the database', async () => {
      const run = await aRun(database)
      await anAccount(run.db, run.clock, run.ids).token(minting('very-secret').mint)
      const [row] = await run.db.rows<{ token: string }>('select token from access_tokens')
      expect(row?.token).toMatch(/^sealed amazon-us/)
      expect(row?.token).not.toContain('very-secret')
    })

    it('can be minted by the next process at once when minting failed', async () => {
      const { account, other } = await given()
      await expect(account.token(async () => Promise.reject(new Error('503')))).rejects.toThrow('503')
      expect(await other().token(minting('T1').mint)).toBe('T1')
    })

    it('can be minted by another process a minute after the one that held the refresh died', async () => {
      const run = await aRun(database)
      const values = ['amazon-us', 'x', 'dead process', noon + MINUTE] as const
      await run.db.run('insert into access_tokens (account, fingerprint, lease_owner, lease_until) values (?, ?, ?, ?)', values)
      const waiting = anAccount(run.db, run.clock, run.ids).token(minting('T1').mint)
      let token: string | undefined
      waiting.then((value) => (token = value)).catch(() => undefined)
      for (let quarter = 0; quarter < 240; quarter += 1) {
        while (run.clock.sleeping() === 0 && token === undefined) await new Promise((resolve) => setImmediate(resolve))
        expect(token).toBeUndefined()
        await run.clock.advance(250)
      }
      while (run.clock.sleeping() === 0 && token === undefined) await new Promise((resolve) => setImmediate(resolve))
      await run.clock.advance(250)
      expect(await waiting).toBe('T1')
    })
  })

  describe('its circuit', () => {
    it('is closed until credentials are refused, and then keeps every process away', async () => {
      const { account, other } = await given()
      await account.assertClosed('search')
      await account.open('invalid_client')
      await expect(account.assertClosed('search')).rejects.toThrow(AuthError)
      await expect(other().assertClosed('search')).rejects.toThrow('invalid_client')
    })

    it('lets one process try every five minutes', async () => {
      const { account, clock, other } = await given()
      await account.open('invalid_client')
      await clock.advance(5 * MINUTE)
      await account.assertClosed('search')
      await expect(other().assertClosed('search')).rejects.toThrow(AuthError)
      await clock.advance(5 * MINUTE)
      await other().assertClosed('search')
    })

    it('lets one of many through that try in the same moment', async () => {
      const connections = await severalConnections(database, 5)
      const clock = aClock()
      const accounts = connections.map((db) => anAccount(db, clock, { next: () => 'x' }))
      await accounts[0]!.open('invalid_client')
      await clock.advance(5 * MINUTE)
      const tries = await Promise.allSettled(accounts.map((one) => one.assertClosed('search')))
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('closes for all when a try succeeds, and stays open when it fails', async () => {
      const { account, clock, other } = await given()
      await account.open('invalid_client')
      await clock.advance(5 * MINUTE)
      await account.assertClosed('search')
      await account.open('invalid_client')
      await expect(other().assertClosed('search')).rejects.toThrow(AuthError)
      await clock.advance(5 * MINUTE)
      await account.assertClosed('search')
      await account.close()
      await other().assertClosed('search')
    })

    it('is not closed by the late success of a call that was made before it opened', async () => {
      const { account, other } = await given()
      await account.assertClosed('search')
      await other().open('invalid_client')
      await account.close()
      await expect(other().assertClosed('search')).rejects.toThrow(AuthError)
    })

    it('lets new credentials through at once', async () => {
      const { account, other } = await given()
      await account.open('invalid_client')
      const mended = other(['id', 'new secret'])
      await mended.assertClosed('search')
      await mended.close()
      await mended.assertClosed('search')
    })

    it('tells since when, and lets the next call through when an operator says so', async () => {
      const run = await aRun(database)
      const account = anAccount(run.db, run.clock, run.ids)
      await account.open('invalid_client')
      await run.clock.advance(MINUTE)
      await account.open('invalid_client again')
      expect(await openCircuits(run.db)).toEqual([
        { account: 'amazon-us', opened_at: noon, probe_at: noon + 6 * MINUTE, reason: 'invalid_client again' },
      ])
      await resetCircuit(run.db, 'amazon-us')
      await account.assertClosed('search')
    })

    it('counts from when the present credentials were refused, not the former ones', async () => {
      const run = await aRun(database)
      await anAccount(run.db, run.clock, run.ids).open('invalid_client')
      await run.clock.advance(24 * HOUR)
      await anAccount(run.db, run.clock, run.ids, ['id', 'new secret']).open('invalid_client')
      expect((await openCircuits(run.db))[0]?.opened_at).toBe(noon + 24 * HOUR)
    })
  })
})
