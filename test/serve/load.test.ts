import { describe, expect, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { tellLoad } from './load-story.ts'

// Cron beside it, and a minute of twice the pace, are in the long suite.
const load = { rate: 100, seconds: 4, warmUpMs: 1000, kills: [700], stops: [2500] }

describe.each(toldOn('sqlite'))('isync serve on $name, sent webhooks of every kind without a pause,', (database) => {
  it('keeps each one, and has done it once in the end, though it is killed under it, told to stop, and started again', {
    timeout: 90_000,
  }, async () => {
    const figures = await tellLoad(database, load)
    expect(figures.kept).toBeGreaterThan(300)
    expect(figures.again).toBeGreaterThan(0)
  })
})
