import { PermanentError } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { QuantityOutcome, QuantityPlan } from '../../core/ports/marketplace.ts'
import { type FileClient, type Files, withFiles } from './client.ts'
import { stampOf } from './inbox.ts'
import type { FileSettings } from './settings.ts'
import { digestOf, readOwnTable, writeTable } from './tables.ts'
import { draftOf } from './told.ts'

const COLUMNS = ['sku', 'quantity']
const BATCH = 20_000
const FULL = 'stock.csv'

export function quantityPlan({ stock }: FileSettings): QuantityPlan {
  return { way: stock, batch: BATCH }
}

/**
 * `changed`: a new file of these quantities, named after the time, so that whoever reads the files by name ends with the newest number.
 * `full`: the one file `stock.csv` with every quantity that was ever told, replaced as a whole. The partner says nothing to either.
 */
export async function updateQuantities(
  client: FileClient,
  batch: readonly QuantityUpdate[],
  way: string,
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const outcomes = batch.map((item) => outcomeOf(client, item))
  const good = batch.filter((_, i) => outcomes[i]?.status === 'accepted')
  if (good.length > 0)
    await withFiles(client, signal, (files) => (way === 'full' ? replaceAll(client, files, good) : addFile(client, files, good)))
  return outcomes
}

async function addFile(client: FileClient, files: Files, items: readonly QuantityUpdate[]): Promise<void> {
  const bytes = tableOf(client, new Map(items.map(({ sku, quantity }) => [sku, String(quantity)])))
  const name = `stock-${stampOf(client.gate.clock.now())}-${digestOf(bytes, 8)}.csv`
  await put(client, files, name, bytes, items)
}

async function replaceAll(client: FileClient, files: Files, items: readonly QuantityUpdate[]): Promise<void> {
  const { archive } = client.settings.folders
  const kept = `${archive}/${FULL}`
  // The draft is the whole truth where a process died while it took the file's place.
  const before = (await files.read(kept)) ?? (await files.read(`${archive}/${draftOf(FULL)}`))
  const all = new Map<string, string>()
  for (const [sku = '', quantity = ''] of readOwnTable(before ?? Buffer.alloc(0), client.settings.delimiter))
    all.set(sku, quantity)
  for (const { sku, quantity } of items) all.set(sku, String(quantity))
  const bytes = tableOf(client, all)
  const draft = `${archive}/${draftOf(FULL)}`
  await files.write(draft, bytes, planOf(client, items, FULL))
  await files.move(draft, kept)
  await put(client, files, FULL, bytes, items)
}

async function put(
  client: FileClient,
  files: Files,
  name: string,
  bytes: Buffer,
  items: readonly QuantityUpdate[],
): Promise<void> {
  const { out } = client.settings.folders
  await files.write(`${out}/${draftOf(name)}`, bytes, planOf(client, items, name))
  await files.move(`${out}/${draftOf(name)}`, `${out}/${name}`)
}

function tableOf({ settings }: FileClient, quantities: ReadonlyMap<string, string>): Buffer {
  const rows = [...quantities].sort(([a], [b]) => (a < b ? -1 : 1))
  return writeTable(COLUMNS, rows, settings.delimiter)
}

function planOf({ gate }: FileClient, items: readonly QuantityUpdate[], name: string) {
  return items.map(({ sku, quantity, previous }) => ({
    account: gate.account,
    operation: 'write',
    target: sku,
    detail: `${previous ?? '?'} -> ${quantity}, in ${name}`,
  }))
}

function outcomeOf({ gate }: FileClient, { sku, quantity }: QuantityUpdate): QuantityOutcome {
  const flaw = flawOf(sku, quantity)
  if (flaw === undefined) return { status: 'accepted' }
  return { status: 'failed', error: new PermanentError(`not written: ${flaw}`, { account: gate.account, operation: 'write' }) }
}

function flawOf(sku: string, quantity: number): string | undefined {
  if (sku.trim() === '') return 'the SKU is empty'
  if (/[\p{Cc}\u2028\u2029]/u.test(sku)) return 'the SKU has a line break or another control character in it'
  if (!Number.isSafeInteger(quantity) || quantity < 0) return `${quantity} is not a whole number of units`
  return undefined
}
