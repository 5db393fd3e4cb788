import * as z from 'zod'
import { type ConnectorError, isConnectorError } from '../../core/errors.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import type { EbayClient, RestCall, TradingCall } from './client.ts'
import { endOfConsent } from './consent.ts'
import { parseTime } from './values.ts'
import { wireOrderPage } from './wire.ts'
import { wireRateLimits, wireRestOrderPage } from './wire-rest.ts'

const MOST_SKEW_MS = 2 * 60_000
const MINUTE_MS = 60_000
const DAY_S = 86_400

/** Orders as they are pulled, stock as it is written, and what is left of the day: three cheap reads. Never throws ConnectorError. */
export async function checkHealth(client: EbayClient, signal: AbortSignal): Promise<Health> {
  const checks = await checksOf(client, signal)
  return { ok: checks.every((check) => check.ok), checks }
}

async function checksOf(client: EbayClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const { settings } = client
  try {
    const first = settings.ordersApi === 'trading' ? await readTrading(client, signal) : await readRest(client, signal)
    const checks: HealthCheck[] = [
      { check: 'authenticated', ok: true, detail: `site ${settings.site}, token accepted` },
      checkConsent(client),
      { check: 'orders', ok: true, detail: `readable by the ${settings.ordersApi} API` },
      ...first,
    ]
    if (settings.inventoryApi !== 'trading') checks.push(await checkStock(client, signal))
    checks.push(await checkBudget(client, signal))
    return checks
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return [{ check: failedCheck[error.kind], ok: false, detail: error.message, fix: fixes[error.kind] }]
  }
}

const failedCheck = { auth: 'authenticated', throttled: 'call budget', permanent: 'orders', retryable: 'reachable' } as const

const fixes: Readonly<Record<ConnectorError['kind'], string>> = {
  auth: "follow the message: check app_id, cert_id, refresh_token, sandbox and the seller's consent, then run this check again",
  throttled: 'wait as long as the message says; see which other tools use this keyset',
  permanent: 'check orders_api, site and endpoint',
  retryable: 'check network and endpoint, then run this check again',
}

function checkConsent({ gate, settings }: EbayClient): HealthCheck {
  const check = 'consent'
  const end = endOfConsent(settings, gate.clock.now())
  if (end === undefined)
    return { check, ok: true, detail: 'when the refresh token ends is not known here; note it in refresh_token_expires' }
  if (!end.isNear) return { check, ok: true, detail: end.detail }
  const fix = 'let the seller consent again (docs/vendors/ebay.md), then set refresh_token and refresh_token_expires anew'
  return { check, ok: false, detail: end.detail, fix }
}

async function readTrading(client: EbayClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const now = client.gate.clock.now()
  const [from = '', to = ''] = [now - 2 * MINUTE_MS, now - MINUTE_MS].map((at) => new Date(at).toISOString())
  const fields = { ModTimeFrom: from, ModTimeTo: to, Pagination: { EntriesPerPage: '1', PageNumber: '1' } }
  const call: TradingCall = { api: 'trading', call: 'GetOrders', fields, purse: 'orders' }
  const { body } = await client.trading(call, signal)
  const told = parseTime(client.parse(call, body, wireOrderPage).Timestamp)
  if (told === undefined) return []
  const skewMs = now - told
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} eBay`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return [{ check: 'clock', ok: true, detail }]
  return [{ check: 'clock', ok: false, detail, fix: 'set this machine by a time server' }]
}

async function readRest(client: EbayClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const call: RestCall = { api: 'fulfillment', method: 'get', path: '/order', query: { limit: '1' } }
  await client.rest(call, wireRestOrderPage, signal)
  return []
}

/** How many SKUs are in the inventory model; 0 says that all listings go the other way. */
async function checkStock(client: EbayClient, signal: AbortSignal): Promise<HealthCheck> {
  const check = 'stock'
  const call: RestCall = { api: 'inventory', method: 'get', path: '/inventory_item', query: { limit: '1', offset: '0' } }
  try {
    const { total } = await client.rest(call, z.object({ total: z.number().nullish() }), signal)
    const count = total ?? 0
    const { inventoryApi } = client.settings
    const rest = inventoryApi === 'auto' ? '; all others go by the Trading API' : ''
    return { check, ok: true, detail: `${count} SKUs in the inventory model${rest} (inventory_api: ${inventoryApi})` }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { check, ok: false, detail: error.message, fix: fixes[error.kind] }
  }
}

/** eBay's own count, where it tells it; ours in any case. */
async function checkBudget(client: EbayClient, signal: AbortSignal): Promise<HealthCheck> {
  const check = 'call budget'
  const ours = await client.budget.describe()
  const query = { api_context: 'tradingapi' }
  const call: RestCall = { api: 'analytics', method: 'get', path: '/user_rate_limit/', query }
  try {
    const { rateLimits } = await client.rest(call, wireRateLimits, signal)
    const day = dayOf(rateLimits.flatMap(({ resources }) => resources))
    if (day?.limit === undefined) return { check, ok: true, detail: ours }
    const detail = `${ours}; eBay counts ${day.remaining ?? '?'} of ${day.limit} left for the keyset until ${day.reset ?? '?'}`
    if (day.limit >= client.settings.dailyCalls) return { check, ok: true, detail }
    return { check, ok: false, detail, fix: `set daily_calls to ${day.limit} or less` }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { check, ok: true, detail: `${ours}; eBay did not tell its own count` }
  }
}

type Resource = z.output<typeof wireRateLimits>['rateLimits'][number]['resources'][number]
type Rate = Resource['rates'][number]

const ourCalls = new Set(['GetOrders', 'CompleteSale', 'ReviseInventoryStatus', 'GetMyeBaySelling'])

/** The day of the whole Trading API, else of that call of ours which has the least left: eBay may tell one limit for each call. */
function dayOf(resources: readonly Resource[]): Rate | undefined {
  const days = resources.flatMap(({ name, rates }) =>
    rates.flatMap((rate) => (rate.timeWindow === DAY_S && rate.limit !== undefined ? [{ name, rate }] : [])),
  )
  const whole = days.find(({ name }) => name?.toLowerCase() === 'tradingapi')
  if (whole !== undefined) return whole.rate
  const own = days.filter(({ name }) => name !== undefined && ourCalls.has(name))
  return own.toSorted((a, b) => (a.rate.remaining ?? 0) - (b.rate.remaining ?? 0))[0]?.rate
}
