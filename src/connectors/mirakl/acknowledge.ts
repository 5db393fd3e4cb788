import { isConnectorError, PermanentError } from '../../core/errors.ts'
import type { ItemOutcome } from '../../core/ports/marketplace.ts'
import { assertOwnAnswer, type MiraklClient, type MiraklRequest, problemOf, refusalOf } from './client.ts'
import { readProgress } from './legacy-shipments.ts'
import { DONE } from './lines.ts'
import { accepted, failed, type Outcomes, settleBatch } from './outcomes.ts'

export interface OrderToAccept {
  readonly externalOrderId: string
  readonly externalLineIds: readonly string[]
}

const INVALID_STATE = 'ORDER_INVALID_STATE'
const BEYOND_ACCEPTANCE: ReadonlySet<string> = new Set(['WAITING_DEBIT', 'WAITING_DEBIT_PAYMENT', 'SHIPPING', ...DONE])

/**
 * OR21, one call per order, every line accepted in it, since the marketplace wants all decisions at once (contract section 4). Never
 * refuses a line. An order that is decided already is read back: accepted when it has gone on, PermanentError when it was refused.
 */
export async function acknowledgeOrders(
  client: MiraklClient,
  orders: readonly OrderToAccept[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const outcomes: Outcomes = orders.map(() => undefined)
  const sent = new Set<number>()
  return settleBatch(client, outcomes, sent, 'OR21', async () => {
    const decided = new Map<number, PermanentError>()
    for (const [i, order] of orders.entries()) {
      sent.clear()
      sent.add(i)
      const result = await acceptOrder(client, order, planOf(client, orders.slice(i)), signal)
      if (result === 'accepted') outcomes[i] = accepted()
      else if (result.isDecided) decided.set(i, result.error)
      else outcomes[i] = failed(result.error)
    }
    await settleDecided(client, orders, decided, outcomes, signal)
  })
}

type Refusal = { readonly error: PermanentError; readonly isDecided: boolean }

async function acceptOrder(
  client: MiraklClient,
  order: OrderToAccept,
  plan: NonNullable<MiraklRequest['plan']>,
  signal: AbortSignal,
): Promise<'accepted' | Refusal> {
  const request: MiraklRequest = {
    operation: 'OR21',
    method: 'PUT',
    path: `/api/orders/${encodeURIComponent(order.externalOrderId)}/accept`,
    body: { order_lines: order.externalLineIds.map((id) => ({ id, accepted: true })) },
    plan,
    expect: [400],
  }
  try {
    const answer = await client.send(request, signal)
    if (answer.status !== 400) {
      assertOwnAnswer(client, request, answer)
      return 'accepted'
    }
    // Older platforms leave the code out.
    const code = problemOf(answer).code ?? INVALID_STATE
    return { error: refusalOf(client, request, answer), isDecided: code === INVALID_STATE }
  } catch (error) {
    if (error instanceof PermanentError) return { error, isDecided: false }
    throw error
  }
}

/** A failed read-back fails only its own orders: what is accepted stays accepted. */
async function settleDecided(
  client: MiraklClient,
  orders: readonly OrderToAccept[],
  decided: ReadonlyMap<number, PermanentError>,
  outcomes: Outcomes,
  signal: AbortSignal,
): Promise<void> {
  if (decided.size === 0) return
  const idOf = (i: number) => orders[i]?.externalOrderId ?? ''
  try {
    const known = await readProgress(client, [...decided.keys()].map(idOf), signal)
    for (const [i, error] of decided) {
      const state = known.get(idOf(i))?.order_state ?? ''
      outcomes[i] = BEYOND_ACCEPTANCE.has(state) ? accepted('already accepted') : failed(error)
    }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    for (const i of decided.keys()) outcomes[i] = failed(error)
  }
}

function planOf(client: MiraklClient, orders: readonly OrderToAccept[]): NonNullable<MiraklRequest['plan']> {
  return orders.map((order) => ({
    account: client.gate.account,
    operation: 'OR21',
    target: order.externalOrderId,
    detail: `accept ${order.externalLineIds.length} lines: ${order.externalLineIds.join(', ')}`,
  }))
}
