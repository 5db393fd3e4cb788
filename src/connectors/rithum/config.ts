import * as z from 'zod'
import { channelKeys } from '../../core/config/channel-keys.ts'
import { type ChannelProblem, type ChannelType, channelType, mapAt } from '../../core/config/channel-type.ts'
import { integer, listOf, oneOf, parsed, secret, section, text } from '../../core/config/fields.ts'
import type { ChannelVendor } from '../channel.ts'
import { beginsWith, type ChannelAdvisorSettings } from './channeladvisor/settings.ts'
import type { DscoSettings } from './dsco/settings.ts'

const keys = section({
  type: z.literal('rithum'),
  product: oneOf(['dsco', 'channeladvisor'], 'Which of the two APIs the account has').prefault('dsco'),
  auth: oneOf(['oauth2', 'static'], 'static only for an old account that holds a fixed token (dsco)').prefault('oauth2'),
  mode: oneOf(['pages', 'stream'], 'dsco: how orders are read; stream needs a stream of the account, made beforehand').prefault(
    'pages',
  ),
  stream_id: text('the id of a stream', 'dsco with mode stream: the order stream that is read').exactOptional(),
  warehouse_code: text(
    'a warehouse code',
    "dsco: the seller's warehouse that takes the published quantity; not needed where there is one only",
  ).exactOptional(),
  default_country: parsed(
    'a two-letter country code',
    'dsco: country of addresses that name none (ISO 3166-1 alpha-2)',
    (value) => (/^[A-Z]{2}$/.test(value) ? value : undefined),
  ).exactOptional(),
  default_currency: parsed('a three-letter currency code', 'dsco: currency of orders that name none (ISO 4217)', (value) =>
    /^[A-Z]{3}$/.test(value) ? value : undefined,
  ).prefault('USD'),
  third_party_billing: oneOf(
    ['hold', 'mark'],
    'dsco: orders whose parcels the retailer pays by a carrier account of its own. hold: a person ships them; mark: they go to ShipStation with the account in the internal notes, and whoever makes the label must bill it there',
  ).prefault('hold'),
  distribution_center_id: integer(
    0,
    2_147_483_647,
    'channeladvisor: the distribution center that takes the published quantity',
  ).prefault('0'),
  update_type: oneOf(
    ['Available', 'UnShipped'],
    'channeladvisor: what the published quantity means. Available: without the units of open orders, as isync counts; UnShipped: with them, and the platform takes its own open orders off, for stock whose source does not know them',
  ).prefault('Available'),
  exclude_sites: listOf(
    "a site's name, its first words, or its id",
    (value) => (value.trim() === '' ? undefined : value),
    'channeladvisor: marketplaces whose orders do not come this way, because another channel reads them; eBay means every site whose name begins with that word',
  ).prefault([]),
  double_path: oneOf(
    ['refuse', 'watch'],
    'channeladvisor beside a direct channel of Amazon or eBay. refuse: exclude_sites must name that marketplace; watch: only an order that is there twice is held',
  ).prefault('refuse'),
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

type RithumConfig = z.output<typeof keys>

/** An account with one of Rithum's two products (contract section 0). */
export const rithumChannel = channelType<typeof keys, ChannelVendor>(
  'rithum',
  keys,
  (channel) => ({
    acknowledges: 'after-push',
    place: `${channel.product}, ${channel.sandbox ? "the vendor's staging host" : "the vendor's own"}`,
    credentials: Object.values(channel.credentials),
    async load() {
      if (channel.product === 'channeladvisor') {
        const { createChannelAdvisorConnector } = await import('./channeladvisor/connector.ts')
        return (gate, code) => createChannelAdvisorConnector(gate, channelAdvisorSettings(code, channel))
      }
      const { createDscoConnector } = await import('./dsco/connector.ts')
      return (gate, code) => createDscoConnector(gate, dscoSettings(code, channel))
    },
  }),
  problems,
)

function dscoSettings(code: string, channel: RithumConfig): DscoSettings {
  const { client_id = '', client_secret = '', token = '' } = channel.credentials
  return {
    ...commonSettings(code, channel),
    sandbox: channel.sandbox,
    auth:
      channel.auth === 'static'
        ? { kind: 'static', token }
        : { kind: 'oauth2', clientId: client_id, clientSecret: client_secret },
    mode: channel.mode,
    ...(channel.stream_id === undefined ? {} : { streamId: channel.stream_id }),
    ...(channel.warehouse_code === undefined ? {} : { warehouseCode: channel.warehouse_code }),
    ...(channel.default_country === undefined ? {} : { defaultCountry: channel.default_country }),
    thirdPartyBilling: channel.third_party_billing,
    defaultCurrency: channel.default_currency,
  }
}

function channelAdvisorSettings(code: string, channel: RithumConfig): ChannelAdvisorSettings {
  const { application_id = '', shared_secret = '', refresh_token = '' } = channel.credentials
  return {
    ...commonSettings(code, channel),
    credentials: { applicationId: application_id, sharedSecret: shared_secret, refreshToken: refresh_token },
    distributionCenterId: channel.distribution_center_id,
    updateType: channel.update_type,
    excludeSites: channel.exclude_sites,
  }
}

function commonSettings(code: string, channel: RithumConfig) {
  return {
    channel: code,
    ...(channel.endpoint === undefined ? {} : { endpoint: channel.endpoint }),
    ...(channel.auth_endpoint === undefined ? {} : { authEndpoint: channel.auth_endpoint }),
    carriers: channel.carriers,
    timeoutMs: channel.timeout,
  }
}

const needed = new Map([
  ['dsco oauth2', ['client_id', 'client_secret']],
  ['dsco static', ['token']],
  ['channeladvisor oauth2', ['application_id', 'shared_secret', 'refresh_token']],
])

/** Keys that mean something for one product only. */
const own: Readonly<Record<string, readonly string[]>> = {
  dsco: ['mode', 'stream_id', 'warehouse_code', 'default_country', 'default_currency', 'third_party_billing', 'sandbox'],
  channeladvisor: ['distribution_center_id', 'update_type', 'exclude_sites', 'double_path'],
}

type Given = Parameters<ChannelType<ChannelVendor>['problems']>[0]

function problems(given: Given, others: readonly Given[]): readonly ChannelProblem[] {
  const product = `${given.product ?? 'dsco'}`
  const kind = `${product} ${given.auth ?? 'oauth2'}`
  const credentials = mapAt(given.credentials)
  const found: ChannelProblem[] = (needed.get(kind) ?? [])
    .filter((name) => credentials[name] === undefined)
    .map((name) => ({ path: ['credentials', name], message: `is missing; needed for ${kind}` }))
  if (kind === 'channeladvisor static') found.push({ path: ['auth'], message: "must be oauth2 with product 'channeladvisor'" })
  const foreign = Object.entries(own).flatMap(([other, names]) => (other === product ? [] : names))
  for (const name of foreign)
    if (given[name] !== undefined) found.push({ path: [name], message: `means nothing for product '${product}'` })
  if (product === 'dsco' && given.mode === 'stream' && given.stream_id === undefined)
    found.push({ path: ['stream_id'], message: "is missing; needed for mode 'stream'" })
  if (product === 'channeladvisor') found.push(...doublePaths(given, others))
  return found
}

/** Every order of a marketplace that is live twice would be shipped twice (contract section 0). */
function doublePaths(given: Given, others: readonly Given[]): readonly ChannelProblem[] {
  if (given.double_path === 'watch' || given.enabled === 'false') return []
  const sites = Array.isArray(given.exclude_sites) ? given.exclude_sites.map(String) : []
  const live = new Set(others.filter(({ enabled }) => enabled !== 'false').map(({ type }) => String(type)))
  return ['amazon', 'ebay']
    .filter((family) => live.has(family) && !sites.some((site) => beginsWith(site, family)))
    .map((family) => ({
      path: ['exclude_sites'],
      message: `must name the ${family} sites of this account, in words and not by their ids: another channel reads that marketplace, and its orders would come twice; double_path: watch where they are other shops`,
    }))
}
