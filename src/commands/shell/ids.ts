import { randomBytes } from 'node:crypto'
import type { Ids } from '../../core/ports/system.ts'

/** 9 characters of time (base 36 milliseconds) and 16 of randomness: ids sort by when they were made. */
export function createIds(now: () => number): Ids {
  return { next: () => now().toString(36).padStart(9, '0') + randomBytes(8).toString('hex') }
}
