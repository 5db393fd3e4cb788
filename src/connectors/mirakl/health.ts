import { AuthError, isConnectorError, PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { readAnswer } from '../http/json.ts'
import { type CarrierList, servedFamilies, unservedFamilies } from './carriers.ts'
import { limitOf, type MiraklClient, type MiraklRequest, type MultiShipment, readSeekPages } from './client.ts'
import { checkLimits, checkListings, checkStockFiles } from './health-stock.ts'
import { type Platform, readPlatform } from './platform.ts'
import { wireShop } from './wire.ts'

export interface HealthDeps {
  readonly client: MiraklClient
  readonly multiShipment: MultiShipment
  readonly carriers: CarrierList
}

const MOST_SKEW_MS = 30_000

/** What can be told without changing anything: the account first, and then everything that rests on it. Never throws ConnectorError. */
export async function checkHealth(deps: HealthDeps, signal: AbortSignal): Promise<Health> {
  const { client } = deps
  const checks = await checkAccount(client, signal)
  // Nothing else can be asked with a key that is refused.
  if (checks[0]?.ok === true) {
    let platform: Platform | undefined
    checks.push(
      await attempt(client, 'platform', async () => {
        platform = await readPlatform(client, signal)
        return platformCheck(platform)
      }),
    )
    checks.push(await attempt(client, 'shipments', () => checkMultiShipment(deps, platform, signal)))
    checks.push(await attempt(client, 'carriers', () => checkCarriers(deps, platform, signal)))
    checks.push(await attempt(client, 'listings', () => checkListings(client, signal)))
    checks.push(await attempt(client, 'stock', () => checkStockFiles(client, signal)))
  }
  return { ok: checks.every((check) => check.ok), checks }
}

async function checkAccount(client: MiraklClient, signal: AbortSignal): Promise<HealthCheck[]> {
  const request: MiraklRequest = { operation: 'A01', method: 'GET', path: '/api/account', expect: [404] }
  const checks: HealthCheck[] = []
  const first = await attempt(client, 'authenticated', async () => {
    const answer = await client.send(request, signal)
    const accepted = { check: 'authenticated', ok: true, detail: 'the API key is accepted' }
    if (answer.status === 404 && client.settings.shopId !== undefined) {
      checks.push(strangeShop(client))
      return accepted
    }
    const shop = readShop(client, request, answer)
    checks.push(shopCheck(client, shop.shop_id, shop.shop_state ?? 'unknown', [shop.model, shop.currency_iso_code]))
    checks.push(logisticsCheck((shop.shippings ?? []).flatMap((each) => each.shipping_type_code ?? [])))
    checks.push(clockCheck(client, answer.headers['date']))
    checks.push(checkLimits(answer.headers))
    return accepted
  })
  return [first, ...checks]
}

function readShop(client: MiraklClient, request: MiraklRequest, answer: VendorAnswer) {
  if (answer.status !== 404) return readAnswer(client.gate.account, client.callOf(request), answer, wireShop)
  throw new PermanentError('answered 404', client.factsOf(request, answer))
}

function strangeShop({ settings: { channel, shopId } }: MiraklClient): HealthCheck {
  const detail = `the key does not see shop ${shopId}: its orders are not found, and nothing can be written`
  const fix = `compare shop_id of ${channel} with the number in the marketplace back office, or use a key of a user of that shop`
  return { check: 'shop', ok: false, detail, fix }
}

function shopCheck(
  { settings: { channel, shopId: wanted } }: MiraklClient,
  shopId: number,
  state: string,
  more: readonly (string | null | undefined)[],
): HealthCheck {
  const words = [state, ...more].map((word) => safeText(word ?? '').toLowerCase()).filter((word) => word !== '')
  const detail = `shop ${shopId}, ${words.join(', ')}`
  if (wanted !== undefined && wanted !== shopId) {
    const fix = `set shop_id of ${channel} to ${shopId}, or use a key that sees shop ${wanted}`
    return { check: 'shop', ok: false, detail: `the marketplace answers for ${detail}; configured is ${wanted}`, fix }
  }
  if (state === 'SUSPENDED' || state === 'TERMINATED') {
    const fix = `ask the operator why; meanwhile isync pause ${channel}`
    return { check: 'shop', ok: false, detail: `${detail}: the operator has closed it`, fix }
  }
  // Closed is what a seller on holiday is: orders from before still ship.
  if (wanted !== undefined) return { check: 'shop', ok: true, detail }
  return { check: 'shop', ok: true, detail: `${detail} (the key's default; set shop_id if it sees several)` }
}

function logisticsCheck(shippings: readonly string[]): HealthCheck {
  const codes = [...new Set(shippings)].map((code) => safeText(code))
  if (codes.length > 0) return { check: 'logistics', ok: true, detail: `shipping methods: ${codes.slice(0, 12).join(', ')}` }
  return { check: 'logistics', ok: true, detail: 'the marketplace names no shipping methods of the shop' }
}

function clockCheck(client: MiraklClient, date: string | undefined): HealthCheck {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { check: 'clock', ok: true, detail: 'the marketplace does not tell its time' }
  const skewMs = client.gate.clock.now() - theirs
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the marketplace`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return { check: 'clock', ok: true, detail }
  return { check: 'clock', ok: false, detail, fix: "synchronise this machine's clock (NTP)" }
}

function platformCheck(platform: Platform | undefined): HealthCheck {
  if (platform === undefined)
    return { check: 'platform', ok: true, detail: 'the marketplace does not tell its sellers what is switched on' }
  const acceptance = {
    AUTOMATIC: 'orders are accepted by themselves',
    NOT_AUTOMATIC: 'orders wait for acceptance (auto_accept, or the back office)',
    BOTH: 'some shops must accept their orders: see yours in the back office',
    unknown: 'how orders are accepted is not told',
  }[platform.acceptance ?? 'unknown']
  const prices = platform.taxMode === undefined ? '' : `; prices ${platform.taxMode.toLowerCase().replaceAll('_', ' ')}`
  return { check: 'platform', ok: true, detail: `${acceptance}${safeText(prices)}` }
}

async function checkMultiShipment(deps: HealthDeps, platform: Platform | undefined, signal: AbortSignal): Promise<HealthCheck> {
  const probe = { operation: 'ST12', path: '/api/shipments/items_to_ship', query: [limitOf(1)], mostPages: 1 }
  const items = await readSeekPages(deps.client, probe, signal)
  if (items !== undefined)
    return { check: 'shipments', ok: true, detail: 'multi-shipment is on: partial shipments can be confirmed' }
  if (platform?.multiShipment === true) {
    const detail = 'multi-shipment is on, and this key may not use it (404)'
    const fix = `compare shop_id of ${deps.client.settings.channel}; then ask the operator which right the user lacks`
    return { check: 'shipments', ok: false, detail, fix }
  }
  await deps.multiShipment.switchOff()
  return { check: 'shipments', ok: true, detail: 'multi-shipment is off: only whole orders can be confirmed (OR23 and OR24)' }
}

async function checkCarriers(deps: HealthDeps, platform: Platform | undefined, signal: AbortSignal): Promise<HealthCheck> {
  const { channel, carriers } = deps.client.settings
  const registered = await deps.carriers.read(signal)
  const codes = new Set(registered.map((carrier) => carrier.code))
  const strangers = Object.values(carriers).filter((code) => !codes.has(code))
  const served = servedFamilies(registered)
  const known = `${registered.length} registered; recognised: ${served.length === 0 ? 'none' : served.join(', ')}`
  const choice = [...codes].map((code) => safeText(code)).slice(0, 30)
  if (strangers.length > 0 && registered.length > 0) {
    const fix = `in carriers of ${channel} use one of: ${choice.join(', ')}`
    return { check: 'carriers', ok: false, detail: `${known}; configured but unknown here: ${strangers.join(', ')}`, fix }
  }
  const unserved = unservedFamilies(registered)
  if (platform?.onlyOwnCarriers !== true)
    return { check: 'carriers', ok: true, detail: `${known}; sent by name: ${unserved.join(', ')}` }
  const detail = `${known}; this operator takes no others`
  if (served.length > 0 || Object.keys(carriers).length > 0) return { check: 'carriers', ok: true, detail }
  const fix = `name the operator's code for each of your ShipStation carriers in carriers of ${channel}: ${choice.join(', ')}`
  return { check: 'carriers', ok: false, detail, fix }
}

async function attempt(client: MiraklClient, check: string, work: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await work()
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { check, ok: false, detail: error.message, fix: fixOf(client, error) }
  }
}

function fixOf({ settings: { channel } }: MiraklClient, error: Error): string {
  if (error instanceof AuthError)
    return 'make a new API key in the marketplace back office (user menu, API key) and check base_url'
  if (error instanceof ThrottledError)
    return `wait ${Math.ceil(error.waitMs / 1000)} s, see which other tools use this key, then run doctor again`
  if (error instanceof RetryableError)
    return `see whether base_url of ${channel} can be reached from here; if it can, the marketplace has trouble: run doctor again later`
  return 'check base_url and shop_id, and whether the marketplace is reachable from here; then run doctor again'
}
