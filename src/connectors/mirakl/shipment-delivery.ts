import { RetryableError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { CarrierList } from './carriers.ts'
import type { MiraklClient, MiraklRequest, MultiShipment } from './client.ts'
import { isKnown, SHIPMENTS_PATH, trackingNumbers } from './known-shipments.ts'
import { accepted, type Outcomes } from './outcomes.ts'
import { type Package, planOf, toShipment } from './packages.ts'

export interface ShipmentDeps {
  readonly client: MiraklClient
  readonly multiShipment: MultiShipment
  readonly carriers: CarrierList
}

/**
 * How old a look-up may be when a part of an order is sent on the strength of it: far less than it takes another process to take over
 * from one that has frozen, and enough for our turn in the rate limit.
 */
const FRESH_MS = 5000
const MOST_LOOK_UPS = 4
interface Delivery {
  readonly request: MiraklRequest
  readonly answer: VendorAnswer
  /** What was sent of the packages named. */
  readonly chunk: readonly number[]
}

/**
 * Sends the packages as one ST01. The platform has no key that makes a repeat harmless, and a second package with a part of an order is taken
 * like a first: what other process may have told it meanwhile is looked up right before, and if anything comes between that and the sending, a
 * long wait or a frozen machine, it is looked up again. Undefined when nothing was left to send.
 */
export async function deliver(
  deps: ShipmentDeps,
  packages: readonly Package[],
  named: readonly number[],
  outcomes: Outcomes,
  sent: Set<number>,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const { clock } = deps.client.gate
  for (let lookUps = 1; ; lookUps += 1) {
    sent.clear()
    const parts = named.filter((i) => packages[i]?.item.wholeOrder === false)
    if (parts.length > 0) await settleKnown(deps, packages, parts, outcomes, signal)
    const chunk = named.filter((i) => outcomes[i] === undefined)
    if (chunk.length === 0 || (await deps.multiShipment.isOff())) return undefined
    const notAfter = clock.now() + FRESH_MS
    const plain = requestOf(deps, packages, chunk, outcomes)
    const request = parts.length > 0 ? { ...plain, notAfter } : plain
    for (const i of chunk) sent.add(i)
    try {
      return { request, chunk, answer: await deps.client.send(request, signal) }
    } catch (error) {
      const wasHeldUp = request.notAfter !== undefined && error instanceof RetryableError && !error.outcomeUnknown
      if (!wasHeldUp || clock.now() <= notAfter || lookUps >= MOST_LOOK_UPS) throw error
    }
  }
}

async function settleKnown(
  deps: ShipmentDeps,
  packages: readonly Package[],
  parts: readonly number[],
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  const ids = parts.map((i) => packages[i]?.item.externalOrderId ?? '')
  const known = await trackingNumbers(deps.client, deps.multiShipment, ids, signal)
  for (const i of parts) {
    const item = packages[i]?.item
    if (item !== undefined && known !== undefined && isKnown(known, item)) outcomes[i] = accepted('already confirmed')
  }
}

function requestOf(
  deps: ShipmentDeps,
  packages: readonly Package[],
  chunk: readonly number[],
  outcomes: Outcomes,
): MiraklRequest {
  const chosen = chunk.map((i) => packages[i]).filter((each) => each !== undefined)
  // A dry run ends with the first call, so its plan names everything that is still to be sent.
  const planned = packages.filter((_, i) => outcomes[i] === undefined)
  return {
    operation: 'ST01',
    method: 'POST',
    path: SHIPMENTS_PATH,
    body: { shipments: chosen.map(toShipment) },
    plan: planned.map((each) => planOf(deps.client, 'ST01', each)),
    expect: [400, 404],
  }
}
