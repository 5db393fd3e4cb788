import { PermanentError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { assertOwnAnswer, type MiraklClient, type MiraklRequest, refusalOf } from './client.ts'
import { DONE } from './lines.ts'
import { readOrdersById } from './order-pages.ts'
import { accepted, failed, type Outcomes } from './outcomes.ts'
import { bareNumber, noteOf, type Package, planOf } from './packages.ts'
import { type WireOrderProgress, wireOrderProgress } from './wire.ts'

/**
 * OR23 then OR24, two calls per order, for marketplaces with multi-shipment off (contract section 5). They ship whole orders: a package
 * that holds only a part cannot be told to such a marketplace.
 */
export async function confirmWholeOrders(
  client: MiraklClient,
  packages: readonly Package[],
  outcomes: Outcomes,
  sent: Set<number>,
  signal: AbortSignal,
): Promise<void> {
  for (const [i, each] of packages.entries()) {
    if (outcomes[i] !== undefined) continue
    sent.clear()
    sent.add(i)
    if (each.item.wholeOrder) outcomes[i] = await confirmWholeOrder(client, each, plansOf(client, packages, outcomes), signal)
    else outcomes[i] = failed(partRefused(client, each.item))
  }
}

/** The order's own tracking number and state, compared (contract section 5). */
export async function lookUpWholeOrders(
  client: MiraklClient,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const known = await readProgress(
    client,
    batch.map((item) => item.externalOrderId),
    signal,
  )
  return batch.map((item) => {
    const order = known.get(item.externalOrderId)
    if (order === undefined) return 'unknowable'
    return isShippedWith(order, item) ? 'confirmed' : 'absent'
  })
}

/** Order state and tracking by order id, as OR11 tells them now. */
export async function readProgress(
  client: MiraklClient,
  orderIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, WireOrderProgress>> {
  const progress = new Map<string, WireOrderProgress>()
  for (const raw of await readOrdersById(client, orderIds, signal)) {
    const order = wireOrderProgress.safeParse(raw).data
    if (order !== undefined) progress.set(order.order_id, order)
  }
  return progress
}

async function confirmWholeOrder(
  client: MiraklClient,
  each: Package,
  plan: NonNullable<MiraklRequest['plan']>,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const path = `/api/orders/${encodeURIComponent(each.item.externalOrderId)}`
  const track: MiraklRequest = {
    operation: 'OR23',
    method: 'PUT',
    path: `${path}/tracking`,
    body: trackingOf(each),
    plan,
    expect: [400],
  }
  const ship: MiraklRequest = { operation: 'OR24', method: 'PUT', path: `${path}/ship`, plan, expect: [400] }
  try {
    for (const request of [track, ship]) {
      const answer = await client.send(request, signal)
      if (answer.status !== 400) {
        assertOwnAnswer(client, request, answer)
        continue
      }
      const order = (await readProgress(client, [each.item.externalOrderId], signal)).get(each.item.externalOrderId)
      // OR24 follows an accepted OR23, so the number is ours already; before that it has to be compared.
      const isDone = order !== undefined && (request === ship ? DONE.has(order.order_state) : isShippedWith(order, each.item))
      return isDone ? accepted('already confirmed') : failed(refusalOf(client, request, answer))
    }
    return accepted(noteOf(each))
  } catch (error) {
    if (error instanceof PermanentError) return failed(error)
    throw error
  }
}

/** The link is `carrier_url` here and `tracking_url` in ST01 (contract section 5). */
function trackingOf({ item, carrier }: Package): object {
  if (carrier.kind === 'registered') return { carrier_code: carrier.code, tracking_number: item.trackingNumber }
  const url = carrier.trackingUrl === undefined ? {} : { carrier_url: carrier.trackingUrl }
  return { carrier_name: carrier.name, ...url, tracking_number: item.trackingNumber }
}

function plansOf(client: MiraklClient, packages: readonly Package[], outcomes: Outcomes): NonNullable<MiraklRequest['plan']> {
  return packages
    .filter(({ item }, i) => outcomes[i] === undefined && item.wholeOrder)
    .map((each) => planOf(client, 'OR23+OR24', each))
}

function isShippedWith(order: WireOrderProgress, item: Confirmation): boolean {
  return DONE.has(order.order_state) && bareNumber(order.shipping_tracking ?? '') === bareNumber(item.trackingNumber)
}

function partRefused(client: MiraklClient, item: Confirmation): PermanentError {
  const what =
    `this marketplace takes whole orders only (multi-shipment is off) and the package holds a part of order ${item.externalOrderId}: ` +
    'enter its tracking in the marketplace back office, or ask the operator to switch multi-shipment on and retry'
  return new PermanentError(what, { account: client.gate.account, operation: 'OR24' })
}
