import { isConnectorError, RetryableError, StoppedError, ThrottledError } from '../../core/errors.ts'
import type { PlannedCall } from '../../core/ports/gate.ts'
import type { FoundOrder, PushOrder, PushOutcome } from '../../core/ports/shipping.ts'
import { ACCOUNT, type ShipStationClient } from './client.ts'
import { type Draft, toWire } from './orders.ts'
import { judge, judgeFound, matchRows, unknownOutcome } from './results.ts'
import { createOrdersReply, type WireOrder } from './wire.ts'

const OPERATION = 'createorders'
/** Finding one bad order among 100 takes 8 refused calls. So many without a single good one is not one bad order. */
const MOST_REFUSED_IN_VAIN = 16
/** Each costs a call of the minute's 40. What is left over is looked up by whoever tries the order again. */
const MOST_LOOK_UPS = 20

export interface PushDeps {
  readonly client: ShipStationClient
  readonly tags: Readonly<Record<string, number>>
  findOrders(orderNumber: string, signal: AbortSignal): Promise<readonly FoundOrder[]>
  getOrder(shipStationOrderId: number, signal: AbortSignal): Promise<FoundOrder | undefined>
}

interface Item {
  readonly index: number
  readonly wire: WireOrder
}

interface Progress {
  readonly outcomes: (PushOutcome | undefined)[]
  readonly doubtful: { readonly item: Item; readonly reason: string }[]
  acceptedCalls: number
  refusedCalls: number
}

/**
 * One call for the whole batch; where the vendor refuses the call as a whole, halves, until the bad order is alone. The orderKey makes
 * every repeat an update (contract section 4). One outcome per order, in the batch's order.
 */
export async function pushOrders(
  deps: PushDeps,
  batch: readonly PushOrder[],
  signal: AbortSignal,
): Promise<readonly PushOutcome[]> {
  const drafts = batch.map((push) => toWire(push, deps.tags))
  const progress: Progress = { outcomes: drafts.map(refusedOutcome), doubtful: [], acceptedCalls: 0, refusedCalls: 0 }
  const items = drafts.flatMap((draft, index) => (draft.ok ? [{ index, wire: draft.wire }] : []))
  const notSent = drafts.flatMap((draft, index) => (draft.ok ? [] : [planOf(batch[index], draft.error.message)]))
  try {
    if (items.length > 0) await send(deps, progress, items, notSent, signal)
    await lookUpDoubtful(deps, progress, signal)
  } catch (error) {
    return spread(progress, error)
  }
  return spread(progress, unknownOutcome('no outcome was reached'))
}

async function send(
  deps: PushDeps,
  progress: Progress,
  items: readonly Item[],
  notSent: readonly PlannedCall[],
  signal: AbortSignal,
): Promise<void> {
  const orders = items.map((item) => item.wire)
  const plan = [...orders.map((order) => planLine(order)), ...notSent]
  const reply = await deps.client.attempt(
    { operation: OPERATION, path: '/orders/createorders', body: orders, plan, patient: true },
    createOrdersReply,
    signal,
  )
  if (reply.ok) {
    progress.acceptedCalls += 1
    settle(progress, items, reply.value.results)
    return
  }
  if (!reply.dataFault) throw reply.error
  progress.refusedCalls += 1
  const [only] = items
  if (only !== undefined && items.length === 1) {
    progress.outcomes[only.index] = { status: 'failed', error: reply.error }
    return
  }
  const middle = Math.ceil(items.length / 2)
  for (const half of [items.slice(0, middle), items.slice(middle)]) {
    assertNotInVain(progress)
    await send(deps, progress, half, [], signal)
  }
}

function settle(progress: Progress, items: readonly Item[], rows: readonly unknown[]): void {
  const matched = matchRows(
    items.map((item) => item.wire),
    rows,
  )
  for (const [i, item] of items.entries()) {
    const verdict = judge(item.wire, matched[i])
    if (verdict.kind === 'settled') progress.outcomes[item.index] = verdict.outcome
    else progress.doubtful.push({ item, reason: verdict.reason })
  }
}

/** A refusal in unknown words may mean "shipped meanwhile": the order itself says so. */
async function lookUpDoubtful(deps: PushDeps, progress: Progress, signal: AbortSignal): Promise<void> {
  for (const { item, reason } of progress.doubtful.slice(MOST_LOOK_UPS)) {
    progress.outcomes[item.index] = { status: 'failed', error: unknownOutcome(`order refused: ${reason}; not looked up yet`) }
  }
  for (const { item, reason } of progress.doubtful.slice(0, MOST_LOOK_UPS)) {
    progress.outcomes[item.index] = judgeFound(item.wire, reason, await lookUp(deps, item.wire, signal))
  }
}

async function lookUp(deps: PushDeps, order: WireOrder, signal: AbortSignal): Promise<readonly FoundOrder[]> {
  if (order.orderId === undefined) return deps.findOrders(order.orderNumber, signal)
  const found = await deps.getOrder(order.orderId, signal)
  return found === undefined ? [] : [found]
}

function assertNotInVain(progress: Progress): void {
  if (progress.acceptedCalls > 0 || progress.refusedCalls < MOST_REFUSED_IN_VAIN) return
  const facts = { account: ACCOUNT, operation: OPERATION, outcomeUnknown: true }
  throw new RetryableError(`refused ${progress.refusedCalls} times, down to single orders, and never accepted`, facts)
}

/**
 * What interrupted the batch ends the orders that have no outcome yet; where none has one, it is thrown. Being told to stop is not an
 * order's failure and spends no retry, which only ThrottledError can say of an order.
 */
function spread(progress: Progress, error: unknown): readonly PushOutcome[] {
  const stopped = error instanceof StoppedError
  if (progress.outcomes.every((outcome) => outcome === undefined) && progress.outcomes.length > 0) throw error
  if (!stopped && !isConnectorError(error)) throw error
  const own = stopped
    ? new ThrottledError('told to stop before the outcome of this order was known', {
        account: ACCOUNT,
        operation: OPERATION,
        waitMs: 1000,
      })
    : error
  return progress.outcomes.map((outcome) => outcome ?? { status: 'failed', error: own })
}

function refusedOutcome(draft: Draft): PushOutcome | undefined {
  return draft.ok ? undefined : { status: 'failed', error: draft.error }
}

function planLine(order: WireOrder): PlannedCall {
  const verb = order.orderStatus === 'cancelled' ? 'cancel' : order.orderId === undefined ? 'create' : 'update'
  const goods = order.items.filter((item) => item.adjustment !== true)
  const lines = goods.map((item) => `${item.quantity} x ${item.sku ?? item.lineItemKey}`)
  const detail = `${verb}, store ${order.advancedOptions.storeId}, ${lines.join(', ')}`
  return planned(order.orderNumber, detail)
}

function planOf(push: PushOrder | undefined, reason: string): PlannedCall {
  return planned(push?.order.externalOrderId ?? '', reason)
}

function planned(target: string, detail: string): PlannedCall {
  return { account: ACCOUNT, operation: OPERATION, target, detail }
}
