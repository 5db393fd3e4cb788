import { describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { tellLoad } from './load-story.ts'

describe.each(databases)('isync serve on $name', { timeout: 60_000 }, (database) => {
  it('keeps what it is sent without a pause, once, and works it all', async () => {
    const figures = await tellLoad(database, { rate: 100, seconds: 3 })
    expect(figures.sent).toBeGreaterThan(300)
  })
})
