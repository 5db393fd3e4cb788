import * as z from 'zod'
import { channelKeys } from '../../core/config/channel-keys.ts'
import { channelType } from '../../core/config/channel-type.ts'
import { integer, origin, parsed, secret, section, tableOf, yesOrNo } from '../../core/config/fields.ts'
import type { ChannelVendor } from '../channel.ts'

const keys = section({
  type: z.literal('mirakl'),
  base_url: origin("The operator's host, e.g. https://macys-prod.mirakl.net"),
  shop_id: integer(
    1,
    2_147_483_647,
    "The shop, where the key's user has several; without it orders of the others are silently absent",
  ).exactOptional(),
  auto_accept: yesOrNo('Accept every new order (all lines) without asking').prefault('false'),
  country_names: tableOf(
    "a country as the operator's shop spells it",
    /^[^\s].{0,79}$/,
    parsed('a two-letter country code', 'ISO 3166-1 alpha-2', (value) => (/^[A-Z]{2}$/.test(value) ? value : undefined)),
    {
      type: 'a table of country name: two-letter country code',
      description: 'For addresses that carry a country name and no country code, e.g. { France Métropolitaine: FR }',
    },
  ).prefault({}),
  credentials: section({ api_key: secret('API key of the shop user') }),
  ...channelKeys,
})

type MiraklConfig = z.output<typeof keys>

/** A shop on one Mirakl marketplace. */
export const miraklChannel = channelType<typeof keys, ChannelVendor>('mirakl', keys, (channel) => ({
  acknowledges: channel.auto_accept ? 'before-push' : 'never',
  place: channel.base_url,
  credentials: Object.values(channel.credentials),
  async load() {
    const { createMiraklConnector } = await import('./connector.ts')
    return (gate, code) => createMiraklConnector(gate, settingsOf(code, channel))
  },
}))

function settingsOf(code: string, channel: MiraklConfig) {
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
