import type { MarketplaceConnector } from '../core/ports/marketplace.ts'
import type { WebhookSource } from '../core/ports/webhook.ts'
import type { AmazonWebhookSettings } from './amazon/webhook.ts'
import type { EbayWebhookSettings } from './ebay/webhook.ts'
import type { OrdersWebhookSettings } from './generic/webhook.ts'
import type { ShipStationWebhookSettings } from './shipstation/webhook.ts'
import type { ZohoWebhookSettings } from './zoho/webhook.ts'

/** The senders that are listened to; one that is absent has no path. */
export interface WebhookSettings {
  readonly shipstation?: ShipStationWebhookSettings
  readonly zoho?: ZohoWebhookSettings
  readonly ebay?: EbayWebhookSettings
  readonly amazon?: AmazonWebhookSettings
  /** Empty: nobody pushes. */
  readonly orders: OrdersWebhookSettings
}

/** The enabled channels of the marketplaces that push for all of them together. */
export interface WebhookChannels {
  readonly amazon: readonly MarketplaceConnector[]
  readonly ebay: readonly MarketplaceConnector[]
}

/** One source for each sender that is configured; of the others no code is loaded. */
export async function createWebhookSources(
  settings: WebhookSettings,
  channels: WebhookChannels,
): Promise<readonly WebhookSource[]> {
  const { shipstation, zoho, ebay, amazon, orders } = settings
  const sources: WebhookSource[] = []
  if (shipstation !== undefined) sources.push((await import('./shipstation/webhook.ts')).createShipStationWebhook(shipstation))
  if (zoho !== undefined) sources.push((await import('./zoho/webhook.ts')).createZohoWebhook(zoho))
  if (ebay !== undefined) sources.push((await import('./ebay/webhook.ts')).createEbayWebhook(ebay, channels.ebay))
  if (amazon !== undefined) sources.push((await import('./amazon/webhook.ts')).createAmazonWebhook(amazon, channels.amazon))
  if (Object.keys(orders).length > 0) sources.push((await import('./generic/webhook.ts')).createOrdersWebhook(orders))
  return sources
}
