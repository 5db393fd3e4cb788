import type { z } from 'zod'
import { carrierFamilies } from '../model/shipment.ts'
import { type CommonChannel, channelCodePattern, placeKeys, readingKeys, ruleKeys } from './channel-keys.ts'
import { type ChannelType, channelSchema } from './channel-type.ts'
import { isDatabaseUrl } from './database-url.ts'
import { duration, factor, integer, listOf, oneOf, parsed, secret, section, tableOf, text, yesOrNo } from './fields.ts'
import { alertsSection } from './sections/alerts.ts'
import { heartbeats } from './sections/heartbeats.ts'
import { reports } from './sections/reports.ts'
import { serve } from './sections/serve.ts'
import { watch } from './sections/watch.ts'
import { webhooks } from './sections/webhooks.ts'

const shipstation = section({
  api_key: secret('API key (V1)'),
  api_secret: secret('API secret (V1)'),
  ...placeKeys,
  ...readingKeys,
  push_timeout: duration('1s', '10m', 'Longest wait for the answer to a batch of up to 100 orders').prefault('60s'),
  rate_limit_per_minute: integer(
    1,
    1000,
    "Calls a minute that all isync processes share; ShipStation's own limit is 40",
  ).prefault('40'),
  on_cancel: oneOf(
    ['hold', 'cancel', 'none'],
    'What happens to an order at ShipStation when the marketplace cancels it: held for a person, cancelled, or only reported',
  ).prefault('hold'),
  tags: tableOf('a channel code', channelCodePattern, integer(1, 2_147_483_647, 'ShipStation tag id'), {
    type: 'a table of channel code: ShipStation tag id',
    description: "Tag that a channel's orders get when they are created",
  }).prefault({}),
  carriers: tableOf('a ShipStation carrier code', /^[^\s].{0,79}$/, oneOf(carrierFamilies, 'Carrier'), {
    type: 'a table of ShipStation carrier code: carrier',
    description: `What a carrier code of your own account stands for; one of ${carrierFamilies.join(', ')}`,
  }).prefault({}),
})

const zoho = section({
  data_center: oneOf(['com', 'eu', 'in', 'com.au', 'jp', 'ca', 'com.cn', 'sa'], 'Where the organization was opened').prefault(
    'com',
  ),
  organization_id: parsed('the digits of an organization id', 'Zoho Inventory organization', (value) =>
    /^\d{1,20}$/.test(value) ? value : undefined,
  ),
  available_field: oneOf(
    ['available_stock', 'actual_available_stock', 'available_for_sale_stock', 'actual_available_for_sale_stock', 'stock_on_hand'],
    'The item field that is taken as available stock',
  ).prefault('available_stock'),
  location_ids: listOf(
    "a location's or warehouse's digits",
    (value) => (/^\d{1,20}$/.test(value) ? value : undefined),
    'Only stock at these locations (or warehouses) counts; empty: the whole of the item',
  ).prefault([]),
  daily_calls: integer(
    100,
    1_000_000,
    "Calls a day that the organization's plan allows, shared with every other integration; Zoho's own header, where it comes, wins",
  ).prefault('2500'),
  daily_reserve_pct: integer(
    0,
    90,
    'Share of the daily calls that full reads leave for named SKUs and for other integrations',
  ).prefault('20'),
  rate_limit_per_minute: integer(1, 100, "Calls a minute that all isync processes share; Zoho's own limit is 100").prefault('90'),
  credentials: section({
    client_id: secret('OAuth client id'),
    client_secret: secret('OAuth client secret'),
    refresh_token: secret('OAuth refresh token'),
  }),
  ...placeKeys,
  ...readingKeys,
})

const inventory = section({
  ...ruleKeys,
  safety_stock: integer(0, 1_000_000, 'Units of each SKU that are never published').prefault('1'),
  max_oversell_pct: integer(0, 1000, 'Most that one channel may be told, in percent of the stock after safety stock').prefault(
    '150',
  ),
  min_publish_qty: integer(0, 1_000_000, 'Least that a channel is told, even without stock').prefault('0'),
  rounding: oneOf(['floor', 'round', 'ceil'], 'How a fraction of a unit is rounded').prefault('floor'),
  cap_scope: oneOf(
    ['channel', 'total'],
    'channel: each channel is capped by itself; total: the sum over all channels is, and scaled down',
  ).prefault('channel'),
  main_channel: parsed('a channel code', 'Channel that alone is given stock when little is left', (value) =>
    channelCodePattern.test(value) ? value : undefined,
  ).exactOptional(),
  small_stock_threshold: integer(
    0,
    1_000_000,
    'With main_channel: stock after safety stock of this many units or fewer goes to that channel only',
  ).prefault('0'),
  low_stock_threshold: integer(0, 1_000_000, 'A sale that leaves this many or fewer republishes the SKU at once').prefault('1'),
  rebalance_interval: duration('1m', '7d', 'Everything is recomputed from shadow stock this often').prefault('240m'),
  inactive_items: oneOf(
    ['zero', 'keep'],
    'What an item that is inactive in Zoho is published as: nothing left, or what was last published',
  ).prefault('zero'),
  raise_guard: oneOf(
    ['pulled', 'covered', 'off'],
    "When a quantity may go up. pulled: the channel's orders were pulled after the stock was read; covered: and that pull reached past the reading, for channels whose orders show up late (Amazon: 2 minutes); off: always, which oversells",
  ).prefault('pulled'),
  feed_above: integer(
    1,
    1_000_000,
    "More due quantities than this go to Amazon as one feed instead of one call each; without it the switch point comes from Amazon's rate limits",
  ).exactOptional(),
  report_wait: duration(
    '0s',
    '1h',
    'How long a run waits for a report that a channel makes about a hand-over; later runs go on',
  ).prefault('2m'),
  listing_check: duration('1h', '90d', 'A SKU that a channel does not list is looked for again after this long').prefault('24h'),
  stale_after: duration('10m', '30d', 'An alert is raised when the stock was not read completely for this long').prefault('24h'),
  brakes: section({
    zero_pct: integer(1, 100, 'Share of a listed assortment that one run may set to zero').prefault('20'),
    zero_min: integer(0, 1_000_000, '... and no brake up to this many SKUs').prefault('20'),
    drop_pct: integer(1, 100, 'Share by which the total stock may drop from one reading to the next').prefault('40'),
    drop_min: integer(0, 1_000_000, '... and no brake when no more than this many SKUs drop').prefault('20'),
    missing_pct: integer(1, 100, 'Share of the known items that a complete reading may lack').prefault('20'),
    missing_min: integer(0, 1_000_000, '... and no brake up to this many items').prefault('5'),
  }).prefault({}),
})

const reconcile = section({
  window: duration('1h', '90d', 'How far back open orders are compared').prefault('7d'),
  min_age: duration('0s', '24h', 'Open orders younger than this are left to the next pull').prefault('15m'),
  auto_remedy: yesOrNo('Missing orders are pulled and pushed at once; false: only reported').prefault('true'),
  max_repairs: integer(1, 1_000_000, 'Most orders of a channel that one run reads anew').prefault('5000'),
  warning_count: integer(0, 1_000_000, 'More missing orders of a channel than this raise a warning').prefault('10'),
  warning_pct: integer(0, 100, '... and so does more than this share of its open orders').prefault('3'),
  critical_count: integer(0, 1_000_000, 'More missing orders of a channel than this are critical').prefault('50'),
  critical_pct: integer(0, 100, '... and so is more than this share of its open orders').prefault('10'),
  unconfirmed_after: duration('5m', '30d', 'A package that its channel was not told of for this long is a finding').prefault(
    '1h',
  ),
  stuck_after: duration('5m', '30d', 'A push or an acknowledgement that is not done for this long is a finding').prefault('2h'),
  waiting_after: duration('5m', '30d', 'An order that waits for a person for this long is a finding').prefault('24h'),
})

const retry = section({
  push: integer(0, 100, 'Retries after the first try of a push to ShipStation').prefault('3'),
  confirmation: integer(0, 100, 'Retries after the first try of a shipment confirmation').prefault('5'),
  inventory: integer(0, 100, 'Retries after the first try of a stock publication').prefault('3'),
  first_delay: duration('1s', '1h', 'Wait before the first retry').prefault('30s'),
  factor: factor(1, 10, 'Each further wait is this many times the last').prefault('2'),
  max_delay: duration('1s', '24h', 'Longest wait between two retries').prefault('5m'),
  jitter: factor(0, 0.5, 'Random share by which a wait may be shorter or longer; 0.1 is plus or minus 10 %').prefault('0'),
})

/** Every key of the file but the channels. */
export const configKeys = {
  database: parsed(
    'sqlite:./file.db, or postgres://user:${PASSWORD}@host:5432/name',
    'Where isync keeps its own data. A relative SQLite path starts at the folder of this file. A password reference holds the plain password; isync encodes it',
    (value) => (isDatabaseUrl(value) ? value : undefined),
  ).prefault('sqlite:./isync.db'),
  encryption_keys: secret(
    'Keys for personal data at rest: k2:<base64 of 32 bytes>,k1:<...>. The first encrypts, all decrypt; an old one must stay until nothing is encrypted with it',
  ),
  shipstation,
  zoho: zoho.exactOptional(),
  inventory: inventory.prefault({}),
  retry: retry.prefault({}),
  reconcile: reconcile.prefault({}),
  alerts: alertsSection.prefault({}),
  heartbeats: heartbeats.prefault({}),
  watch: watch.prefault({}),
  reports: reports.prefault({}),
  serve: serve.prefault({}),
  webhooks: webhooks.prefault({}),
  metrics_file: text(
    'a path',
    "File that every run that may write leaves its figures in, for node_exporter's textfile collector (name it *.prom). A relative path starts at the folder of this file",
  ).exactOptional(),
  shadow: section({
    reserve_pending: yesOrNo('Pending orders reserve stock though they cannot ship yet').prefault('true'),
    carry: oneOf(
      ['since_sync', 'open_orders'],
      'Which orders lower the stock that Zoho tells: those seen since it was read, or also every one that is still open (where Zoho learns of orders only when they ship)',
    ).prefault('since_sync'),
  }).prefault({}),
  retention: section({
    payload_days: integer(
      1,
      3650,
      "The marketplaces' own order documents are erased this many days after they came, or with their order's personal data if that is sooner",
    ).prefault('90'),
    unshipped_days: integer(
      30,
      3650,
      'An order that is neither shipped nor cancelled counts as given up this many days after its last change and its last promised date; its personal data is erased then',
    ).prefault('90'),
    inbox_days: integer(
      1,
      365,
      'What webhooks brought is kept, encrypted, this many days after it was worked on: so long a repeat is known, and isync webhooks:replay can work on it again',
    ).prefault('14'),
    journal_days: integer(
      30,
      3650,
      'Runs, stock readings, told quantities and closed alerts are kept this many days; events (isync audit) never less than 400',
    ).prefault('400'),
  }).prefault({}),
  max_wait: duration(
    '0s',
    '30m',
    'Longest time a run waits for its turn in a rate limit before one call; what needs longer goes with a later run',
  ).prefault('120s'),
  lease: duration('10s', '1h', 'A task whose worker was not heard of for this long is given to another').prefault('2m'),
  log_level: oneOf(['debug', 'info', 'warn', 'error'], 'Least severe line that is logged').prefault('info'),
}

/** The whole file, with channels of these types. */
export function configSchema<V>(types: readonly ChannelType<V>[]) {
  return section({
    ...configKeys,
    // The codes themselves are checked beside the schema: a bad one must not hide what else is wrong with its channel.
    channels: tableOf('a channel code', /^/, channelSchema(types), {
      type: 'a section with one entry per channel',
      description: 'The marketplace accounts, by channel code',
    }).refine((channels) => Object.keys(channels).length > 0, { error: 'must hold at least one channel' }),
  })
}

const withoutChannels = section(configKeys)

/** The file's content but its channels, with defaults filled in and references resolved. Durations are milliseconds. */
export type Settings = z.output<typeof withoutChannels>

/** A checked configuration. `V` is what the program keeps of each channel's own keys. */
export interface Config<V = unknown> extends Settings {
  /** By channel code: what every channel has. */
  readonly channels: Readonly<Record<string, CommonChannel>>
  /** By channel code: what its type makes of its own keys. */
  readonly vendors: Readonly<Record<string, V>>
  /** Every resolved secret value, for the log scrubber. */
  readonly secrets: readonly string[]
  readonly source: { readonly file: string }
}

export type ZohoConfig = NonNullable<Settings['zoho']>
export type ShipStationConfig = Settings['shipstation']
