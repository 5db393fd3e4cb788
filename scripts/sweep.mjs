import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

const STALE_AFTER_MS = 60 * 60 * 1000

/** The chunks of the build that lies in `dist`, by its own list; none where there is no list. */
export function chunksIn(dist) {
  try {
    return Object.keys(JSON.parse(readFileSync(join(dist, 'contents.json'), 'utf8')))
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return []
    throw error
  }
}

/**
 * Deletes what neither this build (`current`) nor one of the last hour needs. A server that was started from the build before this one
 * (`previous`) may be weeks old and still imports its chunks late: their hour begins now.
 */
export function sweep(dist, current, previous, now = Date.now()) {
  for (const name of readdirSync(dist)) {
    if (current.has(name)) continue
    const file = join(dist, name)
    const at = new Date(now)
    if (previous.has(name.replace(/\.map$/, ''))) utimesSync(file, at, at)
    else if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < now - STALE_AFTER_MS) rmSync(file, { force: true })
  }
}
