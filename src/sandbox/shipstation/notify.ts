import type { Outgoing } from '../stand-in.ts'
import type { Fulfillment, Label, Notification, State } from './state.ts'

/**
 * One hook for a single label and one for a whole batch, to each subscription whose store is in it; none where all of it are return labels
 * (contract section 9).
 */
export function notifyOfLabels(state: State, labels: readonly Label[]): void {
  const outbound = labels.filter((label) => !label.isReturn)
  const [first] = outbound
  if (first === undefined) return
  const stores = outbound.map((label) => label.order?.storeId ?? null)
  notify(state, 'SHIP_NOTIFY', stores, `shipments?batchId=${first.batch}&includeShipmentItems=False`)
  notify(state, 'ITEM_SHIP_NOTIFY', stores, `shipments?batchId=${first.batch}&includeShipmentItems=True`)
}

/** Only where `hook_on_marks` is set. Which parameter names the fulfillment is not documented: the one that its list has. */
export function notifyOfMark(state: State, { fulfillmentId, order }: Fulfillment): void {
  if (state.hooks.onMarks) notify(state, 'FULFILLMENT_SHIPPED', [order.storeId], `fulfillments?fulfillmentId=${fulfillmentId}`)
}

function notify(state: State, event: string, stores: readonly (number | null)[], resource: string): void {
  const { resourceOrigin } = state.hooks
  const origin = resourceOrigin === 'own' ? state.heardAt : resourceOrigin
  for (const hook of state.webhooks) {
    if (hook.event !== event || (hook.storeId !== null && !stores.includes(hook.storeId))) continue
    const body = { resource_url: `${origin}/${resource}`, resource_type: event }
    const notification = { target_url: hook.url, event, body }
    state.notifications.push(notification)
    state.unsent.push(notification)
  }
}

/** At most once, and nothing by which the receiver could tell who sends (contract section 9). */
export function takeNotifications(state: State): readonly Outgoing[] {
  const taken = state.unsent
  state.unsent = []
  return taken.map(messageOf)
}

function messageOf({ target_url: url, event, body }: Notification): Outgoing {
  return {
    url,
    topic: event,
    request: () => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }
}
