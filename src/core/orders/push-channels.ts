import { accountFailed, accountWorked } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere, outcomeOf, verdictOf } from '../channel-report.ts'
import type { Run, Verdict } from '../context.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
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
  const { account } = shipping
  const attempt = await exclusively(run, `orders:push-shipstation ${account}`, (signal) =>
    pushAndReport({ ...run, signal }, shipping, only),
  )
  const report = attempt.ran ? attempt.result : heldElsewhere(account, { pushed: 0, waiting: 0, dead: 0 }, attempt.holder)
  return { channels: [report], verdict: verdictOf([report]) }
}

async function pushAndReport(
  run: Run,
  shipping: ShippingConnector,
  only: { readonly channel?: string; readonly ids?: readonly string[] },
): Promise<ChannelReport<PushCounts>> {
  const at = { account: shipping.account, step: 'orders:push-shipstation', rule: 'push-failed' } as const
  const work = await pushOrders(run, shipping, only)
  if (work.stoppedBy !== undefined) await accountFailed(run, at, work.stoppedBy)
  else if (work.done > 0) await accountWorked(run, at)
  const counts = { pushed: work.done, waiting: work.waiting, dead: work.dead }
  return { channel: shipping.account, counts, errors: work.problems, outcome: outcomeOf(work) }
}
