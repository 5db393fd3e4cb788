import type { Confirmation } from '../../core/model/shipment.ts'
import { entriesOf, type FileClient, type Files } from './client.ts'
import type { ToldUnits } from './orders.ts'
import { digestOf, readOwnTable, writeTable } from './tables.ts'

/**
 * What the partner has been told, kept in the archive because he takes the files away: `told/<order>/<package>-<file>.csv`, one for each
 * package. They are written after the file with the packages and before it gets its name: while its draft is there, none of them counts.
 */
export interface Told {
  /** Digests of the tracking numbers that were told of this order. */
  packagesOf(orderId: string): Promise<ReadonlySet<string>>
  unitsOf(orderId: string): Promise<ToldUnits>
  /** Notes a package as part of the file `digest`. It counts once the file's draft has become the file. */
  note(item: Confirmation, digest: string): Promise<void>
}

const NOTE = /^([0-9a-f]{16})-([0-9a-f]{16})\.csv$/
const DRAFT = /^\.tracking-([0-9a-f]{16})\.csv\.tmp$/

/** `.tracking-0f1e2d3c4b5a6978.csv.tmp`: a name that partners are told to leave alone. */
export function draftOf(name: string): string {
  return `.${name}.tmp`
}

export function trackingFileOf(digest: string): string {
  return `tracking-${digest}.csv`
}

/** By which a package of an order is known again: blanks and case do not matter. */
export function packageKey({ trackingNumber }: Pick<Confirmation, 'trackingNumber'>): string {
  return digestOf(trackingNumber.replace(/\s+/g, '').toUpperCase(), 16)
}

export function openTold(client: FileClient, files: Files): Told {
  const { out, archive } = client.settings.folders
  const folderOf = (orderId: string) => `${archive}/told/${digestOf(orderId, 32)}`
  let drafts: Promise<ReadonlySet<string>> | undefined
  // One look for all orders: most of them have not been told of anything.
  let folders: Promise<ReadonlySet<string>> | undefined

  async function readFolders(): Promise<ReadonlySet<string>> {
    const found = await files.list(`${archive}/told`)
    // Without an archive nobody knows what was told. With an empty one nothing was.
    if (found === undefined) await entriesOf(client, files, archive)
    return new Set((found ?? []).map(({ name }) => name))
  }

  async function readDrafts(): Promise<ReadonlySet<string>> {
    const found = await entriesOf(client, files, out)
    return new Set(found.flatMap(({ name }) => DRAFT.exec(name)?.[1] ?? []))
  }

  /** Package -> its notes' file names. */
  async function notesOf(orderId: string): Promise<ReadonlyMap<string, string>> {
    const counting = new Map<string, string>()
    folders ??= readFolders()
    if (!(await folders).has(digestOf(orderId, 32))) return counting
    const found = (await files.list(folderOf(orderId))) ?? []
    if (found.length === 0) return counting
    drafts ??= readDrafts()
    const unsent = await drafts
    for (const { name } of found) {
      const [, key, digest] = NOTE.exec(name) ?? []
      if (key !== undefined && digest !== undefined && !unsent.has(digest)) counting.set(key, name)
    }
    return counting
  }

  return {
    packagesOf: async (orderId) => new Set((await notesOf(orderId)).keys()),
    async unitsOf(orderId) {
      const units = new Map<string, number>()
      for (const name of (await notesOf(orderId)).values()) {
        const bytes = await files.read(`${folderOf(orderId)}/${name}`)
        for (const [, lineId = '', quantity = '0'] of readOwnTable(bytes ?? Buffer.alloc(0), ','))
          units.set(lineId, (units.get(lineId) ?? 0) + Number(quantity))
      }
      return units
    },
    async note(item, digest) {
      const folder = folderOf(item.externalOrderId)
      const rows = item.lines.map((line) => [
        item.externalOrderId,
        line.externalLineId,
        String(line.quantity),
        item.trackingNumber,
      ])
      await files.makeFolder(folder)
      const bytes = writeTable(['order_id', 'line_id', 'quantity', 'tracking_number'], rows, ',')
      await files.write(`${folder}/${packageKey(item)}-${digest}.csv`, bytes)
    },
  }
}
