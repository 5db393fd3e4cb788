import type { Run } from '../context.ts'
import { openCircuits, resetCircuit } from '../db/account.ts'
import { openAlerts } from '../db/alerts.ts'
import { isConnectorError } from '../errors.ts'
import type { Health, MarketplaceConnector } from '../ports/marketplace.ts'
import type { ShippingConnector, Store } from '../ports/shipping.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { DoctorCheck } from './doctor-check.ts'
import { mappingChecks } from './mapping-checks.ts'
import { type WebhookSetup, webhookChecks } from './webhook-checks.ts'

export interface DoctorReport {
  readonly checks: readonly DoctorCheck[]
  readonly ok: boolean
}

/** One cheap authenticated look at every account, and whether what is configured fits what is there. Writes nothing at any vendor. */
export async function doctorReport(
  run: Run,
  shipping: ShippingConnector | undefined,
  stock: StockSource | undefined,
  marketplaces: readonly MarketplaceConnector[],
  webhooks?: WebhookSetup,
): Promise<DoctorReport> {
  // An operator who asks has just mended something: the circuit must not stand in the way of finding out.
  for (const { account } of await openCircuits(run.db)) await resetCircuit(run.db, account)
  const perAccount = await Promise.all([
    ...(shipping === undefined ? [] : [checkShipping(run, shipping, marketplaces)]),
    ...(stock === undefined ? [] : [checkStock(run, stock)]),
    ...marketplaces.map((connector) => checkMarketplace(run, connector)),
  ])
  const mapping = await mappingChecks(
    run,
    marketplaces.map(({ channel }) => channel),
    stock !== undefined,
  )
  const hooks = await webhookChecks(run, shipping, webhooks)
  const checks = [...perAccount.flat(), ...(await doublePathChecks(run, marketplaces)), ...mapping, ...hooks]
  return { checks, ok: checks.every(({ ok }) => ok) }
}

async function checkMarketplace(run: Run, connector: MarketplaceConnector): Promise<DoctorCheck[]> {
  return toChecks(connector.channel, await healthOf(() => connector.health(run.signal)))
}

async function checkStock(run: Run, stock: StockSource): Promise<DoctorCheck[]> {
  return toChecks(stock.account, await healthOf(() => stock.health(run.signal)))
}

async function checkShipping(
  run: Run,
  shipping: ShippingConnector,
  marketplaces: readonly MarketplaceConnector[],
): Promise<DoctorCheck[]> {
  const checks = toChecks(shipping.account, await healthOf(() => shipping.health(run.signal)))
  if (checks.some(({ ok }) => !ok)) return checks
  let stores: readonly Store[]
  try {
    stores = await shipping.stores(run.signal)
  } catch (error) {
    return [...checks, ...toChecks(shipping.account, failed(error))]
  }
  return [...checks, ...marketplaces.map(({ channel }) => checkStore(run, channel, stores))]
}

/** A missing store puts orders into the first manual one, silently; a connected one holds each order twice (ShipStation contract section 6). */
function checkStore(run: Run, channel: string, stores: readonly Store[]): DoctorCheck {
  const storeId = run.settings.channels.get(channel)?.storeId
  const store = stores.find((candidate) => candidate.storeId === storeId)
  const base = { channel, check: 'shipstation store' }
  const key = `channels.${channel}.shipstation_store_id`
  const manual = stores
    .filter((candidate) => candidate.manual && candidate.active)
    .map((candidate) => `${candidate.storeId} ${candidate.name}`)
  if (store === undefined) {
    return {
      ...base,
      ok: false,
      detail: `store ${storeId ?? '(none)'} is not in the account`,
      fix: `set ${key} to one of: ${manual.join(', ') || 'none yet: add a manual store in ShipStation'}`,
    }
  }
  if (!store.active)
    return {
      ...base,
      ok: false,
      detail: `store ${store.storeId} ${store.name} is inactive`,
      fix: `activate it in ShipStation or set ${key}`,
    }
  if (!store.manual) {
    return {
      ...base,
      ok: false,
      detail: `store ${store.storeId} ${store.name} imports orders by itself: each order would be there twice`,
      fix: `set ${key} to a manual store: ${manual.join(', ') || 'none yet'}`,
    }
  }
  return { ...base, ok: true, detail: `${store.storeId} ${store.name}`, fix: '' }
}

/** Orders that two channels brought and that wait for a person. */
async function doublePathChecks({ db }: Run, marketplaces: readonly MarketplaceConnector[]): Promise<DoctorCheck[]> {
  const alerts = (await openAlerts(db)).filter(({ rule }) => rule === 'double-path')
  const own = alerts.filter(({ channel }) => marketplaces.some((connector) => connector.channel === channel))
  return own.map(({ channel, message, next }) => ({ channel, check: 'double path', ok: false, detail: message, fix: next }))
}

async function healthOf(ask: () => Promise<Health>): Promise<Health> {
  try {
    return await ask()
  } catch (error) {
    return failed(error)
  }
}

function failed(error: unknown): Health {
  if (!isConnectorError(error)) throw error
  return {
    ok: false,
    checks: [
      { check: 'reachable', ok: false, detail: error.message, fix: 'check the network, the endpoint and the credentials' },
    ],
  }
}

function toChecks(channel: string, health: Health): DoctorCheck[] {
  return health.checks.map(({ check, ok, detail, fix }) => ({ channel, check, ok, detail, fix: fix ?? '' }))
}
