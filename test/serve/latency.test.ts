import { describe, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { expectWithin, inWords, tellLatency } from './latency-story.ts'

/** In the fast suite on one database; latency.long.test.ts tells it on both, with more of everything. */
describe.each(toldOn('sqlite'))('by webhooks alone on $name', { timeout: 120_000 }, (database) => {
  it('are labels told, orders sent to ShipStation and counts published, in seconds', async () => {
    const figures = await tellLatency(database, { each: 2, counted: 5, everyMs: 200 })
    process.stdout.write(`${inWords(figures)}\n`)
    expectWithin(figures, 20)
  })
})
