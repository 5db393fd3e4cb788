import { describe, expect, it } from 'vitest'
import { databases, turnsOf } from '../world/databases.ts'
import { type Load, tellLoad } from './load-story.ts'

// Cron beside it, and a minute of twice the pace, are in the long suite.
const stories: readonly (readonly [title: string, load: Load])[] = [
  ['is killed under it, told to stop, and started again', { rate: 100, seconds: 4, warmUpMs: 1000, kills: [700], stops: [2500] }],
]

describe.each(databases)(
  'isync serve on $name, sent webhooks of every kind without a pause,',
  { timeout: 90_000 },
  (database) => {
    it.each(turnsOf(stories, database))('keeps each one, and has done it once in the end, though it %s', async (_title, load) => {
      const figures = await tellLoad(database, load)
      expect(figures.kept).toBeGreaterThan(300)
      expect(figures.again > 0).toBe((load.kills ?? []).length > 0)
    })
  },
)
