import { describe, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { expectWithin, inWords, tellLatency } from './latency-story.ts'

describe.each(databases)(
  'a minute of labels, orders and counts, one a second each, by webhooks alone on $name',
  { timeout: 300_000 },
  (database) => {
    it('is worked in seconds', async () => {
      const figures = await tellLatency(database, { each: 12, counted: 60, everyMs: 1_000 })
      process.stdout.write(`${inWords(figures)}\n`)
      expectWithin(figures, 20)
    })
  },
)
