import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalPlace } from './settings.ts'
import { type Entry, type Shelf, ShelfTrouble, type TroubleKind } from './shelf.ts'

const kinds = new Map<string, TroubleKind>([
  ['ENOENT', 'absent'],
  ['EACCES', 'forbidden'],
  ['EPERM', 'forbidden'],
  ['EROFS', 'forbidden'],
  ['ENOTDIR', 'forbidden'],
  ['EISDIR', 'forbidden'],
  // A move between two file systems is none: half of the file could be seen.
  ['EXDEV', 'forbidden'],
])

/** A folder of this machine, or one that is mounted on it. */
export function openLocal({ path: root }: LocalPlace): Shelf {
  const at = (path: string) => join(root, path)
  return {
    open: () => telling(async () => void (await readdir(root))),
    list: (folder) =>
      telling(async () => {
        const found: Entry[] = []
        for (const { name } of await readdir(at(folder), { withFileTypes: true })) {
          const entry = await entryOf(at(folder), name)
          if (entry !== undefined) found.push(entry)
        }
        return found
      }),
    read: (path) => telling(() => readFile(at(path))),
    write: (path, bytes) => telling(() => writeFile(at(path), bytes, { flush: true })),
    move: (from, to) => telling(() => rename(at(from), at(to))),
    makeFolder: (path) => telling(async () => void (await mkdir(at(path), { recursive: true }))),
    close: async () => undefined,
  }
}

/** Undefined for what has gone meanwhile, and for what is neither a file nor a folder. */
async function entryOf(folder: string, name: string): Promise<Entry | undefined> {
  try {
    const found = await stat(join(folder, name))
    if (!found.isFile() && !found.isDirectory()) return undefined
    return { name, isFolder: found.isDirectory(), size: found.size, changedAt: Math.floor(found.mtimeMs) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    throw new ShelfTrouble(kinds.get(code) ?? 'broken', code)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
