import { PermanentError } from '../../../core/errors.ts'
import type { Acknowledgement, ItemOutcome } from '../../../core/ports/marketplace.ts'
import type { ChannelAdvisorClient, Request } from './client.ts'
import { sideBySide } from './outcomes.ts'

const OPERATION = 'Orders/Export'

/**
 * The export mark, which is this application's own and says that the order is taken: one call per order, never in a $batch (contract
 * section 9). To set it again changes nothing.
 */
export function acknowledgeOrders(
  client: ChannelAdvisorClient,
  orders: readonly Acknowledgement[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  return sideBySide(
    client.gate.account,
    orders,
    (order) => mark(client, order, signal),
    (error): ItemOutcome => ({ status: 'failed', error }),
  )
}

async function mark(
  client: ChannelAdvisorClient,
  { externalOrderId, reference }: Acknowledgement,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { account } = client.gate
  if (!/^\d+$/.test(externalOrderId))
    throw new PermanentError('not sent: the order has no ChannelAdvisor id', { account, operation: OPERATION })
  const request: Request = {
    operation: OPERATION,
    method: 'POST',
    path: `/v1/Orders(${externalOrderId})/Export`,
    plan: [
      {
        account,
        operation: OPERATION,
        target: externalOrderId,
        detail: `mark as exported${reference === undefined ? '' : ` (${reference})`}`,
      },
    ],
  }
  await client.tell(request, signal)
  return { status: 'accepted' }
}
