import { type ConnectorError, isConnectorError, PermanentError, RetryableError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { readAnswer } from '../http/json.ts'
import { assertOwnAnswer, type MiraklRequest, refusalOf } from './client.ts'
import { isKnown, trackingNumbers } from './known-shipments.ts'
import { confirmWholeOrders, lookUpWholeOrders } from './legacy-shipments.ts'
import { accepted, failed, type Outcomes, settleBatch } from './outcomes.ts'
import { choosePackages, noteOf, type Package, refuseUnsound } from './packages.ts'
import { deliver, type ShipmentDeps } from './shipment-delivery.ts'
import { wireCreatedShipments } from './wire.ts'

/** Refused calls of one round before the rest is left for another run. */
const MOST_REFUSALS = 40

/**
 * ST01, or OR23 and OR24 where multi-shipment is off (contract section 5). An error of ST01 names an order and not a package, so one call
 * holds at most one package of an order; more of them go out in rounds. Never sends anything a second time by itself: an unknown outcome
 * is thrown or returned as RetryableError with `outcomeUnknown`.
 */
export async function confirmShipments(
  deps: ShipmentDeps,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  if (batch.length === 0) return []
  const packages = await choosePackages(deps.client, deps.carriers, batch, signal)
  const outcomes: Outcomes = batch.map((item) => refuseUnsound(deps.client, item))
  const sent = new Set<number>()
  return settleBatch(deps.client, outcomes, sent, 'ST01', async () => {
    for (const round of roundsOf(batch, outcomes)) {
      if (await deps.multiShipment.isOff()) break
      await sendRound(deps, packages, round, outcomes, sent, signal)
    }
    if (await deps.multiShipment.isOff()) await confirmWholeOrders(deps.client, packages, outcomes, sent, signal)
  })
}

/** ST11 by order, compared by tracking number; where multi-shipment is off, the order's own tracking and state (contract section 5). */
export async function lookUpConfirmations(
  deps: ShipmentDeps,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const ids = batch.map((item) => item.externalOrderId)
  const known = (await deps.multiShipment.isOff())
    ? undefined
    : await trackingNumbers(deps.client, deps.multiShipment, ids, signal)
  if (known === undefined) return lookUpWholeOrders(deps.client, batch, signal)
  return batch.map((item) => (isKnown(known, item) ? 'confirmed' : 'absent'))
}

/** Indexes of the batch, so that no round has an order twice; later packages of an order come later. */
function roundsOf(batch: readonly Confirmation[], outcomes: Outcomes): readonly (readonly number[])[] {
  const rounds: number[][] = []
  const packagesOf = new Map<string, number>()
  for (const [i, item] of batch.entries()) {
    if (outcomes[i] !== undefined) continue
    const round = packagesOf.get(item.externalOrderId) ?? 0
    packagesOf.set(item.externalOrderId, round + 1)
    rounds[round] = [...(rounds[round] ?? []), i]
  }
  return rounds
}

/**
 * One ST01, halved when it is refused as a whole: troubles of single orders come back in a 201, so a 400 is about the shape of the request
 * and nothing of it was made. Should that ever be untrue, a second package for the same units is refused and found by the read-back.
 */
async function sendRound(
  deps: ShipmentDeps,
  packages: readonly Package[],
  round: readonly number[],
  outcomes: Outcomes,
  sent: Set<number>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [round]
  let refusals = 0
  for (let named = waiting.shift(); named !== undefined; named = waiting.shift()) {
    const delivery = await deliver(deps, packages, named, outcomes, sent, signal)
    if (delivery === undefined) continue
    const { request, answer, chunk } = delivery
    if (answer.status === 404) {
      assertOwnAnswer(deps.client, request, answer)
      await deps.multiShipment.switchOff()
      return
    }
    if (answer.status !== 400) {
      await settleAnswer(deps, packages, chunk, outcomes, request, answer, signal)
      continue
    }
    refusals += 1
    const error = refusalOf(deps.client, request, answer)
    if (chunk.length === 1) await settleRefused(deps, packages, new Map(chunk.map((i) => [i, error])), outcomes, signal)
    else if (refusals >= MOST_REFUSALS) for (const i of chunk) outcomes[i] = failed(postponed(error))
    else waiting.unshift(chunk.slice(0, Math.ceil(chunk.length / 2)), chunk.slice(Math.ceil(chunk.length / 2)))
  }
}

function postponed(error: PermanentError): ConnectorError {
  return new RetryableError(`not told apart from a refused neighbour: ${error.message}`, {
    account: error.account,
    operation: error.operation,
  })
}

/** A 201 may hold successes and errors; an order in neither list has an unknown outcome. */
async function settleAnswer(
  deps: ShipmentDeps,
  packages: readonly Package[],
  chunk: readonly number[],
  outcomes: Outcomes,
  request: MiraklRequest,
  answer: VendorAnswer,
  signal: AbortSignal,
): Promise<void> {
  const { client } = deps
  const created = readAnswer(client.gate.account, client.callOf(request), answer, wireCreatedShipments)
  const made = new Set((created.shipment_success ?? []).map((each) => each.order_id))
  const errors = new Map((created.shipment_errors ?? []).map((each) => [each.order_id, each.message ?? 'no reason given']))
  const refused = new Map<number, PermanentError>()
  for (const i of chunk) {
    const each = packages[i]
    if (each === undefined) continue
    const message = errors.get(each.item.externalOrderId)
    if (made.has(each.item.externalOrderId)) outcomes[i] = accepted(noteOf(each))
    else if (message !== undefined)
      refused.set(i, new PermanentError(`refused: ${safeText(message)}`, client.factsOf(request, answer)))
    else
      outcomes[i] = failed(
        new RetryableError('the answer does not name the order', { ...client.factsOf(request, answer), outcomeUnknown: true }),
      )
  }
  await settleRefused(deps, packages, refused, outcomes, signal)
}

/** A refused package may be one that an earlier call has already brought in: ST11 tells (contract section 8). */
async function settleRefused(
  deps: ShipmentDeps,
  packages: readonly Package[],
  refused: ReadonlyMap<number, PermanentError>,
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  if (refused.size === 0) return
  const ids = [...refused.keys()].map((i) => packages[i]?.item.externalOrderId ?? '')
  try {
    const known = (await trackingNumbers(deps.client, deps.multiShipment, ids, signal)) ?? new Map<string, ReadonlySet<string>>()
    for (const [i, error] of refused) {
      const item = packages[i]?.item
      outcomes[i] = item !== undefined && isKnown(known, item) ? accepted('already confirmed') : failed(error)
    }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    for (const i of refused.keys()) outcomes[i] = failed(error)
  }
}
