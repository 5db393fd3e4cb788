import { PermanentError } from '../../core/errors.ts'
import type { NormalizedOrder } from '../../core/model/order.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { type FileClient, type Files, withFiles } from './client.ts'
import { findOrders } from './search.ts'
import { digestOf, writeTable } from './tables.ts'
import { draftOf, openTold, packageKey, type Told, trackingFileOf } from './told.ts'

const COLUMNS = ['order_id', 'line_id', 'sku', 'quantity', 'carrier', 'service', 'tracking_number', 'shipped_at']
const ACCEPTED: ItemOutcome = { status: 'accepted' }

/**
 * One file with all packages of the batch that the partner has not been told of. Its name is a digest of its content, so that a repeat writes
 * the same file again. Written as a draft first, noted in the archive second, and given its name last: that move tells the partner.
 */
export async function confirmShipments(
  client: FileClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  if (batch.length === 0) return []
  return withFiles(client, signal, async (files) => {
    const told = openTold(client, files)
    const ids = [...new Set(batch.map(({ externalOrderId }) => externalOrderId))]
    const { orders } = await findOrders(client, files, told, ids, signal)
    const known = new Map(orders.map((order) => [order.externalOrderId, order]))
    const outcomes: ItemOutcome[] = []
    const due: Confirmation[] = []
    const keys = new Set<string>()
    for (const item of batch) {
      const flaw = flawOf(item, known.get(item.externalOrderId))
      const key = `${item.externalOrderId}\n${packageKey(item)}`
      outcomes.push(flaw === undefined ? ACCEPTED : refused(client, flaw))
      if (flaw !== undefined || keys.has(key) || (await told.packagesOf(item.externalOrderId)).has(packageKey(item))) continue
      keys.add(key)
      due.push(item)
    }
    if (due.length > 0) await tell(client, files, told, due, known)
    return outcomes
  })
}

/** By the notes in the archive: the partner may have taken the file away. */
export async function lookUpConfirmations(
  client: FileClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  if (batch.length === 0) return []
  return withFiles(client, signal, async (files) => {
    const told = openTold(client, files)
    const answers: LookUp[] = []
    for (const item of batch)
      answers.push((await told.packagesOf(item.externalOrderId)).has(packageKey(item)) ? 'confirmed' : 'absent')
    return answers
  })
}

async function tell(
  client: FileClient,
  files: Files,
  told: Told,
  due: readonly Confirmation[],
  known: ReadonlyMap<string, NormalizedOrder>,
): Promise<void> {
  const { out } = client.settings.folders
  const rows = due.flatMap((item) => rowsOf(client, item, known.get(item.externalOrderId)))
  const bytes = writeTable(COLUMNS, rows.toSorted(byText), client.settings.delimiter)
  const digest = digestOf(bytes, 16)
  const name = trackingFileOf(digest)
  await files.write(
    `${out}/${draftOf(name)}`,
    bytes,
    due.map((item) => planOf(client, item, name)),
  )
  for (const item of due) await told.note(item, digest)
  await files.move(`${out}/${draftOf(name)}`, `${out}/${name}`)
}

function planOf({ gate }: FileClient, item: Confirmation, name: string) {
  const units = item.lines.map(({ externalLineId, quantity }) => `${quantity} x ${externalLineId}`).join(', ')
  return {
    account: gate.account,
    operation: 'write',
    target: item.externalOrderId,
    detail: `${item.carrier.name} ${item.trackingNumber}, ${units}, in ${name}`,
  }
}

function rowsOf(
  { settings }: FileClient,
  item: Confirmation,
  order: NormalizedOrder | undefined,
): readonly (readonly string[])[] {
  const carrier = settings.carriers[item.carrier.code] ?? item.carrier.name
  return item.lines.map(({ externalLineId, quantity }) => [
    item.externalOrderId,
    externalLineId,
    order?.lines.find((line) => line.externalLineId === externalLineId)?.sku ?? '',
    String(quantity),
    carrier,
    item.service ?? '',
    item.trackingNumber,
    new Date(item.shippedAt).toISOString(),
  ])
}

/** Why this package cannot be told; undefined: it can. */
function flawOf({ lines, trackingNumber }: Confirmation, order: NormalizedOrder | undefined): string | undefined {
  if (order === undefined) return 'no file that waits or is archived has this order, or its newest rows cannot be read'
  if (trackingNumber.trim() === '') return 'the package has no tracking number'
  if (lines.length === 0) return 'the package holds nothing'
  const ids = new Set(order.lines.map(({ externalLineId }) => externalLineId))
  const stranger = lines.find(({ externalLineId }) => !ids.has(externalLineId))
  return stranger === undefined ? undefined : `the order has no line ${stranger.externalLineId}`
}

function refused({ gate }: FileClient, flaw: string): ItemOutcome {
  return { status: 'failed', error: new PermanentError(flaw, { account: gate.account, operation: 'confirm' }) }
}

/** By code units: the same file on every machine. */
function byText(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [a.join('\n'), b.join('\n')]
  if (one === other) return 0
  return one < other ? -1 : 1
}
