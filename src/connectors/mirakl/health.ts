import { AuthError, isConnectorError } from '../../core/errors.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import { type CarrierList, servedFamilies } from './carriers.ts'
import { limitOf, type MiraklClient, type MiraklRequest, type MultiShipment, readSeekPages } from './client.ts'
import { type WireCarrier, wireShop } from './wire.ts'

export interface HealthDeps {
  readonly client: MiraklClient
  readonly multiShipment: MultiShipment
  readonly carriers: CarrierList
}

const MOST_SKEW_MS = 30_000

/** A01, ST12 and SH21: what can be told without changing anything. Never throws ConnectorError. */
export async function checkHealth(deps: HealthDeps, signal: AbortSignal): Promise<Health> {
  const checks = await checkAccount(deps.client, signal)
  // Nothing else can be asked with a key that is refused.
  if (checks[0]?.ok === true) {
    checks.push(await attempt('shipments', () => checkMultiShipment(deps, signal)))
    checks.push(await attempt('carriers', () => checkCarriers(deps, signal)))
  }
  return { ok: checks.every((check) => check.ok), checks }
}

async function checkAccount(client: MiraklClient, signal: AbortSignal): Promise<HealthCheck[]> {
  const request: MiraklRequest = { operation: 'A01', method: 'GET', path: '/api/account' }
  const checks: HealthCheck[] = []
  const first = await attempt('authenticated', async () => {
    const answer = await client.send(request, signal)
    const shop = readAnswer(client.gate.account, client.callOf(request), answer, wireShop)
    checks.push(shopCheck(client, shop.shop_id, shop.shop_state ?? 'unknown'))
    checks.push(clockCheck(client, answer.headers['date']))
    return { check: 'authenticated', ok: true, detail: 'the API key is accepted' }
  })
  return [first, ...checks]
}

function shopCheck(client: MiraklClient, shopId: number, state: string): HealthCheck {
  const wanted = client.settings.shopId
  const detail = `shop ${shopId}, ${state.toLowerCase()}`
  if (wanted === undefined)
    return { check: 'shop', ok: true, detail: `${detail} (the key's default; set shop_id if it sees several)` }
  if (wanted === shopId) return { check: 'shop', ok: true, detail }
  const fix = `set shop_id of ${client.settings.channel} to ${shopId}, or use a key that sees shop ${wanted}`
  return { check: 'shop', ok: false, detail: `the marketplace answers for ${detail}; configured is ${wanted}`, fix }
}

function clockCheck(client: MiraklClient, date: string | undefined): HealthCheck {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { check: 'clock', ok: true, detail: 'the marketplace does not tell its time' }
  const skewMs = client.gate.clock.now() - theirs
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the marketplace`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return { check: 'clock', ok: true, detail }
  return { check: 'clock', ok: false, detail, fix: "synchronise this machine's clock (NTP)" }
}

async function checkMultiShipment(deps: HealthDeps, signal: AbortSignal): Promise<HealthCheck> {
  const probe = { operation: 'ST12', path: '/api/shipments/items_to_ship', query: [limitOf(1)], mostPages: 1 }
  const items = await readSeekPages(deps.client, probe, signal)
  if (items !== undefined)
    return { check: 'shipments', ok: true, detail: 'multi-shipment is on: partial shipments can be confirmed' }
  await deps.multiShipment.switchOff()
  return { check: 'shipments', ok: true, detail: 'multi-shipment is off: only whole orders can be confirmed (OR23 and OR24)' }
}

async function checkCarriers(deps: HealthDeps, signal: AbortSignal): Promise<HealthCheck> {
  const registered = await deps.carriers.read(signal)
  const codes = new Set(registered.map((carrier: WireCarrier) => carrier.code))
  const strangers = Object.values(deps.client.settings.carriers).filter((code) => !codes.has(code))
  const served = servedFamilies(registered)
  const detail = `${registered.length} registered; recognised: ${served.length === 0 ? 'none' : served.join(', ')}`
  if (strangers.length === 0 || registered.length === 0) return { check: 'carriers', ok: true, detail }
  const fix = `in carriers of ${deps.client.settings.channel} use one of: ${[...codes].slice(0, 30).join(', ')}`
  return { check: 'carriers', ok: false, detail: `${detail}; configured but unknown here: ${strangers.join(', ')}`, fix }
}

async function attempt(check: string, work: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await work()
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { check, ok: false, detail: error.message, fix: fixOf(error) }
  }
}

function fixOf(error: Error): string {
  if (error instanceof AuthError)
    return 'make a new API key in the marketplace back office (user menu, API key) and check base_url'
  return 'check base_url and shop_id, and whether the marketplace is reachable from here; then run doctor again'
}
