import { PermanentError, RetryableError } from '../../../core/errors.ts'
import type { Confirmation } from '../../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../../core/ports/marketplace.ts'
import { chunksOf, inLanes } from '../../http/lanes.ts'
import { type CarrierClass, carrierOf, trackingKey } from './carriers.ts'
import { type ChannelAdvisorClient, pathOf, type Request } from './client.ts'
import { isCut, mayBeCut } from './cut.ts'
import { sideBySide } from './outcomes.ts'
import { given } from './values.ts'
import { orderIdOf, type WireFulfillment, type WirePackedOrder, wireAnyOrder, wirePackedOrder } from './wire.ts'

const OPERATION = 'Orders/Ship'
const ID = /^\d{1,18}$/
const EXPAND = 'Items,Fulfillments($expand=Items)'
/** Fewer than the smallest page that the vendor is known to give. */
const IDS_PER_CALL = 20

/**
 * Packages by Ship, one call each (contract section 10). A second call adds a second fulfillment, so the orders are read first, all in one
 * list, and each again after a refusal: a package that stands there is known. An order's packages go one after the other, and from its
 * second one on it is read anew.
 */
export async function confirmShipments(
  client: ChannelAdvisorClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const ahead = await readAhead(client, batch, signal)
  const turns = new Map<string, Promise<unknown>>()
  return sideBySide(
    client.gate.account,
    batch,
    (one) => {
      const before = turns.get(one.externalOrderId)
      const known = before === undefined ? ahead.get(one.externalOrderId) : undefined
      const turn = (before ?? Promise.resolve()).then(() => confirmOne(client, one, known, signal))
      turns.set(
        one.externalOrderId,
        turn.catch(() => undefined),
      )
      return turn
    },
    (error): ItemOutcome => ({ status: 'failed', error }),
  )
}

/** Whether the account holds each package. One read per order. */
export async function lookUpConfirmations(
  client: ChannelAdvisorClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const ids = [...new Set(batch.map(({ externalOrderId }) => externalOrderId))]
  const read = await inLanes(ids, (id) => readPacked(client, id, signal))
  const orders = new Map(ids.map((id, at) => [id, read[at]]))
  return batch.map((one) => {
    const order = orders.get(one.externalOrderId)
    if (order === undefined) return 'unknowable'
    return holds(order, one) ? 'confirmed' : 'absent'
  })
}

async function confirmOne(
  client: ChannelAdvisorClient,
  one: Confirmation,
  known: WirePackedOrder | undefined,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const order = known ?? (await readPacked(client, one.externalOrderId, signal))
  if (order !== undefined && holds(order, one)) return { status: 'accepted', note: 'already confirmed' }
  const lack = whatIsWrong(one, order)
  if (order === undefined || lack !== undefined) throw refusal(client, `not sent: ${lack}`)
  const carrier = carrierOf(one, order, client.settings.carriers)
  try {
    await client.tell(requestOf(client, one, order, carrier), signal)
    return { status: 'accepted' }
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    const now = await readPacked(client, one.externalOrderId, signal)
    if (now !== undefined && holds(now, one)) return { status: 'accepted', note: 'already confirmed' }
    return { status: 'failed', error: withFix(client, error, one, carrier) }
  }
}

/**
 * The orders of several packages with their fulfillments. What the list leaves out, cuts, or makes no sense of is not in it, and is read by
 * its id; so are all of them where the list is refused.
 */
async function readAhead(
  client: ChannelAdvisorClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, WirePackedOrder>> {
  const ids = [...new Set(batch.map(({ externalOrderId }) => externalOrderId))].filter((id) => ID.test(id))
  if (ids.length < 2) return new Map()
  const read = await inLanes(chunksOf(ids, IDS_PER_CALL), async (chunk) => {
    const filter = chunk.map((id) => `ID eq ${id}`).join(' or ')
    const path = pathOf('/v1/Orders', [
      ['$filter', filter],
      ['$expand', EXPAND],
    ])
    try {
      return await client.readAll({ operation: 'GET Orders', method: 'GET', path }, signal)
    } catch (error) {
      if (error instanceof PermanentError) return []
      throw error
    }
  })
  return new Map(
    read.flat().flatMap((raw) => {
      const [id, order] = [orderIdOf(raw), wirePackedOrder.safeParse(raw).data]
      return id === undefined || order === undefined || mayBeCut(raw) ? [] : [[id, order] as const]
    }),
  )
}

/** The order with its fulfillments, or undefined for an id that the account does not know. */
async function readPacked(client: ChannelAdvisorClient, id: string, signal: AbortSignal): Promise<WirePackedOrder | undefined> {
  if (!ID.test(id)) return undefined
  const path = pathOf(`/v1/Orders(${id})`, [['$expand', EXPAND]])
  const request: Request = { operation: 'GET Orders(ID)', method: 'GET', path, expect: [404] }
  const answer = await client.send(request, signal)
  if (answer.status === 404) return undefined
  if (isCut(client.parse(request, answer, wireAnyOrder)))
    throw new RetryableError('only a part of the fulfillments was told', client.factsOf(request, answer))
  return client.parse(request, answer, wirePackedOrder)
}

const GONE: ReadonlySet<string> = new Set(['Complete', 'InTransit', 'ReadyForPickup'])

/** By its tracking number; by our own number only where somebody has taken the tracking number out. */
function holds({ Fulfillments }: WirePackedOrder, { trackingNumber, reference }: Confirmation): boolean {
  const wanted = trackingKey(trackingNumber)
  return Fulfillments.filter(({ DeliveryStatus }) => GONE.has(DeliveryStatus ?? '')).some((one) =>
    one.TrackingNumber === undefined ? one.SellerFulfillmentID === String(reference) : trackingKey(one.TrackingNumber) === wanted,
  )
}

/** Our number on units of ours: a person has mended the tracking number, here or there. Told again it would be a second package. */
function isCorrected(
  { DeliveryStatus, SellerFulfillmentID, Items }: WireFulfillment,
  { reference, lines }: Confirmation,
): boolean {
  if (!GONE.has(DeliveryStatus ?? '') || SellerFulfillmentID !== String(reference)) return false
  return Items.some(({ OrderItemID }) => lines.some(({ externalLineId }) => externalLineId === OrderItemID))
}

function whatIsWrong(one: Confirmation, order: WirePackedOrder | undefined): string | undefined {
  if (order === undefined) return 'the account has no such order'
  if (one.lines.length === 0) return 'the package names no line of the order'
  const ids = new Set(order.Items.map(({ ID }) => ID))
  if (order.Fulfillments.some((known) => isCorrected(known, one)))
    return `the account has this package (SellerFulfillmentID ${one.reference}) under another tracking number: compare it in ChannelAdvisor`
  const stranger = one.lines.find(({ externalLineId }) => !ids.has(externalLineId))
  if (stranger !== undefined) return `the order has no line ${stranger.externalLineId}`
  if (order.ShippingStatus === 'Canceled') return 'the order has been cancelled'
  // One more fulfillment would tell the marketplace of units that it has been told of.
  if (order.ShippingStatus === 'Shipped')
    return 'the order is marked as shipped already, with another tracking number: compare it in ChannelAdvisor'
  return undefined
}

function requestOf(client: ChannelAdvisorClient, one: Confirmation, order: WirePackedOrder, carrier: CarrierClass): Request {
  const { account, clock } = client.gate
  const contents = one.lines.map((line) => `${line.quantity} x ${line.externalLineId}`).join(', ')
  const method = [carrier.ShippingCarrier, carrier.ShippingClass].filter(Boolean).join(' ')
  const skus = new Map(order.Items.map(({ ID, Sku }) => [ID, Sku]))
  return {
    operation: OPERATION,
    method: 'POST',
    path: `/v1/Orders(${one.externalOrderId})/Ship`,
    body: {
      Value: {
        // No parcel has left in the future.
        ShippedDateUtc: new Date(Math.min(one.shippedAt, clock.now())).toISOString(),
        TrackingNumber: one.trackingNumber,
        ...carrier,
        ...given('DistributionCenterID', centerOf(order.Fulfillments, one)),
        SellerFulfillmentID: String(one.reference),
        DeliveryStatus: 'Complete',
        // Always named: without them everything counts as shipped, also what is cancelled or lies elsewhere.
        Items: one.lines.map(({ externalLineId, quantity }) => ({
          OrderItemID: Number(externalLineId),
          ...given('Sku', skus.get(externalLineId)),
          Quantity: quantity,
        })),
      },
    },
    plan: [
      { account, operation: OPERATION, target: one.externalOrderId, detail: `${method} ${one.trackingNumber}, ${contents}` },
    ],
  }
}

/** Where these lines lie waiting, if they all lie in one place. */
function centerOf(fulfillments: readonly WireFulfillment[], { lines }: Confirmation): number | undefined {
  const wanted = new Set(lines.map(({ externalLineId }) => externalLineId))
  const open = fulfillments.filter(({ DeliveryStatus, Items }) => {
    return DeliveryStatus === 'NoChange' && Items.some(({ OrderItemID }) => wanted.has(OrderItemID ?? ''))
  })
  const [first, ...others] = new Set(open.map(({ DistributionCenterID }) => DistributionCenterID ?? undefined))
  return others.length === 0 ? first : undefined
}

/** A 400 is mostly about a carrier or class that the account's list does not have (contract section 10). */
function withFix(client: ChannelAdvisorClient, error: PermanentError, one: Confirmation, carrier: CarrierClass): PermanentError {
  const isAboutCarrier = error.status === 400 && (/carrier|class/i.test(error.message) || error.message.endsWith('answered 400'))
  if (!isAboutCarrier) return error
  const what = error.message.slice(error.message.indexOf('answered'))
  const sent = [carrier.ShippingCarrier, carrier.ShippingClass ?? 'no class'].join(', ')
  const fix = `sent as ${sent}; if the account's list of carriers has no such pair, add to carriers of ${client.settings.channel}: ${one.carrier.code || 'other'}: Carrier/Class, spelled as in that list`
  return new PermanentError(`${what}; ${fix}`, { account: client.gate.account, operation: OPERATION, status: 400 })
}

function refusal({ gate }: ChannelAdvisorClient, what: string): PermanentError {
  return new PermanentError(what, { account: gate.account, operation: OPERATION })
}
