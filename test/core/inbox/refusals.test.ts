import { describe, expect, it } from 'vitest'
import { refusalsSince } from '../../../src/core/db/refusals.ts'
import { countRefusals } from '../../../src/core/inbox/refusals.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { alertRules } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('refused requests on $name', (database) => {
  const written = async (run: TestRun) =>
    (await refusalsSince(run.db, noon - HOUR)).map(({ provider, reason, count }) => `${provider} ${reason} ${count}`)

  it('are counted by sender and reason, and many of them are one alert', async () => {
    const run = await aRun(database)
    const refusals = countRefusals(run, 10)
    for (let n = 0; n < 11; n += 1) refusals.note('zoho', 'signature')
    refusals.note(undefined, 'path')
    expect(await refusals.flush()).toBe(true)
    expect(await refusals.flush()).toBe(false)
    expect(await written(run)).toEqual(['unknown path 1', 'zoho signature 11'])
    refusals.note('zoho', 'signature')
    await refusals.flush()
    expect(await written(run)).toEqual(['unknown path 1', 'zoho signature 12'])
    expect(await alertRules(run.db)).toEqual(['webhooks-refused'])
    await run.clock.advance(2 * HOUR)
    await refusals.flush()
    expect(await alertRules(run.db)).toEqual([])
  })

  it('are all told in the end when the database was away several times', async () => {
    const run = await aRun(database)
    let isAway = true
    const transaction: typeof run.db.transaction = (work) =>
      isAway ? Promise.reject(new Error('no connection')) : run.db.transaction(work)
    const refusals = countRefusals({ ...run, db: { ...run.db, transaction } }, 100)
    for (let n = 0; n < 3; n += 1) {
      refusals.note('ebay', 'signature')
      refusals.note(undefined, 'path')
      await expect(refusals.flush()).rejects.toThrow('no connection')
      await run.clock.advance(MINUTE)
    }
    isAway = false
    refusals.note('ebay', 'signature')
    refusals.note(undefined, 'path')
    await refusals.flush()
    expect(await written(run)).toEqual(['ebay signature 4', 'unknown path 4'])
  })
})
