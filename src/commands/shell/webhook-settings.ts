import type { WebhookChannels, WebhookSettings } from '../../connectors/webhooks.ts'
import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Configuration } from './configuration.ts'

/** What the senders of webhooks prove themselves by, as the configuration says. */
export function webhookSettings({ webhooks, serve, shipstation, zoho, channels }: Configuration): WebhookSettings {
  const ofType = (type: string) => Object.entries(channels).flatMap(([code, channel]) => (channel.type === type ? [code] : []))
  return {
    ...(webhooks.shipstation === undefined
      ? {}
      : {
          shipstation: {
            tokens: webhooks.shipstation.token,
            ...(shipstation.endpoint === undefined ? {} : { endpoint: shipstation.endpoint }),
          },
        }),
    ...(webhooks.zoho === undefined || zoho === undefined
      ? {}
      : {
          zoho: {
            secrets: webhooks.zoho.secret,
            keys: webhooks.zoho.key ?? [],
            trustBody: webhooks.zoho.trust_body,
            availableField: zoho.available_field,
            locationIds: zoho.location_ids,
          },
        }),
    ...(webhooks.ebay === undefined
      ? {}
      : {
          ebay: {
            verificationTokens: webhooks.ebay.verification_token,
            ...(serve.public_url === undefined ? {} : { publicUrl: serve.public_url }),
            channels: ofType('ebay'),
          },
        }),
    ...(webhooks.amazon === undefined ? {} : { amazon: { keys: webhooks.amazon.key } }),
    orders: webhooks.orders,
  }
}

/** The connectors whose marketplaces push for all of their channels together. */
export function webhookChannels({ channels }: Configuration, connectors: readonly MarketplaceConnector[]): WebhookChannels {
  const ofType = (type: string) => connectors.filter(({ channel }) => channels[channel]?.type === type)
  return { amazon: ofType('amazon'), ebay: ofType('ebay') }
}
