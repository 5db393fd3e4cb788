import { randomFillSync } from 'node:crypto'
import type { Ids } from '../../core/ports/system.ts'

const BYTES_PER_ID = 8
/** Random bytes are fetched for so many ids at once: one by one they cost more than all the rest of an id. */
const IDS_PER_FETCH = 512

/** 9 characters of time (base 36 milliseconds) and 16 of randomness: ids sort by when they were made. */
export function createIds(now: () => number): Ids {
  const pool = Buffer.alloc(BYTES_PER_ID * IDS_PER_FETCH)
  let used = pool.length
  return {
    next() {
      if (used === pool.length) {
        randomFillSync(pool)
        used = 0
      }
      const random = pool.toString('hex', used, used + BYTES_PER_ID)
      used += BYTES_PER_ID
      return now().toString(36).padStart(9, '0') + random
    },
  }
}
