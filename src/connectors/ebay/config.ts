import * as z from 'zod'
import { channelKeys } from '../../core/config/channel-keys.ts'
import { channelType } from '../../core/config/channel-type.ts'
import { integer, oneOf, parsed, secret, section } from '../../core/config/fields.ts'
import type { ChannelVendor } from '../channel.ts'

const sites = [
  'EBAY_US',
  'EBAY_MOTORS_US',
  'EBAY_CA',
  'EBAY_GB',
  'EBAY_DE',
  'EBAY_FR',
  'EBAY_IT',
  'EBAY_ES',
  'EBAY_AT',
  'EBAY_BE',
  'EBAY_CH',
  'EBAY_IE',
  'EBAY_NL',
  'EBAY_PL',
  'EBAY_AU',
  'EBAY_HK',
  'EBAY_SG',
  'EBAY_MY',
  'EBAY_PH',
] as const

const keys = section({
  type: z.literal('ebay'),
  site: oneOf(sites, 'eBay site of the seller account').prefault('EBAY_US'),
  orders_api: oneOf(['trading', 'fulfillment'], 'API that orders are read with').prefault('trading'),
  inventory_api: oneOf(
    ['auto', 'inventory', 'trading'],
    'API that quantities are written with; auto: each SKU by the model that its listing was made in',
  ).prefault('auto'),
  daily_calls: integer(
    100,
    10_000_000,
    'Trading calls a day of the keyset, counted over all channels with this app_id; eBay gives a keyset 5000 and counts other tools too',
  ).prefault('5000'),
  refresh_token_expires: parsed(
    'a day such as 2028-05-20',
    "When the refresh token ends, 18 months after the seller's consent: the month before, runs and the doctor warn",
    dayOf,
  ).exactOptional(),
  credentials: section({
    app_id: secret('App id (client id) of the keyset'),
    cert_id: secret('Cert id (client secret) of the keyset'),
    refresh_token: secret("The seller's refresh token"),
  }),
  ...channelKeys,
})

/** Epoch ms of its first moment, UTC. */
function dayOf(value: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : Number.NaN
  // The 30th of February would be the 1st of March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value) ? at : undefined
}

type EbayConfig = z.output<typeof keys>

/** An eBay seller account. */
export const ebayChannel = channelType<typeof keys, ChannelVendor>('ebay', keys, (channel) => ({
  acknowledges: 'never',
  place: channel.sandbox ? "the vendor's sandbox" : "the vendor's own",
  credentials: Object.values(channel.credentials),
  dailyQuota: {
    what: 'Trading calls',
    calls: channel.daily_calls,
    countedBy: `ebay keyset ${channel.credentials.app_id}`,
    // Those of the other APIs are counted apart; their names are paths.
    counts: (operation) => operation !== 'token' && !operation.includes('/'),
  },
  async load() {
    const { createEbayConnector } = await import('./connector.ts')
    return (gate, code) => createEbayConnector(gate, settingsOf(code, channel))
  },
}))

function settingsOf(code: string, channel: EbayConfig) {
  const { app_id, cert_id, refresh_token } = channel.credentials
  return {
    channel: code,
    site: channel.site,
    ordersApi: channel.orders_api,
    inventoryApi: channel.inventory_api,
    dailyCalls: channel.daily_calls,
    ...(channel.refresh_token_expires === undefined ? {} : { refreshTokenExpires: channel.refresh_token_expires }),
    sandbox: channel.sandbox,
    ...(channel.endpoint === undefined ? {} : { endpoint: channel.endpoint }),
    ...(channel.auth_endpoint === undefined ? {} : { authEndpoint: channel.auth_endpoint }),
    credentials: { appId: app_id, certId: cert_id, refreshToken: refresh_token },
    carriers: channel.carriers,
    timeoutMs: channel.timeout,
  }
}
