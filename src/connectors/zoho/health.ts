import { isConnectorError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { exactJsonOf, readAnswer } from '../http/json.ts'
import type { ZohoClient } from './client.ts'
import { compareFields } from './field-check.ts'
import { organizationsReply } from './wire.ts'

const MOST_SKEW_MS = 2 * 60_000
/** Calls a day that the plans are said to include (contract section 7). Nothing is decided by it. */
const planCalls: Readonly<Record<string, number>> = { FREE: 1000, STANDARD: 2500, PROFESSIONAL: 5000, ENTERPRISE: 10_000 }

/** One read of the organizations, and a sample of items whose stock fields are compared: three calls. Never throws ConnectorError. */
export async function checkHealth(client: ZohoClient, signal: AbortSignal): Promise<Health> {
  const checks = await checksOf(client, signal)
  return { ok: checks.every((check) => check.ok), checks }
}

async function checksOf(client: ZohoClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const checks: HealthCheck[] = []
  try {
    const answer = await client.send({ operation: 'organizations', purse: 'named' }, signal)
    checks.push({ check: 'authenticated', ok: true, detail: `data centre ${client.settings.dataCenter}, token accepted` })
    checks.push(organization(client, answer), clock(client, answer))
    checks.push({ check: 'call budget', ok: true, detail: await client.budget.describe() })
    if (checks.every(({ ok }) => ok)) checks.push(...(await compareFields(client, signal)))
    return checks
  } catch (error) {
    if (!isConnectorError(error)) throw error
    const check = checks.length === 0 ? failedCheck[error.kind] : 'can read'
    return [...checks, { check, ok: false, detail: error.message, fix: fixes[error.kind] }]
  }
}

const failedCheck = { auth: 'authenticated', throttled: 'call budget', permanent: 'can read', retryable: 'reachable' } as const

const fixes = {
  auth: 'follow the message: check client id, secret, refresh token, scopes, zoho.data_center and zoho.organization_id, then run this check again',
  throttled: 'wait as long as the message says; see which other tools call this organization',
  permanent: 'check zoho.endpoint and zoho.organization_id',
  retryable: 'check network, zoho.data_center and endpoint, then run this check again',
} as const

function organization(client: ZohoClient, answer: VendorAnswer): HealthCheck {
  const call = { operation: 'organizations', effect: 'read' } as const
  const { organizations } = readAnswer(client.gate.account, call, answer, organizationsReply, exactJsonOf)
  const check = 'organization'
  const id = client.settings.organizationId
  const found = organizations.find((one) => one.organization_id === id)
  if (found === undefined) {
    const others = organizations.map((one) => one.organization_id).join(', ')
    const fix = `set zoho.organization_id to one of: ${others || 'none is open to this user'}`
    return { check, ok: false, detail: `${id} is not one of this user's`, fix }
  }
  const plan = found.plan_name?.trim() ?? ''
  const included = planCalls[plan.toUpperCase()]
  const calls = included === undefined ? '' : `, said to include ${included} calls a day`
  const detail = `${id}, time zone ${found.time_zone ?? 'unknown'}, plan ${plan === '' ? 'unknown' : plan}${calls}`
  if (found.is_org_active !== false) return { check, ok: true, detail }
  return { check, ok: false, detail: `${detail}; it is not active`, fix: 'activate the organization in Zoho' }
}

function clock(client: ZohoClient, answer: VendorAnswer): HealthCheck {
  const told = Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(told)) return { check: 'clock', ok: true, detail: 'Zoho did not tell its time' }
  const skewMs = client.gate.clock.now() - told
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} Zoho`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return { check: 'clock', ok: true, detail }
  return { check: 'clock', ok: false, detail, fix: 'set this machine by a time server' }
}
