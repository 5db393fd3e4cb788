import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { siege } from './hostile-story.ts'

describe.each(databases)('isync serve under ten thousand hostile requests, on $name', (database) => {
  it('lets nobody in and goes on serving those whom it knows', async () => {
    // Another siege each time; what fails tells its seed, and ISYNC_TEST_SEED brings it back.
    const seed = Number(process.env['ISYNC_TEST_SEED'] ?? randomInt(2 ** 31))
    const figures = await siege(database, { requests: 10_000, warm: 8_000, seed, honestWithinMs: 2_000 })
    process.stdout.write(`${figures}\n`)
    expect(figures).toMatch(/hostile connections/)
  }, 600_000)
})
