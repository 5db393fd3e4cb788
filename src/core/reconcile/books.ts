import type { Run } from '../context.ts'
import { lateTasks, ordersStuckSince, orphansSince, untoldPackages } from '../db/comparisons.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { OrderWindow } from '../ports/marketplace.ts'
import { type Found, lasted } from './finding.ts'

/** Longest list of one kind that a run writes down. */
const MOST = 1_000

/** Kinds of findings that our own books tell, without any vendor. */
export const bookKinds = ['unconfirmed', 'stuck', 'orphan'] as const

/**
 * What our own books show to be late: confirmations, pushes, acknowledgements, orders that wait for a person, packages of nobody's order.
 * The last stand under the account `shipStation`.
 */
export async function lateByOurBooks(
  run: Run,
  channels: readonly ChannelCode[],
  shipStation: string,
  window: OrderWindow,
): Promise<readonly Found[]> {
  const now = run.clock.now()
  const { unconfirmedAfterMs, stuckAfterMs, waitingAfterMs } = run.settings.reconcile
  const confirms = await lateTasks(run.db, 'confirm', channels, now - unconfirmedAfterMs, MOST)
  const untold = await untoldPackages(run.db, channels, now - unconfirmedAfterMs, window.from)
  const pushes = await lateTasks(run.db, 'push', channels, now - stuckAfterMs, MOST)
  const yeses = await lateTasks(run.db, 'acknowledge', channels, now - stuckAfterMs, MOST)
  const waiting = await ordersStuckSince(run.db, channels, now - waitingAfterMs, window.from)
  const orphans = await orphansSince(run.db, window.from)
  return [
    ...confirms.map(({ channel, external_order_id: externalOrderId, state, created_at: at, last_error: why }): Found => {
      const detail = `a package waits ${lasted(now - at)} to be confirmed (${state}${why === null ? '' : `: ${why}`})`
      return {
        kind: 'unconfirmed',
        channel,
        externalOrderId,
        detail,
        next: `isync retry --order ${externalOrderId} --kind confirm`,
      }
    }),
    ...untold.map(({ channel, external_order_id: externalOrderId, tracking_number: tracking, shipped_at: at }): Found => {
      const detail = `package ${tracking} left ${lasted(now - at)} ago and nobody was asked to confirm it`
      return { kind: 'unconfirmed', channel, externalOrderId, detail, next: `isync orders:show ${externalOrderId}` }
    }),
    ...[...pushes, ...yeses].map(
      ({ kind, channel, external_order_id: externalOrderId, state, created_at: at, last_error: why }): Found => {
        const detail = `${kind} is ${state} for ${lasted(now - at)}${why === null ? '' : `: ${why}`}`
        return { kind: 'stuck', channel, externalOrderId, detail, next: `isync retry --order ${externalOrderId} --kind ${kind}` }
      },
    ),
    ...waiting.map(({ channel, external_order_id: externalOrderId, status, changed_at: at }): Found => {
      const detail = `${status} for ${lasted(now - at)}`
      return { kind: 'stuck', channel, externalOrderId, detail, next: `isync orders:show ${externalOrderId}` }
    }),
    ...orphans.map(({ id, order_number: number, tracking_number: tracking, created_at: at, reason }): Found => {
      const detail = `ShipStation's package ${id} (${tracking}), made ${lasted(now - at)} ago, is of order ${number ?? 'without a number'}, which nobody knows${reason === null ? '' : `: ${reason}`}`
      const next = number === null ? 'look it up in ShipStation' : `isync orders:pull --order ${number}`
      // Packages without an order number have their own id in its place, so that two of them stay two.
      return { kind: 'orphan', channel: shipStation, externalOrderId: number ?? id, detail, next }
    }),
  ]
}
