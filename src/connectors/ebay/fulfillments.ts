import { PermanentError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { ebayCarrier, plainTracking, trackingKey } from './carriers.ts'
import type { EbayClient, RestCall } from './client.ts'
import { oneByOne } from './outcomes.ts'
import { listByIds, readFulfillments } from './source-rest.ts'
import { Refusal } from './verdict.ts'
import { type WireFulfillments, wirePackedOrder } from './wire-rest.ts'

/**
 * Packages by createShippingFulfillment (contract section 4.2): one call each, which adds, and a repeat would add again. So what eBay holds
 * is read before, and once more after a refusal: this tracking number among its packages is a success. Which orders have packages at all
 * tells one list of them (contract section 3); an order that has none need not be asked for them before its first one.
 */
export async function confirmByFulfillment(
  client: EbayClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const bare = await bareOrders(client, batch, signal)
  return oneByOne(
    batch,
    (one) => confirmOne(client, one, bare.delete(one.externalOrderId), signal),
    (_, error): ItemOutcome => ({ status: 'failed', error }),
  )
}

/** Orders of these that have no package yet; where the list is refused, nobody knows of any. */
async function bareOrders(client: EbayClient, batch: readonly Confirmation[], signal: AbortSignal): Promise<Set<string>> {
  const ids = [...new Set(batch.map(({ externalOrderId }) => externalOrderId))]
  // A list of one would tell no more than its packages do.
  if (ids.length < 2) return new Set()
  try {
    const orders = (await listByIds(client, ids, signal)).flatMap((raw) => wirePackedOrder.safeParse(raw).data ?? [])
    return new Set(orders.filter(({ fulfillmentHrefs }) => fulfillmentHrefs.length === 0).map(({ orderId }) => orderId))
  } catch (error) {
    if (error instanceof PermanentError) return new Set()
    throw error
  }
}

/** Whether eBay holds each package. One read per order. */
export async function lookUpFulfillments(
  client: EbayClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const read = new Map<string, WireFulfillments | undefined>()
  const answers: LookUp[] = []
  for (const { externalOrderId, trackingNumber, lines } of batch) {
    if (!read.has(externalOrderId)) read.set(externalOrderId, await readFulfillments(client, externalOrderId, signal))
    const known = read.get(externalOrderId)
    answers.push(known === undefined ? 'unknowable' : missing(known, trackingNumber, lines).length === 0 ? 'confirmed' : 'absent')
  }
  return answers
}

async function confirmOne(client: EbayClient, one: Confirmation, hasNone: boolean, signal: AbortSignal): Promise<ItemOutcome> {
  const lack = whatIsMissing(one)
  const operation = 'fulfillment/shipping_fulfillment'
  if (lack !== undefined)
    return { status: 'failed', error: new PermanentError(`not sent: ${lack}`, { account: client.gate.account, operation }) }
  const left = hasNone ? one.lines : await linesLeft(client, one, signal)
  if (left.length === 0) return { status: 'accepted', note: 'already confirmed' }
  try {
    await client.tell(callOf(client, one, left, operation), signal)
    return { status: 'accepted' }
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    if (left.length > 1 && goesAlone(error)) return tellLineByLine(client, one, left, operation, signal)
    if ((await linesLeft(client, one, signal)).length === 0) return { status: 'accepted', note: 'already confirmed' }
    return { status: 'failed', error }
  }
}

/** Lines of the Global Shipping Program are taken one at a time, each with the same number (contract section 4.2). */
function goesAlone(error: PermanentError): boolean {
  return error instanceof Refusal && error.codes.some((code) => code === '34200' || code === '34300')
}

async function tellLineByLine(
  client: EbayClient,
  one: Confirmation,
  lines: Confirmation['lines'],
  operation: string,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  for (const line of lines) await client.tell(callOf(client, one, [line], operation), signal)
  return { status: 'accepted', note: 'told line by line' }
}

/** The lines that eBay does not hold under this number; all, where it does not know the order. */
async function linesLeft(client: EbayClient, one: Confirmation, signal: AbortSignal): Promise<Confirmation['lines']> {
  const known = await readFulfillments(client, one.externalOrderId, signal)
  return known === undefined ? one.lines : missing(known, one.trackingNumber, one.lines)
}

function callOf({ gate, settings }: EbayClient, one: Confirmation, lines: Confirmation['lines'], operation: string): RestCall {
  const carrier = ebayCarrier(one.carrier, settings.carriers)
  const trackingNumber = plainTracking(one.trackingNumber)
  const contents = lines.map((line) => `${line.quantity} x ${line.externalLineId}`).join(', ')
  return {
    api: 'fulfillment',
    method: 'post',
    path: `/order/${encodeURIComponent(one.externalOrderId)}/shipping_fulfillment`,
    body: {
      lineItems: lines.map((line) => ({ lineItemId: line.externalLineId, quantity: line.quantity })),
      // No parcel has left in the future.
      shippedDate: new Date(Math.min(one.shippedAt, gate.clock.now())).toISOString(),
      shippingCarrierCode: carrier,
      trackingNumber,
    },
    plan: [
      { account: gate.account, operation, target: one.externalOrderId, detail: `${carrier} ${trackingNumber}, ${contents}` },
    ],
  }
}

function whatIsMissing(one: Confirmation): string | undefined {
  if (plainTracking(one.trackingNumber) === '') return 'eBay takes only letters and digits as a tracking number'
  return one.lines.length === 0 ? 'the package names no line of the order' : undefined
}

/** Of these lines, those that are in no package with this number. The id of a package is its tracking number, unless it has none. */
function missing(
  { fulfillments }: WireFulfillments,
  trackingNumber: string,
  lines: Confirmation['lines'],
): Confirmation['lines'] {
  const wanted = trackingKey(trackingNumber)
  const own = fulfillments.filter((one) => trackingKey(one.shipmentTrackingNumber ?? one.fulfillmentId ?? '') === wanted)
  // A package that does not say what is in it has everything.
  if (own.some(({ lineItems }) => lineItems.length === 0)) return []
  const packed = new Set(own.flatMap(({ lineItems }) => lineItems.map(({ lineItemId }) => lineItemId)))
  return lines.filter(({ externalLineId }) => !packed.has(externalLineId))
}
