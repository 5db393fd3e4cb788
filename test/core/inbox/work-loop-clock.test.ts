import { expect, it, onTestFinished } from 'vitest'
import { startWorkLoop } from '../../../src/core/inbox/work-loop.ts'
import { HOUR, SECOND } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, keep, nothing, someHands, states } from './a-post.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

it('goes on at once when the clock of the machine is set back by an hour', async () => {
  const run = await aRun(sqlite)
  const loop = startWorkLoop(run, someHands(run), { tickMs: SECOND, onBacklog: () => undefined })
  onTestFinished(async () => {
    run.stop()
    await loop.ended
  })
  const doneWithin = async (ms: number, key: string) => {
    for (let waited = 0; waited < ms; waited += 100) {
      loop.wake()
      await run.clock.advance(100)
      if ((await states(run)).includes(`${key} done`)) return true
    }
    return false
  }
  await keep(run, 'shipstation', aDelivery('k1', nothing))
  expect(await doneWithin(10 * SECOND, 'k1')).toBe(true)
  // Nothing is left to do, and the loop takes its nap: sleepers of this clock, unlike the machine's, would sleep on.
  for (let n = 0; n < 6; n += 1) await run.clock.advance(60)
  await run.clock.advance(-HOUR)
  await keep(run, 'shipstation', aDelivery('k2', nothing))
  expect(await doneWithin(10 * SECOND, 'k2')).toBe(true)
})

it('does not spend its time on looking where a look takes long, however much comes', async () => {
  const run = await aRun(sqlite)
  let looks = 0
  const slow: typeof run.db = {
    ...run.db,
    async rows<T extends object>(sql: string, values?: Parameters<typeof run.db.rows>[1]) {
      if (sql.includes('from inbox where state in')) {
        looks += 1
        await run.clock.advance(100)
      }
      return run.db.rows<T>(sql, values)
    },
  }
  const loop = startWorkLoop({ ...run, db: slow }, someHands(run), { tickMs: SECOND, onBacklog: () => undefined })
  onTestFinished(async () => {
    run.stop()
    await loop.ended
  })
  const began = run.clock.now()
  while (run.clock.now() < began + 10 * SECOND) {
    loop.wake()
    await run.clock.advance(10)
  }
  expect(looks).toBeGreaterThan(5)
  expect(looks).toBeLessThanOrEqual(22)
})
