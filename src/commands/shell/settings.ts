import type { AmazonConfig, Config, MiraklConfig, ShipStationConfig } from '../../core/config/schema.ts'
import type { ChannelSettings, CoreSettings } from '../../core/context.ts'

/** The Amazon connector's settings. */
export function amazonSettings(code: string, channel: AmazonConfig) {
  const { client_id, client_secret, refresh_token } = channel.credentials
  return {
    channel: code,
    region: channel.region,
    marketplaceIds: channel.marketplace_ids,
    sellerId: channel.seller_id,
    ordersApi: channel.orders_api,
    ...(channel.endpoint === undefined ? {} : { endpoint: channel.endpoint }),
    ...(channel.auth_endpoint === undefined ? {} : { authEndpoint: channel.auth_endpoint }),
    sandbox: channel.sandbox,
    credentials: { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token },
    carriers: channel.carriers,
    timeoutMs: channel.timeout,
  }
}

/** The Mirakl connector's settings. */
export function miraklSettings(code: string, channel: MiraklConfig) {
  return {
    channel: code,
    baseUrl: channel.base_url,
    ...(channel.endpoint === undefined ? {} : { endpoint: channel.endpoint }),
    ...(channel.shop_id === undefined ? {} : { shopId: channel.shop_id }),
    credentials: { apiKey: channel.credentials.api_key },
    carriers: channel.carriers,
    countryNames: channel.country_names,
    timeoutMs: channel.timeout,
  }
}

/** The use cases' settings. */
export function coreSettings(config: Config): CoreSettings {
  const { retry } = config
  const plan = (retries: number) => ({
    retries,
    firstDelayMs: retry.first_delay,
    factor: retry.factor,
    maxDelayMs: retry.max_delay,
    jitter: retry.jitter,
  })
  const channels = Object.entries(config.channels).map(([code, channel]): [string, ChannelSettings] => [
    code,
    {
      code,
      storeId: channel.shipstation_store_id,
      overlapMs: channel.overlap,
      firstPullMs: channel.first_pull_days * 86_400_000,
      autoAccept: channel.type === 'mirakl' && channel.auto_accept,
    },
  ])
  return {
    retry: { push: plan(retry.push), confirm: plan(retry.confirmation), acknowledge: plan(retry.push) },
    leaseMs: config.lease,
    payloadDays: config.retention.payload_days,
    onCancel: config.shipstation.on_cancel,
    carriers: config.shipstation.carriers,
    channels: new Map(channels),
  }
}

/** The ShipStation connector's settings. */
export function shipStationSettings(shipstation: ShipStationConfig) {
  return {
    apiKey: shipstation.api_key,
    apiSecret: shipstation.api_secret,
    ...(shipstation.endpoint === undefined ? {} : { endpoint: shipstation.endpoint }),
    ratePerMinute: shipstation.rate_limit_per_minute,
    timeoutMs: shipstation.timeout,
    pushTimeoutMs: shipstation.push_timeout,
    tags: shipstation.tags,
  }
}
