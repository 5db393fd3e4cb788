import { isConnectorError, PermanentError, RetryableError } from '../../../core/errors.ts'
import type { QuantityUpdate } from '../../../core/model/stock.ts'
import type { QuantityOutcome, QuantityPlan } from '../../../core/ports/marketplace.ts'
import { chunksOf } from '../../http/lanes.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { failed, handOver, inHalves } from './outcomes.ts'
import { apiBase } from './settings.ts'
import { warehouseOf } from './warehouses.ts'
import { wireLargeBatch } from './wire.ts'

/** So many objects are about 1 MB where 5 MB are allowed (contract section 5). */
const SMALL_BATCH = 5000
const LARGE_BATCH = 100_000
/** More than this many are one large batch: five small ones cost less than its two calls with their detour. */
const MOST_BY_SMALL = 25_000
const MOST_SKU_CHARACTERS = 90
const LARGEST_QUANTITY = 2 ** 31 - 1
const MOST_REFUSALS = 20

/** Small batches, and one large one where there is very much to tell. */
export function quantityPlan(due: number): QuantityPlan {
  return due > MOST_BY_SMALL ? { way: 'large', batch: LARGE_BATCH } : { way: 'small', batch: SMALL_BATCH }
}

/**
 * Absolute quantities of one warehouse (contract section 5): of an item nothing but its quantity and the status that follows from it is
 * sent, never its cost. What became of each is in the log. Unknown SKUs are not left out by Dsco, so that the log names them. Throws when
 * nothing could be handed over; sending a quantity again is harmless.
 */
export async function updateQuantities(
  client: DscoClient,
  batch: readonly QuantityUpdate[],
  way: string,
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const outcomes = new Map<QuantityUpdate, QuantityOutcome>()
  for (const item of batch) {
    const flaw = flawOf(client, item)
    if (flaw !== undefined) outcomes.set(item, flaw)
  }
  const sendable = batch.filter((item) => !outcomes.has(item))
  try {
    if (sendable.length > 0) await handOverAll(client, sendable, way, outcomes, signal)
  } catch (error) {
    // What is known of the others would be lost with the error.
    if (!isConnectorError(error) || outcomes.size === 0) throw error
    for (const item of sendable) if (!outcomes.has(item)) outcomes.set(item, failed(error))
  }
  return batch.map((item) => outcomes.get(item) ?? failed(notSent(client)))
}

/** Why this quantity cannot be told at all. */
function flawOf(client: DscoClient, { sku, quantity }: QuantityUpdate): QuantityOutcome | undefined {
  // No item can bear such a SKU, so there is none to be told of: nobody could mend it but by renaming the article.
  if (sku.trim() === '') return { status: 'unlisted', detail: 'not sent: the SKU is empty' }
  if ([...sku].length > MOST_SKU_CHARACTERS)
    return { status: 'unlisted', detail: `not sent: Dsco takes SKUs of at most ${MOST_SKU_CHARACTERS} characters` }
  if (Number.isInteger(quantity) && quantity >= 0 && quantity <= LARGEST_QUANTITY) return undefined
  const what = `not sent: ${quantity} is not a whole number of units from 0 to ${LARGEST_QUANTITY}`
  return failed(new PermanentError(what, client.factsOf({ operation: 'inventory/batch/small' })))
}

async function handOverAll(
  client: DscoClient,
  items: readonly QuantityUpdate[],
  way: string,
  outcomes: Map<QuantityUpdate, QuantityOutcome>,
  signal: AbortSignal,
): Promise<void> {
  const warehouse = await warehouseOf(client, signal)
  const settle = (some: readonly QuantityUpdate[], outcome: QuantityOutcome): void => {
    for (const item of some) outcomes.set(item, outcome)
  }
  if (way === 'large') {
    const report = await sendLarge(client, items, warehouse, signal)
    if (report !== undefined) return settle(items, { status: 'reported-later', report })
  }
  for (const chunk of chunksOf(items, SMALL_BATCH)) {
    await inHalves(
      chunk,
      MOST_REFUSALS,
      async (some) => {
        const result = await handOver(client, smallRequest(client, some, warehouse), signal)
        if (!result.taken) return result.error
        settle(some, { status: 'reported-later', report: result.requestId })
        return undefined
      },
      (some, error) => settle(some, failed(error)),
      (some, error) => settle(some, failed(postponed(client, error))),
    )
  }
}

function smallRequest(client: DscoClient, items: readonly QuantityUpdate[], warehouse: string): DscoRequest {
  const body = JSON.stringify(items.map((item) => objectOf(item, warehouse)))
  const operation = 'inventory/batch/small'
  return { operation, method: 'POST', path: `/${operation}`, body, plan: planOf(client, operation, items) }
}

/** The sum over the warehouses must be the item's own quantity; the status must fit it. */
function objectOf({ sku, quantity }: QuantityUpdate, code: string): object {
  const status = quantity > 0 ? 'in-stock' : 'out-of-stock'
  return { sku, status, quantityAvailable: quantity, warehouses: [{ code, quantity }] }
}

function planOf(client: DscoClient, operation: DscoRequest['operation'], items: readonly QuantityUpdate[]) {
  return items.map(({ sku, previous, quantity }) => ({
    account: client.gate.account,
    operation,
    target: sku,
    detail: `${previous ?? '?'} -> ${quantity}`,
  }))
}

/**
 * Asks for a place and puts JSON lines there, with the same headers (contract section 5). Undefined when the place is not Dsco's own: the
 * token goes nowhere else, and small batches do as well.
 */
async function sendLarge(
  client: DscoClient,
  items: readonly QuantityUpdate[],
  warehouse: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const operation = 'inventory/batch/large'
  const ask: DscoRequest = { operation, method: 'POST', path: `/${operation}`, plan: planOf(client, operation, items) }
  const answer = await client.send(ask, signal)
  const { requestId, dataUrl } = client.parse(ask, answer, wireLargeBatch)
  if (!isOurs(dataUrl, apiBase(client.settings))) {
    const host = URL.canParse(dataUrl) ? new URL(dataUrl).host : 'no address'
    client.gate.log.warn({ channel: client.gate.account, host }, 'a large batch would go to a foreign host: small ones are sent')
    return undefined
  }
  const body = `${items.map((item) => JSON.stringify(objectOf(item, warehouse))).join('\n')}\n`
  await client.send({ operation: 'inventory/batch/large/data', method: 'PUT', path: dataUrl, body }, signal)
  return requestId
}

/** The very host that is called anyway, or one of the vendor's own over TLS. */
function isOurs(dataUrl: string, base: string): boolean {
  if (!URL.canParse(dataUrl)) return false
  const { origin, protocol, hostname } = new URL(dataUrl)
  return origin === new URL(base).origin || (protocol === 'https:' && /(?:^|\.)(?:dsco\.io|rithum\.com)$/.test(hostname))
}

function postponed(client: DscoClient, error: PermanentError): RetryableError {
  const what = `not told apart from a refused neighbour: ${error.message}`
  return new RetryableError(what, client.factsOf({ operation: 'inventory/batch/small' }))
}

function notSent(client: DscoClient): RetryableError {
  return new RetryableError('not sent', client.factsOf({ operation: 'inventory/batch/small' }))
}
