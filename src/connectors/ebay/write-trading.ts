import { type ConnectorError, PermanentError } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import { chunksOf } from '../http/lanes.ts'
import type { EbayClient, TradingCall } from './client.ts'
import { oneByOne } from './outcomes.ts'
import type { TradingItem } from './route.ts'
import type { Complaint } from './verdict.ts'
import { wireRevised } from './wire.ts'
import { plannedQuantity, type Written } from './write-inventory.ts'

/** A quantity with the listings that have the SKU. */
export interface ItemUpdate {
  readonly update: QuantityUpdate
  readonly items: readonly TradingItem[]
}

/** One row of a call. */
interface Row {
  readonly update: QuantityUpdate
  readonly item: TradingItem
}

const OPERATION = 'ReviseInventoryStatus'
/** Most rows of one call (contract section 5.2). */
const MOST = 4
/** The listing is of the inventory model. */
const otherModel = ['21919474', '21919233']
/** The listing is gone or has ended. */
const ended = ['17', '291', '21916750']

/** Quantities by ReviseInventoryStatus, four in a call. Rows that a call did not take are sent alone: then each has its own reason. */
export async function writeTrading(
  client: EbayClient,
  updates: readonly ItemUpdate[],
  signal: AbortSignal,
): Promise<readonly Written[]> {
  const rows = updates.flatMap(({ update, items }) => items.map((item): Row => ({ update, item })))
  const failed = (chunk: readonly Row[], error: ConnectorError) => chunk.map((): Written => ({ status: 'failed', error }))

  async function write(chunk: readonly Row[]): Promise<readonly Written[]> {
    if (chunk.length === 1) return [await writeAlone(client, chunk, signal)]
    const taken = await writeTogether(client, chunk, signal)
    const rest = chunk.filter((row) => !taken.includes(row))
    const alone = await oneByOne(chunksOf(rest, 1), async (one) => [await writeAlone(client, one, signal)], failed)
    const own = new Map(rest.map((row, at) => [row, alone.flat()[at]]))
    return chunk.map((row): Written => own.get(row) ?? { status: 'accepted' })
  }

  const outcomes = (await oneByOne(chunksOf(rows, MOST), write, failed)).flat()
  return updates.map(({ update }) => worstOf(rows.flatMap((row, at) => (row.update === update ? (outcomes[at] ?? []) : []))))
}

/** A SKU is as well off as in the worst of its listings. */
function worstOf(outcomes: readonly Written[]): Written {
  const failure = outcomes.find(({ status }) => status === 'failed')
  return (
    failure ??
    outcomes.find(({ status }) => status !== 'accepted') ??
    outcomes[0] ?? { status: 'elsewhere', detail: 'no listing' }
  )
}

/** The rows that were taken. */
async function writeTogether(client: EbayClient, rows: readonly Row[], signal: AbortSignal): Promise<readonly Row[]> {
  try {
    const call: TradingCall = { ...callOf(client, rows, []), itemByItem: true }
    const { body, complaints, ack } = await client.trading(call, signal)
    if (ack === 'Success' || ack === 'Warning') return rows
    const { InventoryStatus: named } = client.parse(call, body, wireRevised)
    const taken = rows.filter(({ item, update }) =>
      named.some(({ ItemID: id, SKU: sku }) => id === item.itemId && (!item.isVariation || sku === update.sku)),
    )
    return taken.filter((row) => !complaints.some((one) => one.isError && isAbout(one, row, rows)))
  } catch (error) {
    if (error instanceof PermanentError) return []
    throw error
  }
}

/** An error that names the row's listing, and no other variation of it: sending a row again does no harm, taking a wrong number for told does. */
function isAbout({ values }: Complaint, { item, update }: Row, rows: readonly Row[]): boolean {
  if (!values.includes(item.itemId)) return false
  const named = rows.filter((row) => values.includes(row.update.sku))
  return !item.isVariation || named.length === 0 || values.includes(update.sku)
}

async function writeAlone(client: EbayClient, rows: readonly Row[], signal: AbortSignal): Promise<Written> {
  const { complaints, ack } = await client.trading(callOf(client, rows, [...otherModel, ...ended]), signal)
  if (ack === 'Success' || ack === 'Warning') return { status: 'accepted' }
  const said = complaints.filter(({ isError }) => isError).map(({ text }) => text)
  return { status: 'elsewhere', detail: said.join('; ') }
}

function callOf(client: EbayClient, rows: readonly Row[], expect: readonly string[]): TradingCall {
  return {
    api: 'trading',
    call: OPERATION,
    fields: {
      InventoryStatus: rows.map(({ item, update }) => ({
        ItemID: item.itemId,
        ...(item.isVariation ? { SKU: update.sku } : {}),
        Quantity: String(update.quantity),
      })),
    },
    purse: 'stock',
    expect,
    plan: rows.map(({ update }) => plannedQuantity(client.gate.account, OPERATION, update)),
  }
}
