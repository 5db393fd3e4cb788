import { PermanentError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { amazonCarrier } from './carriers.ts'
import type { AmazonClient, AmazonRequest } from './client.ts'
import { packagesReply } from './wire.ts'

/** What Amazon says when the package, or the whole order, was dealt with by somebody else (contract section 4). */
const DEALT_WITH = /PackageToUpdateNotFound|already\s+(been\s+)?(fulfilled|shipped|confirmed|cancel)/i

/**
 * One package (contract section 4). The reference is the idempotency key: the same number again edits the package that is there.
 * A refusal is checked against what Amazon holds: this tracking number among its packages is a success, whoever sent it.
 * Throws what concerns the whole call; answers `failed` for what concerns this package.
 */
export async function confirmPackage(
  client: AmazonClient,
  confirmation: Confirmation,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const lack = whatIsMissing(confirmation)
  if (lack !== undefined) {
    const facts = { account: client.gate.account, operation: 'confirmShipment' }
    return { status: 'failed', error: new PermanentError(`not sent: ${lack}`, facts) }
  }
  try {
    await client.tell(requestOf(client, confirmation), signal)
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    return settle(client, confirmation, error, signal)
  }
  const { carrierName } = amazonCarrier(confirmation.carrier, client.settings.carriers)
  return { status: 'accepted', ...(carrierName === undefined ? {} : { note: `carrier sent as Other (${carrierName})` }) }
}

async function settle(
  client: AmazonClient,
  confirmation: Confirmation,
  refusal: PermanentError,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const known = await readPackages(client, confirmation.externalOrderId, signal).catch((error: unknown) => {
    // The refusal of the package says more than the refusal to show the order.
    if (error instanceof PermanentError) return undefined
    throw error
  })
  if (known?.trackingNumbers.has(trackingKey(confirmation.trackingNumber)))
    return { status: 'accepted', note: 'already confirmed' }
  const verdict = verdictOf(known, refusal)
  if (verdict === undefined) return { status: 'failed', error: refusal }
  const { account, operation, status } = refusal
  const facts = { account, operation, ...(status === undefined ? {} : { status }) }
  return { status: 'failed', error: new PermanentError(verdict, facts, { cause: refusal }) }
}

/** What the refusal means in the light of what Amazon holds; undefined where its own words say it best. */
function verdictOf(known: Packages | undefined, refusal: PermanentError): string | undefined {
  if (known?.status === 'CANCELLED') return 'the order is cancelled at Amazon'
  if (!DEALT_WITH.test(refusal.message)) return undefined
  if (known === undefined)
    return 'the order was confirmed or cancelled elsewhere, and cannot be read back: look it up in Seller Central'
  const count = known.trackingNumbers.size
  return `conflict: another tool has confirmed this order (${count} other package(s)); compare them in Seller Central`
}

/** Whether Amazon holds these tracking numbers. One read per order; Orders v0 cannot tell. */
export async function lookUpPackages(
  client: AmazonClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const read = new Map<string, Packages | undefined>()
  const results: LookUp[] = []
  for (const { externalOrderId, trackingNumber } of batch) {
    if (!read.has(externalOrderId)) read.set(externalOrderId, await readPackages(client, externalOrderId, signal))
    const known = read.get(externalOrderId)
    results.push(
      known === undefined ? 'unknowable' : known.trackingNumbers.has(trackingKey(trackingNumber)) ? 'confirmed' : 'absent',
    )
  }
  return results
}

interface Packages {
  readonly status: string | undefined
  readonly trackingNumbers: ReadonlySet<string>
}

/** Undefined where nothing can be told: v0 has no packages, or Amazon does not show the order. */
async function readPackages(client: AmazonClient, orderId: string, signal: AbortSignal): Promise<Packages | undefined> {
  if (client.settings.ordersApi === 'v0') return undefined
  const request = { operation: 'getOrder', path: { orderId }, query: { includedData: 'FULFILLMENT,PACKAGES' } } as const
  const reply = await client.find(request, packagesReply, signal)
  if (reply === undefined) return undefined
  const numbers = reply.order.packages.flatMap((one) =>
    one.trackingNumber === undefined ? [] : [trackingKey(one.trackingNumber)],
  )
  return { status: reply.order.fulfillment?.fulfillmentStatus, trackingNumbers: new Set(numbers) }
}

function trackingKey(trackingNumber: string): string {
  return trackingNumber.replace(/[\s-]/g, '').toUpperCase()
}

function whatIsMissing(confirmation: Confirmation): string | undefined {
  if (confirmation.trackingNumber.trim() === '') return 'Amazon accepts no package without a tracking number'
  if (confirmation.lines.length === 0) return 'the package names no line of the order'
  return undefined
}

function requestOf(client: AmazonClient, confirmation: Confirmation): AmazonRequest {
  const { settings, gate } = client
  const { externalOrderId: orderId, trackingNumber, lines } = confirmation
  const carrier = amazonCarrier(confirmation.carrier, settings.carriers)
  const contents = lines.map((line) => `${line.quantity} x ${line.externalLineId}`).join(', ')
  return {
    operation: 'confirmShipment',
    path: { orderId },
    body: {
      marketplaceId: confirmation.marketplaceId ?? settings.marketplaceIds[0],
      packageDetail: {
        // A JSON string that holds a number; a bare number is refused.
        packageReferenceId: String(confirmation.reference),
        ...carrier,
        ...(confirmation.service === undefined ? {} : { shippingMethod: confirmation.service }),
        trackingNumber,
        shipDate: shipDate(confirmation.shippedAt, gate.clock.now()),
        orderItems: lines.map((line) => ({ orderItemId: line.externalLineId, quantity: line.quantity })),
      },
    },
    plan: [
      {
        account: gate.account,
        operation: 'confirmShipment',
        target: orderId,
        detail: `${carrier.carrierName ?? carrier.carrierCode} ${trackingNumber}, ${contents}`,
      },
    ],
  }
}

/** Whole seconds UTC. A label made today for tomorrow's pick-up is told as shipped now: no parcel has left in the future. */
function shipDate(shippedAt: number, now: number): string {
  return new Date(Math.min(shippedAt, now)).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
