import { isConnectorError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { AmazonClient } from './client.ts'
import { V0_ENDS_AT } from './source-v0.ts'
import { participationsReply } from './wire.ts'

const MAX_SKEW_MS = 2 * 60_000

/**
 * One read of the marketplace participations. It proves reach, token and consent, its `Date` header tells the clocks apart, and
 * its bucket (15 calls, one more a minute) is nobody else's, whereas each search costs three minutes of the pull's rate
 * (contract sections 1 and 2). What it does not prove is the roles: orders without an address show a missing one.
 */
export async function checkHealth(client: AmazonClient, signal: AbortSignal): Promise<Health> {
  const checks = await checksOf(client, signal)
  return { ok: checks.every((check) => check.ok), checks }
}

async function checksOf(client: AmazonClient, signal: AbortSignal): Promise<readonly HealthCheck[]> {
  const version = ordersVersion(client)
  try {
    const answer = await client.send({ operation: 'getMarketplaceParticipations' }, signal)
    const authenticated = { check: 'authenticated', ok: true, detail: `region ${client.settings.region}, token accepted` }
    return [authenticated, marketplaces(client, answer), clock(client, answer), version]
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return [{ check: 'authenticated', ok: false, detail: error.message, fix: fixes[error.kind] }, version]
  }
}

const fixes = {
  auth: 'follow the message: check client secret, refresh token, roles and consent, then run this check again',
  throttled: 'wait a minute and run this check again',
  retryable: 'check network, region and endpoint, then run this check again',
  permanent: 'check region and endpoint',
} as const

function marketplaces(client: AmazonClient, answer: VendorAnswer): HealthCheck {
  const call = { operation: 'getMarketplaceParticipations', effect: 'read' } as const
  const { payload } = readAnswer(client.gate.account, call, answer, participationsReply)
  const active = new Set(payload.filter((one) => one.participation.isParticipating).map((one) => one.marketplace.id))
  const absent = client.settings.marketplaceIds.filter((id) => !active.has(id))
  if (absent.length === 0)
    return { check: 'marketplaces', ok: true, detail: `sells in ${client.settings.marketplaceIds.join(', ')}` }
  const fix = `marketplace_ids may name: ${[...active].join(', ') || 'none'}`
  return { check: 'marketplaces', ok: false, detail: `the seller does not sell in ${absent.join(', ')}`, fix }
}

function clock(client: AmazonClient, answer: VendorAnswer): HealthCheck {
  const told = Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(told)) return { check: 'clock', ok: true, detail: 'Amazon did not tell its time' }
  const skewMs = client.gate.clock.now() - told
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} Amazon`
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { check: 'clock', ok: true, detail }
  return { check: 'clock', ok: false, detail, fix: 'set this machine by a time server' }
}

function ordersVersion({ settings, gate }: AmazonClient): HealthCheck {
  const check = 'orders_api'
  if (settings.ordersApi !== 'v0') return { check, ok: true, detail: settings.ordersApi }
  const ended = gate.clock.now() >= V0_ENDS_AT
  return { check, ok: !ended, detail: `v0, which ${ended ? 'ended' : 'ends'} on 2027-03-27`, fix: 'set orders_api: 2026-01-01' }
}
