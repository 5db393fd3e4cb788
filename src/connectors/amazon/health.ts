import { type ConnectorError, isConnectorError, PermanentError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { AmazonClient, AmazonRequest } from './client.ts'
import { LISTING_ROLE, type OperationName, RESTRICTED_ROLE } from './operations.ts'
import { restricted } from './restricted.ts'
import { V0_ENDS_AT } from './source-v0.ts'
import { participationsReply } from './wire.ts'

const MAX_SKEW_MS = 2 * 60_000
/** The form of an order's number, and nobody's: that Amazon does not know it proves that it looked. */
const NO_ORDER = '000-0000000-0000000'
const NO_SKU = 'isync-doctor'
const BULK_PATH = '/orders/v0/orders'
/** The calls whose rates decide how long things take. */
const PACES: readonly OperationName[] = ['searchOrders', 'getOrder', 'confirmShipment', 'patchListingsItem', 'createFeed']

/**
 * The marketplace participations first: they prove reach, token and consent, their `Date` header tells the clocks apart, and their bucket (15
 * calls, one more a minute) is nobody else's. Then a question for each role, none of which costs a search: each of those is three minutes
 * of the pull's rate (contract sections 1 and 2). A role that is missing closes nothing here. Never throws ConnectorError.
 */
export async function checkHealth(client: AmazonClient, signal: AbortSignal): Promise<Health> {
  const checks = await checksOf(client, signal)
  return { ok: checks.every((check) => check.ok), checks }
}

async function checksOf(client: AmazonClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const { region } = client.settings
  const version = ordersVersion(client)
  let answer: VendorAnswer
  try {
    answer = await client.send({ operation: 'getMarketplaceParticipations' }, signal)
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return [{ check: failedCheck[error.kind], ok: false, detail: error.message, fix: fixes[error.kind] }, version]
  }
  return [
    { check: 'reachable', ok: true, detail: `region ${region}` },
    { check: 'authenticated', ok: true, detail: 'token accepted' },
    ...marketplaces(client, answer),
    clock(client, answer),
    await checkOrdersRole(client, signal),
    await checkAddressRole(client, signal),
    await checkListingRole(client, signal),
    await checkLimits(client),
    version,
  ]
}

const failedCheck = { auth: 'authenticated', throttled: 'limits', permanent: 'reachable', retryable: 'reachable' } as const

const fixes: Readonly<Record<ConnectorError['kind'], string>> = {
  auth: 'follow the message: check client secret, refresh token, roles and consent, then run this check again',
  throttled: 'wait a minute and run this check again',
  retryable: 'check network, region and endpoint, then run this check again',
  permanent: 'check region and endpoint',
}

function marketplaces(client: AmazonClient, answer: VendorAnswer): readonly HealthCheck[] {
  const check = 'marketplaces'
  const call = { operation: 'getMarketplaceParticipations', effect: 'read' } as const
  try {
    const { payload } = readAnswer(client.gate.account, call, answer, participationsReply)
    const active = new Set(payload.filter((one) => one.participation.isParticipating).map((one) => one.marketplace.id))
    const absent = client.settings.marketplaceIds.filter((id) => !active.has(id))
    if (absent.length === 0) return [{ check, ok: true, detail: `sells in ${client.settings.marketplaceIds.join(', ')}` }]
    const fix = `marketplace_ids may name: ${[...active].join(', ') || 'none'}`
    return [{ check, ok: false, detail: `the seller does not sell in ${absent.join(', ')}`, fix }]
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return [{ check, ok: false, detail: error.message, fix: fixes[error.kind] }]
  }
}

function clock(client: AmazonClient, answer: VendorAnswer): HealthCheck {
  const told = Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(told)) return { check: 'clock', ok: true, detail: 'Amazon did not tell its time' }
  const skewMs = client.gate.clock.now() - told
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} Amazon`
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { check: 'clock', ok: true, detail }
  return { check: 'clock', ok: false, detail, fix: 'set this machine by a time server' }
}

/** An order that does not exist, asked for in the version that is used. */
function checkOrdersRole(client: AmazonClient, signal: AbortSignal): Promise<HealthCheck> {
  const operation = client.settings.ordersApi === 'v0' ? 'getOrderItems' : 'getOrder'
  return roleCheck('Inventory and Order Tracking', `${operation} is allowed`, () =>
    asked(client, { operation, path: { orderId: NO_ORDER } }, signal),
  )
}

/** Without it orders come without names and streets, and nothing says so (contract section 1): only the token for them is refused. */
function checkAddressRole(client: AmazonClient, signal: AbortSignal): Promise<HealthCheck> {
  const token = restricted(client, [{ path: BULK_PATH, dataElements: ['buyerInfo', 'shippingAddress'] }], true)
  return roleCheck(RESTRICTED_ROLE, 'addresses may be read', () => token(signal))
}

/** A SKU that nobody lists. A wrong seller_id shows here too: orders are not asked for by it. */
function checkListingRole(client: AmazonClient, signal: AbortSignal): Promise<HealthCheck> {
  const { sellerId, marketplaceIds } = client.settings
  const request = {
    operation: 'getListingsItem',
    path: { sellerId, sku: NO_SKU },
    query: { marketplaceIds: marketplaceIds[0] ?? '', includedData: 'fulfillmentAvailability,productTypes' },
  } as const
  return roleCheck(LISTING_ROLE, `listings of ${sellerId} may be read`, () => asked(client, request, signal))
}

/** That there is no such thing is an answer too. */
async function asked(client: AmazonClient, request: AmazonRequest, signal: AbortSignal): Promise<void> {
  try {
    await client.send({ ...request, probe: true }, signal)
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
  }
}

async function roleCheck(role: string, detail: string, ask: () => Promise<unknown>): Promise<HealthCheck> {
  const check = `role ${role}`
  try {
    await ask()
    return { check, ok: true, detail }
  } catch (error) {
    if (!isConnectorError(error)) throw error
    const refused = error.kind === 'auth' || error.kind === 'permanent'
    const mend = `give the app the role "${role}" and authorise it again${role === LISTING_ROLE ? '; check seller_id' : ''}`
    return { check, ok: false, detail: error.message, fix: refused ? mend : fixes[error.kind] }
  }
}

/** As Amazon stated them, to whichever process asked last. It says nothing of what is left of them (contract section 6). */
async function checkLimits(client: AmazonClient): Promise<HealthCheck> {
  const told = await Promise.all(
    PACES.map(async (operation) => {
      const { perSecond, stated } = await client.paceOf(operation)
      // Stated rates are quotients: 0.006666666666666667 says no more than 0.0067.
      return `${operation} ${Number(perSecond.toPrecision(2))}/s${stated ? '' : ' (default)'}`
    }),
  )
  return { check: 'limits', ok: true, detail: told.join(', ') }
}

function ordersVersion({ settings, gate }: AmazonClient): HealthCheck {
  const check = 'orders_api'
  if (settings.ordersApi !== 'v0') return { check, ok: true, detail: settings.ordersApi }
  const ended = gate.clock.now() >= V0_ENDS_AT
  return { check, ok: !ended, detail: `v0, which ${ended ? 'ended' : 'ends'} on 2027-03-27`, fix: 'set orders_api: 2026-01-01' }
}
