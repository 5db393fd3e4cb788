import { describe, expect, it } from 'vitest'
import { runCallsBetween } from '../../../src/core/db/run-calls.ts'
import { openCallJournal } from '../../../src/core/inbox/calls.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('what a server asks of vendors, on $name,', (database) => {
  const written = async (run: TestRun, from = noon - HOUR, to = noon + 3 * HOUR) =>
    (await runCallsBetween(run.db, { from, to })).map((text): unknown => JSON.parse(text))

  it('is written down while it runs, each quarter of an hour by itself', async () => {
    const run = await aRun(database)
    let counts: Record<string, Record<string, number>> = {}
    const journal = openCallJournal(run, () => counts)

    // That it has asked nothing yet is known as well.
    expect(await journal.flush()).toBe(false)
    expect(await written(run)).toEqual([{}])
    counts = { zoho: { items: 3 }, shipstation: {} }
    expect(await journal.flush()).toBe(true)
    counts = { zoho: { items: 5, token: 1 } }
    await journal.flush()
    expect(await journal.flush()).toBe(false)
    expect(await written(run)).toEqual([{ zoho: { items: 5, token: 1 } }])

    await run.clock.advance(15 * MINUTE)
    expect(await journal.flush()).toBe(false)
    counts = { zoho: { items: 6, token: 1 }, shipstation: { labels: 2 } }
    await journal.flush()
    await run.clock.advance(MINUTE)
    counts = { zoho: { items: 8, token: 1 }, shipstation: { labels: 2 } }
    await journal.flush()
    expect(await written(run)).toEqual([{ zoho: { items: 5, token: 1 } }, { zoho: { items: 3 }, shipstation: { labels: 2 } }])
    const second = run.clock.now() - (run.clock.now() % (15 * MINUTE))
    expect(await written(run, second, second + 1)).toHaveLength(1)
  })

  it('is all there in the end when the database was away meanwhile', async () => {
    const run = await aRun(database)
    let isAway = true
    const away: typeof run.db.run = (...args) => (isAway ? Promise.reject(new Error('no connection')) : run.db.run(...args))
    let items = 2
    const journal = openCallJournal({ ...run, db: { ...run.db, run: away } }, () => ({ zoho: { items } }))
    await expect(journal.flush()).rejects.toThrow('no connection')
    await run.clock.advance(20 * MINUTE)
    items = 3
    await expect(journal.flush()).rejects.toThrow('no connection')
    isAway = false
    await journal.flush()
    await run.clock.advance(20 * MINUTE)
    items = 4
    await journal.flush()
    expect(await written(run)).toEqual([{ zoho: { items: 3 } }, { zoho: { items: 1 } }])
  })
})
