import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listCursors, readCursor, writeCursor } from '../../../src/core/db/cursors.ts'
import { noon } from '../../world/a-clock.ts'
import { aDb } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('a place in a channel’s stream on $name', (database) => {
  it('is kept for each channel and stream', async () => {
    const db = await aDb(database)
    await writeCursor(db, 'amazon-us', 'orders', { at: 5 }, noon)
    await writeCursor(db, 'shipstation', 'voids', { at: 7, resume: 'page 2' }, noon)
    expect(await readCursor(db, 'amazon-us', 'orders')).toEqual({ at: 5 })
    expect(await readCursor(db, 'shipstation', 'voids')).toEqual({ at: 7, resume: 'page 2' })
    expect(await readCursor(db, 'shipstation', 'orders')).toBeUndefined()
    expect(await listCursors(db)).toEqual([
      { channel: 'amazon-us', stream: 'orders', at: 5, updated_at: noon, in_search: 0 },
      { channel: 'shipstation', stream: 'voids', at: 7, updated_at: noon, in_search: 1 },
    ])
  })

  it('forgets where a search stood when the next search ends', async () => {
    const db = await aDb(database)
    await writeCursor(db, 'a', 'orders', { at: 5, resume: 'page 2' }, noon)
    await writeCursor(db, 'a', 'orders', { at: 5, resume: 'page 3' }, noon)
    expect(await readCursor(db, 'a', 'orders')).toEqual({ at: 5, resume: 'page 3' })
    await writeCursor(db, 'a', 'orders', { at: 6 }, noon)
    expect(await readCursor(db, 'a', 'orders')).toEqual({ at: 6 })
  })

  it('never moves backwards, whatever is written', async () => {
    const db = await aDb(database)
    const writes = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 9 }), resume: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }) }),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(writes, async (places) => {
        await db.run('delete from cursors')
        let best = -1
        for (const { at, resume } of places) {
          await writeCursor(db, 'a', 'orders', resume === undefined ? { at } : { at, resume }, noon)
          best = Math.max(best, at)
          expect((await readCursor(db, 'a', 'orders'))?.at).toBe(best)
        }
      }),
      { numRuns: 30 },
    )
  })
})
