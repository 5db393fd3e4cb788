import type { z } from 'zod'
import { duration, integer, oneOf, origin, ratio, type section, tableOf, text, yesOrNo } from './fields.ts'

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

/** Keys of every channel. */
export const channelKeys = {
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
  personal_days: integer(
    1,
    3650,
    'Buyer, address and documents of an order are erased this many days after it was shipped or cancelled; without it 30 at Amazon, whose terms ask for that, else 90',
  ).exactOptional(),
  carriers: tableOf('a ShipStation carrier code', /^[^\s].{0,79}$/, text('a carrier code', 'The code this channel wants'), {
    type: 'a table of ShipStation carrier code: code of this channel',
    description: 'Carrier codes that win over the built-in table',
  }).prefault({}),
}

const ownTables = ['shipstation', 'zoho', 'email', 'sms', 'slack', 'constructor']

/** Lower case letters, digits and dashes, at most 24: it stands in order keys, lease names and file names. */
export const channelCodePattern = new RegExp(`^(?!(?:${ownTables.join('|')})$)[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$`)

/** What is known of every channel, whatever its type. Durations are milliseconds. */
export type CommonChannel = z.output<ReturnType<typeof section<typeof channelKeys>>> & { readonly type: string }
