import type { ShippingConnector, Subscription } from '../../core/ports/shipping.ts'
import type { Log } from '../../core/ports/system.ts'
import { ACCOUNT, type ShipStationClient } from './client.ts'
import * as wire from './wire.ts'

const LIST = 'listWebhooks'
const SUBSCRIBE = 'subscribeWebhook'
const UNSUBSCRIBE = 'unsubscribeWebhook'

type Webhooks = Pick<ShippingConnector, 'listWebhooks' | 'subscribeWebhook' | 'deleteWebhook'>

/** The account's webhooks (contract section 9). There is no changing one over the API. */
export function webhooksOf({ client, log }: { readonly client: ShipStationClient; readonly log: Log }): Webhooks {
  return {
    async listWebhooks(signal) {
      const { webhooks } = await client.ask({ operation: LIST, path: '/webhooks' }, wire.webhookList, signal)
      return webhooks.flatMap((one) => {
        const row = wire.webhookRow.safeParse(one)
        if (row.success) return [toSubscription(row.data)]
        const field = row.error.issues[0]?.path.join('.') ?? ''
        log.warn({ account: ACCOUNT, operation: LIST, field }, 'webhook left out: not what the vendor promises')
        return []
      })
    },

    async subscribeWebhook({ event, targetUrl, shownUrl, name }, signal) {
      const body = { target_url: targetUrl, event, friendly_name: name }
      const plan = [{ account: ACCOUNT, operation: SUBSCRIBE, target: event, detail: `send to ${shownUrl}` }]
      return (await client.ask({ operation: SUBSCRIBE, path: '/webhooks/subscribe', body, plan }, wire.subscribed, signal)).id
    },

    async deleteWebhook(id, signal) {
      const plan = [{ account: ACCOUNT, operation: UNSUBSCRIBE, target: String(id), detail: 'delete this webhook' }]
      const reply = await client.attempt(
        { operation: UNSUBSCRIBE, path: `/webhooks/${id}`, removes: true, plan },
        wire.simpleReply,
        signal,
      )
      if (reply.ok) return 'deleted'
      if (reply.status === 404) return 'absent'
      throw reply.error
    },
  }
}

/** One that does not say whether it works is taken for one that does; no store, or store 0, is all of them. */
function toSubscription(row: wire.WebhookRow): Subscription {
  return {
    id: row.webhookid,
    event: row.hooktype ?? '',
    targetUrl: row.url ?? '',
    ...(row.storeid ? { storeId: row.storeid } : {}),
    active: row.active !== false,
  }
}
