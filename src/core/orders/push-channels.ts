import type { Run, Verdict } from '../context.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { type ChannelReport, verdictOf } from './pull-channels.ts'
import { pushOrders } from './push-orders.ts'

export interface PushCounts {
  readonly pushed: number
  readonly waiting: number
  readonly dead: number
}

export interface PushReport {
  readonly channels: readonly ChannelReport<PushCounts>[]
  readonly verdict: Verdict
}

/** Works every due push task, one run at a time: ShipStation's limit is one for all, and full batches spend the fewest calls. */
export async function pushAll(
  run: Run,
  shipping: ShippingConnector,
  only: { readonly channel?: string; readonly ids?: readonly string[] } = {},
): Promise<PushReport> {
  const attempt = await exclusively(run, `orders:push-shipstation ${shipping.account}`, (signal) =>
    pushOrders({ ...run, signal }, shipping, only),
  )
  if (!attempt.ran) {
    const held: ChannelReport<PushCounts> = {
      channel: shipping.account,
      counts: { pushed: 0, waiting: 0, dead: 0 },
      errors: [],
      outcome: 'held elsewhere',
      ...(attempt.holder === undefined ? {} : { heldBy: attempt.holder }),
    }
    return { channels: [held], verdict: 'done' }
  }
  const { done, waiting, dead, problems, stoppedBy } = attempt.result
  const down = stoppedBy !== undefined && stoppedBy.kind !== 'throttled' && done === 0
  const outcome = down ? 'down' : waiting + dead > 0 || stoppedBy !== undefined ? 'partly' : 'done'
  const report: ChannelReport<PushCounts> = {
    channel: shipping.account,
    counts: { pushed: done, waiting, dead },
    errors: problems,
    outcome,
  }
  return { channels: [report], verdict: verdictOf([report]) }
}
