import type { JudgedSubscription, Standing } from '../../core/tracking/hook-address.ts'
import type { Output } from './print.ts'

const meanings: Readonly<Record<Standing, string>> = {
  good: 'ours, with the token that is given out',
  doubled: 'ours, and another one tells the same',
  'one-store': 'ours, tells of one store only',
  'old-token': 'ours, with an older token that is still accepted',
  off: 'ours, switched off at ShipStation',
  unneeded: 'ours, tells of what isync does nothing with',
  'refused-token': 'at our address, with a token that is not accepted: what it sends is refused',
  foreign: 'not ours',
}

/** One row a webhook. */
export function printSubscriptions(output: Output, all: readonly JudgedSubscription[]): void {
  output.table(
    ['id', 'event', 'sends to', 'store', 'active', 'what it is'],
    all.map(({ id, event, shownUrl, storeId, active, standing, stale }) => [
      String(id),
      event,
      shownUrl,
      storeId === undefined ? 'all' : String(storeId),
      active ? 'yes' : 'no',
      `${meanings[standing]}${stale ? ' (stale)' : ''}`,
    ]),
  )
}

/** Webhooks for `--json`. */
export function subscriptionDocuments(all: readonly JudgedSubscription[]): readonly Record<string, unknown>[] {
  return all.map(({ id, event, shownUrl, storeId, active, standing, stale }) => ({
    id,
    event,
    sends_to: shownUrl,
    store_id: storeId ?? null,
    active,
    standing: standing.replace('-', '_'),
    stale,
  }))
}

/** What of ours does nothing any more, and how it goes. */
export function printStale(output: Output, all: readonly JudgedSubscription[]): void {
  const stale = all.filter((one) => one.stale)
  if (stale.length === 0) return
  output.line(`${stale.length} of ours can go (${stale.map(({ id }) => id).join(', ')}): isync webhooks:unsubscribe --stale`)
}
