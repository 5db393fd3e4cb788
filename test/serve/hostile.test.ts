import { describe, expect, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { siege } from './hostile-story.ts'

describe.each(toldOn('sqlite'))('isync serve where everybody can reach it, on $name', (database) => {
  it('lets nobody in and goes on serving those whom it knows', async () => {
    // Beside the rest of the suite on two cores; the long one has the machine to itself.
    expect(await siege(database, { requests: 1_380, warm: 120, seed: 2026, honestWithinMs: 15_000 })).toMatch(
      /hostile connections/,
    )
  }, 180_000)
})
