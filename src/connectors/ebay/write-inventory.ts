import { PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { PlannedCall } from '../../core/ports/gate.ts'
import type { QuantityOutcome } from '../../core/ports/marketplace.ts'
import { chunksOf } from '../http/lanes.ts'
import type { EbayClient, RestCall } from './client.ts'
import { oneByOne } from './outcomes.ts'
import { complaintOf, isPassing, saysThrottled, WAIT_WITHOUT_HEADER_MS } from './verdict.ts'
import { type WireBulkUpdate, wireBulkUpdate } from './wire-rest.ts'
import { type Showing, showing } from './words.ts'

/** `elsewhere`: not of this model, or not under this handle any more. */
export type Written = QuantityOutcome | { readonly status: 'elsewhere'; readonly detail: string }

/** A quantity with the offers that have a number of their own. */
export interface OfferUpdate {
  readonly update: QuantityUpdate
  readonly offerIds: readonly string[]
}

const OPERATION = 'inventory/bulk_update_price_quantity'
/** eBay's pages say 25 SKUs, and also 1 (contract section 5.1). */
const MOST = 25
const SIZE_NOTE = 'inventory_batch'
const DAY_MS = 86_400_000
/** The SKU, or its offer, is not in the inventory model. */
const gone = new Set(['25702', '25710', '25713'])

/** A dry run's line about one quantity. */
export function plannedQuantity(account: string, operation: string, { sku, previous, quantity }: QuantityUpdate): PlannedCall {
  return { account, operation, target: sku, detail: `${previous ?? '?'} -> ${quantity}` }
}

/**
 * Quantities by bulkUpdatePriceQuantity: only the numbers, never the whole record. A batch that is refused as a whole is sent SKU by
 * SKU; when each of them passes alone, this account's batches are of one SKU for a day.
 */
export async function writeInventory(
  client: EbayClient,
  updates: readonly OfferUpdate[],
  signal: AbortSignal,
): Promise<readonly Written[]> {
  const { shared, clock } = client.gate
  const size = (await shared.recall(SIZE_NOTE)) === '1' ? 1 : MOST
  const failed = (chunk: readonly OfferUpdate[], error: QuantityFailure) =>
    chunk.map((): Written => ({ status: 'failed', error }))

  async function write(chunk: readonly OfferUpdate[]): Promise<readonly Written[]> {
    try {
      return await writeChunk(client, chunk, signal)
    } catch (error) {
      if (chunk.length === 1 || !(error instanceof PermanentError) || error.status !== 400) throw error
      const alone = (await oneByOne(chunksOf(chunk, 1), (one) => writeChunk(client, one, signal), failed)).flat()
      if (alone.every(({ status }) => status === 'accepted')) await shared.remember(SIZE_NOTE, '1', clock.now() + DAY_MS)
      return alone
    }
  }

  return (await oneByOne(chunksOf(updates, size), write, failed)).flat()
}

type QuantityFailure = Extract<QuantityOutcome, { readonly status: 'failed' }>['error']

async function writeChunk(client: EbayClient, chunk: readonly OfferUpdate[], signal: AbortSignal): Promise<readonly Written[]> {
  const call: RestCall = {
    api: 'inventory',
    method: 'post',
    path: '/bulk_update_price_quantity',
    body: {
      requests: chunk.map(({ update: { sku, quantity }, offerIds }) => ({
        sku,
        shipToLocationAvailability: { quantity },
        ...(offerIds.length === 0 ? {} : { offers: offerIds.map((offerId) => ({ offerId, availableQuantity: quantity })) }),
      })),
    },
    plan: chunk.map(({ update }) => plannedQuantity(client.gate.account, OPERATION, update)),
  }
  const { responses } = await client.rest(call, wireBulkUpdate, signal)
  const show = showing(client.gate, call.body)
  return chunk.map(({ update, offerIds }) => outcomeOf(client, update.sku, offerIds, responses, show))
}

/** By the entries of the SKU and of its offers, never by the status of the call (contract section 5.1). */
function outcomeOf(
  client: EbayClient,
  sku: string,
  offerIds: readonly string[],
  responses: WireBulkUpdate['responses'],
  show: Showing,
): Written {
  const facts = { account: client.gate.account, operation: OPERATION }
  const own = responses.filter((one) => one.sku === sku || (one.offerId !== undefined && offerIds.includes(one.offerId)))
  const isWhole = own.length > 0 && offerIds.every((id) => own.some(({ offerId }) => offerId === id))
  if (!isWhole && own.every(({ statusCode }) => statusCode < 300)) {
    const what = 'the answer does not say how it went with this SKU'
    return { status: 'failed', error: new RetryableError(what, { ...facts, outcomeUnknown: true }) }
  }
  const bad = own.filter(({ statusCode }) => statusCode >= 300)
  if (bad.length === 0) {
    const notice = own.flatMap(({ warnings }) => warnings.map((one) => complaintOf(one, show)))[0]?.text
    return { status: 'accepted', ...(notice === undefined ? {} : { note: notice }) }
  }
  const complaints = bad.flatMap(({ errors }) => errors.map((one) => complaintOf(one, show)))
  const [worst] = bad
  const status = worst?.statusCode ?? 0
  const what = [`answered ${status}`, ...complaints.slice(0, 3).map(({ text }) => text)].join('; ')
  if (status === 404 || complaints.some(({ code }) => gone.has(code))) return { status: 'elsewhere', detail: what }
  if (saysThrottled({ status }, complaints))
    return { status: 'failed', error: new ThrottledError(what, { ...facts, status, waitMs: WAIT_WITHOUT_HEADER_MS }) }
  const error =
    status >= 500 || complaints.some(isPassing)
      ? new RetryableError(what, { ...facts, status, outcomeUnknown: true })
      : new PermanentError(what, { ...facts, status })
  return { status: 'failed', error }
}
