import { accountFailed, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere } from '../channel-report.ts'
import type { Run } from '../context.ts'
import { addCounts } from '../orders/pull-orders.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively, type HeldLease } from '../tasks/exclusive.ts'
import { type IntakeCounts, noIntake, storeShipments } from './intake.ts'

/**
 * Reads the labels of one batch, as a webhook of ShipStation names it, and stores them as a poll does. The cursors of the polls stay where they
 * are, so that nothing a webhook leaves out is skipped. `held elsewhere` while tracking:sync is at work: that reads the batch itself, unless
 * it has read past it already, so it is worth another try.
 */
export async function intakeBatch(run: Run, shipping: ShippingConnector, batchId: string): Promise<ChannelReport<IntakeCounts>> {
  const { account } = shipping
  const attempt = await exclusively(run, `tracking:sync ${account}`, (signal, lease) =>
    readBatch({ ...run, signal }, shipping, batchId, lease),
  )
  return attempt.ran ? attempt.result : heldElsewhere(account, noIntake, attempt.holder)
}

async function readBatch(
  run: Run,
  shipping: ShippingConnector,
  batchId: string,
  lease: HeldLease,
): Promise<ChannelReport<IntakeCounts>> {
  const { account } = shipping
  let counts = noIntake
  try {
    for await (const shipments of shipping.listShipmentsOfBatch(batchId, run.signal)) {
      counts = addCounts(counts, await storeShipments(run, shipping, shipments, lease))
    }
    run.log.info({ channel: account, step: 'tracking:sync', batch: batchId, ...counts }, 'batch stored')
    // That the lists can be read is not known by this: an alert of theirs ends with the next whole poll.
    return { channel: account, counts, errors: [], outcome: 'done' }
  } catch (error) {
    const errors = [await accountFailed(run, { account, step: 'tracking:sync', rule: 'shipments-unread' }, error)]
    return { channel: account, counts, errors, outcome: isOnlyWaiting(error) ? 'partly' : 'down' }
  }
}
