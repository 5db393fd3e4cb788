import * as z from 'zod'
import { channelTypes } from '../model/channel.ts'
import {
  duration,
  integer,
  inWords,
  noted,
  oneOf,
  origin,
  parsed,
  ratio,
  secret,
  section,
  tableOf,
  text,
  yesOrNo,
} from './fields.ts'

/** Keys that any vendor account may have: where its servers are. */
export const placeKeys = {
  endpoint: origin(
    "Origin that replaces the vendor's own, e.g. of the local sandbox or a proxy; the vendor's paths follow",
  ).exactOptional(),
  auth_endpoint: origin("Origin that replaces the vendor's token server").exactOptional(),
  sandbox: yesOrNo("Talk to the vendor's own sandbox host instead of production").prefault('false'),
}

/** Keys of any account that is read from a cursor. */
export const readingKeys = {
  first_pull_days: integer(
    0,
    90,
    'The first read looks back this many days, so that orders already open are not missed',
  ).prefault('7'),
  overlap: duration('2m', '24h', 'Each read starts this long before the saved cursor, for changes that show up late').prefault(
    '10m',
  ),
  timeout: duration('1s', '10m', 'Longest wait for one whole answer').prefault('30s'),
}

/** Parts of the allocation rule that a channel may have of its own; the inventory section gives what it leaves out. */
export const ruleKeys = {
  safety_stock: integer(0, 1_000_000, 'Units of each SKU that are never published here').exactOptional(),
  max_oversell_pct: integer(0, 1000, 'Most that is published here, in percent of the stock after safety stock').exactOptional(),
  max_oversell_abs: integer(0, 1_000_000, 'Most units that are published beyond the stock after safety stock').exactOptional(),
  min_publish_qty: integer(0, 1_000_000, 'Least that is published here, even without stock').exactOptional(),
  rounding: oneOf(['floor', 'round', 'ceil'], 'How a fraction of a unit is rounded here').exactOptional(),
}

const channelKeys = {
  enabled: yesOrNo('false: no command works on this channel; what is stored stays').prefault('true'),
  shipstation_store_id: integer(
    1,
    2_147_483_647,
    "The ShipStation store that this channel's orders are created in; a manual store",
  ),
  ratio: ratio('Share of the stock that is published here, as a decimal; 1 where nothing is said').exactOptional(),
  ...ruleKeys,
  ...placeKeys,
  ...readingKeys,
  carriers: tableOf('a ShipStation carrier code', /^[^\s].{0,79}$/, text('a carrier code', 'The code this channel wants'), {
    type: 'a table of ShipStation carrier code: code of this channel',
    description: 'Carrier codes that win over the built-in table',
  }).prefault({}),
}

const id = (description: string) => text('an id', description)

export const amazonChannel = section({
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
  seller_id: id('Merchant token of the seller account'),
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

export const ebaySites = [
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

export const ebayChannel = section({
  type: z.literal('ebay'),
  site: oneOf(ebaySites, 'eBay site of the seller account').prefault('EBAY_US'),
  orders_api: oneOf(['trading', 'fulfillment'], 'API that orders are read with').prefault('trading'),
  inventory_api: oneOf(
    ['auto', 'inventory', 'trading'],
    'API that quantities are written with; auto: each SKU by the model that its listing was made in',
  ).prefault('auto'),
  daily_calls: integer(
    100,
    10_000_000,
    'Trading calls a day that this channel may make; eBay gives a keyset 5000 and counts all its sellers and tools together',
  ).prefault('5000'),
  credentials: section({
    app_id: secret('App id (client id) of the keyset'),
    cert_id: secret('Cert id (client secret) of the keyset'),
    refresh_token: secret("The seller's refresh token"),
  }),
  ...channelKeys,
})

export const miraklChannel = section({
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

export const rithumChannel = section({
  type: z.literal('rithum'),
  product: oneOf(['dsco', 'channeladvisor'], 'Which of the two APIs the account has').prefault('dsco'),
  auth: oneOf(['oauth2', 'static'], 'static only for an old account that holds a fixed token (dsco)').prefault('oauth2'),
  credentials: section({
    client_id: secret('dsco with oauth2').exactOptional(),
    client_secret: secret('dsco with oauth2').exactOptional(),
    token: secret('dsco with static').exactOptional(),
    application_id: secret('channeladvisor').exactOptional(),
    shared_secret: secret('channeladvisor').exactOptional(),
    refresh_token: secret('channeladvisor').exactOptional(),
  }),
  ...channelKeys,
})

const ownTables = ['shipstation', 'zoho', 'constructor']

/** Lower case letters, digits and dashes, at most 24: it stands in order keys, lease names and file names. */
export const channelCodePattern = new RegExp(`^(?!(?:${ownTables.join('|')})$)[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$`)

export const channel = z.discriminatedUnion('type', [amazonChannel, ebayChannel, miraklChannel, rithumChannel], {
  error: (issue) => (issue.code === 'invalid_union' ? `must be ${inWords(channelTypes)}` : 'must be a section of keys'),
})
