import * as z from 'zod'
import { channelKeys } from '../../core/config/channel-keys.ts'
import { channelType } from '../../core/config/channel-type.ts'
import { noted, oneOf, parsed, secret, section, text } from '../../core/config/fields.ts'
import type { ChannelVendor } from '../channel.ts'

const keys = section({
  type: z.literal('amazon'),
  region: oneOf(['na', 'eu', 'fe'], 'Selling Partner API region'),
  marketplace_ids: noted(
    z
      .array(
        parsed('a marketplace id such as ATVPDKIKX0DER', 'Amazon marketplace', (value) =>
          /^[A-Z0-9]{5,20}$/.test(value) ? value : undefined,
        ),
        { error: 'must be a list of marketplace ids' },
      )
      .min(1, { error: 'must name at least one marketplace id' }),
    { type: 'a list of marketplace ids', description: 'Amazon marketplaces of that region, e.g. [ATVPDKIKX0DER]' },
  ),
  seller_id: text('an id', 'Merchant token of the seller account'),
  orders_api: oneOf(
    ['2026-01-01', 'v0'],
    'Version of the Orders API that orders are read with; v0 reads end on 2027-03-27',
  ).prefault('2026-01-01'),
  credentials: section({
    client_id: secret('Login with Amazon client id'),
    client_secret: secret('Login with Amazon client secret'),
    refresh_token: secret("The seller's refresh token"),
  }),
  ...channelKeys,
})

type AmazonConfig = z.output<typeof keys>

/** An Amazon seller account in one region. */
export const amazonChannel = channelType<typeof keys, ChannelVendor>('amazon', keys, (channel) => ({
  acknowledges: 'never',
  place: channel.sandbox ? "the vendor's sandbox" : "the vendor's own",
  credentials: Object.values(channel.credentials),
  async load() {
    const { createAmazonConnector } = await import('./connector.ts')
    return (gate, code, { feedAbove }) => createAmazonConnector(gate, settingsOf(code, channel, feedAbove))
  },
}))

function settingsOf(code: string, channel: AmazonConfig, feedAbove: number | undefined) {
  const { client_id, client_secret, refresh_token } = channel.credentials
  return {
    channel: code,
    region: channel.region,
    marketplaceIds: channel.marketplace_ids,
    sellerId: channel.seller_id,
    ordersApi: channel.orders_api,
    ...(feedAbove === undefined ? {} : { feedAbove }),
    ...(channel.endpoint === undefined ? {} : { endpoint: channel.endpoint }),
    ...(channel.auth_endpoint === undefined ? {} : { authEndpoint: channel.auth_endpoint }),
    sandbox: channel.sandbox,
    credentials: { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token },
    carriers: channel.carriers,
    timeoutMs: channel.timeout,
  }
}
