import { createHash } from 'node:crypto'
import { RefusedByDryRun } from '../../core/errors.ts'
import { entriesOf, type FileClient, type Files } from './client.ts'
import type { Entry } from './shelf.ts'
import { draftOf } from './told.ts'

/** A file with orders. */
export interface OrderFile {
  /** Below the channel's folder. */
  readonly path: string
  /** As the partner called it. */
  readonly name: string
  readonly size: number
  readonly changedAt: number
  readonly isArchived: boolean
}

export interface Waiting {
  readonly ready: readonly OrderFile[]
  /** Names of files that are still being written, as far as can be told. */
  readonly unfinished: readonly string[]
}

const TABLE = /\.(?:csv|txt)$/i
/** Bytes of UTF-8; a character has four at most. */
const LONGEST_NAME = 200
const MONTH = /^\d{4}-\d{2}$/
/** `20261122T065012123Z-1a2b3c4d-orders.csv`: when it was moved, of what content, and what it was called. */
const ARCHIVED = /^(\d{8}T\d{9}Z)-[0-9a-f]{8}-(.+)$/s

/**
 * The files that wait, and which of them are whole: two looks, `quietMs` apart, that see the same size and time. Names that begin with a dot
 * or do not end in .csv or .txt, and files without a byte, are somebody's work in progress.
 */
export async function lookAtInbox(client: FileClient, files: Files, signal: AbortSignal): Promise<Waiting> {
  const first = await tablesIn(client, files)
  if (first.length === 0) return { ready: [], unfinished: [] }
  await client.gate.clock.sleep(client.settings.quietMs, signal)
  const before = new Map(first.map((entry) => [entry.name, entry]))
  const now = await tablesIn(client, files)
  const isReady = ({ name, size, changedAt }: Entry) =>
    size > 0 && before.get(name)?.size === size && before.get(name)?.changedAt === changedAt
  const folder = client.settings.folders.in
  return {
    ready: now.filter(isReady).map(({ name, size, changedAt }) => ({
      path: `${folder}/${name}`,
      name,
      size,
      changedAt,
      isArchived: false,
    })),
    unfinished: now.filter((entry) => !isReady(entry)).map(({ name }) => name),
  }
}

/** Files in the inbox that are tables by their name, finished or not. Throws RetryableError where there is no inbox. */
export async function tablesIn(client: FileClient, files: Files): Promise<readonly Entry[]> {
  const found = await entriesOf(client, files, client.settings.folders.in)
  return found.filter(({ name, isFolder }) => !isFolder && !name.startsWith('.') && TABLE.test(name))
}

/** The archive's months, the newest first. Throws RetryableError where there is no archive. */
export async function monthsOf(client: FileClient, files: Files): Promise<readonly string[]> {
  const found = await entriesOf(client, files, client.settings.folders.archive)
  return found
    .map(({ name }) => name)
    .filter((name) => MONTH.test(name))
    .sort()
    .reverse()
}

/** Files of one month of the archive that were moved there at or after `since` (epoch ms). */
export async function archivedIn(client: FileClient, files: Files, month: string, since = 0): Promise<readonly OrderFile[]> {
  const folder = `${client.settings.folders.archive}/${month}`
  const earliest = stampOf(since)
  return ((await files.list(folder)) ?? []).flatMap(({ name, size, changedAt }) => {
    const [, stamp, given] = ARCHIVED.exec(name) ?? []
    if (stamp === undefined || given === undefined || stamp < earliest) return []
    return [{ path: `${folder}/${name}`, name: given, size, changedAt, isArchived: true }]
  })
}

/** Everything that was moved to the archive at or after `since` (epoch ms). */
export async function archivedSince(client: FileClient, files: Files, since: number): Promise<readonly OrderFile[]> {
  const earliest = new Date(since).toISOString().slice(0, 7)
  const found: OrderFile[] = []
  for (const month of await monthsOf(client, files))
    if (month >= earliest) found.push(...(await archivedIn(client, files, month, since)))
  return found
}

/** Its content; undefined when it has gone, or is not of the size any more that was seen: then it comes with the next look. */
export async function readWhole({ gate, settings }: FileClient, files: Files, file: OrderFile): Promise<Buffer | undefined> {
  const bytes = await files.read(file.path)
  if (bytes !== undefined && bytes.length === file.size) return bytes
  gate.log.warn({ channel: settings.channel, file: file.name }, 'a file changed while it was read; left for the next pull')
  return undefined
}

/**
 * Moves a file whose orders are stored to the archive. A dry run leaves it. What was put in its place meanwhile is read again from there; where
 * somebody took it away, what was read is kept, since packages find their orders by it.
 */
export async function archive({ gate, settings }: FileClient, files: Files, file: OrderFile, bytes: Buffer): Promise<void> {
  if (file.isArchived) return
  const stamp = stampOf(gate.clock.now())
  const folder = `${settings.folders.archive}/${stamp.slice(0, 4)}-${stamp.slice(4, 6)}`
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  try {
    await files.makeFolder(folder)
    const name = `${stamp}-${digest}-${shortened(file.name)}`
    if (await files.moveIfThere(file.path, `${folder}/${name}`)) return
    await files.write(`${folder}/${draftOf(name)}`, bytes)
    await files.move(`${folder}/${draftOf(name)}`, `${folder}/${name}`)
  } catch (error) {
    if (!(error instanceof RefusedByDryRun)) throw error
  }
}

/** Places take names of 255 bytes, and this one gets more than it came with. */
function shortened(name: string): string {
  return Buffer.byteLength(name) <= LONGEST_NAME ? name : [...name].slice(-LONGEST_NAME / 4).join('')
}

/** Oldest first, and those of one second by name: later ones have the last word. */
export function inOrder(files: readonly OrderFile[]): readonly OrderFile[] {
  return files.toSorted((a, b) => a.changedAt - b.changedAt || (a.name < b.name ? -1 : 1))
}

/** `20261122T065012123Z` */
export function stampOf(at: number): string {
  return new Date(at).toISOString().replace(/[-:.]/g, '')
}
