import type { HealthCheck } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { importPath, LAST_IMPORT, STATUS_RATE } from './stock-plan.ts'
import { wireOfferPage } from './wire.ts'

const ONE = [
  ['max', '1'],
  ['offset', '0'],
] as const

/** OF21: whether offers can be read, and how many there are. The list is what unlisted SKUs are looked up in. */
export async function checkListings(client: MiraklClient, signal: AbortSignal): Promise<HealthCheck> {
  const request: MiraklRequest = { operation: 'OF21', method: 'GET', path: '/api/offers', query: ONE, expect: [403] }
  const answer = await client.send(request, signal)
  if (answer.status === 403) return withoutRight(client, 'listings', 'read offers (OF21)')
  const total = readAnswer(client.gate.account, client.callOf(request), answer, wireOfferPage).total_count
  if (total === undefined || total === null) return { check: 'listings', ok: true, detail: 'offers can be read' }
  if (total > 0) return { check: 'listings', ok: true, detail: `${total} offers` }
  const detail = `the shop has no offers: every SKU counts as unlisted (if it has some, compare shop_id of ${client.settings.channel})`
  return { check: 'listings', ok: true, detail }
}

/**
 * Whether the key may hand over stock files (STO01) can only be told by the last one: handing one over would be no look. One that
 * the marketplace no longer knows was taken all the same.
 */
export async function checkStockFiles(client: MiraklClient, signal: AbortSignal): Promise<HealthCheck> {
  const last = await client.gate.shared.recall(LAST_IMPORT)
  if (last === undefined)
    return {
      check: 'stock',
      ok: true,
      detail: 'no stock file (STO01) has been taken lately: the first one shows whether the key may',
    }
  const path = importPath(last)
  const request: MiraklRequest = { operation: 'STO02', method: 'GET', path, rate: STATUS_RATE, expect: [400, 403, 404] }
  const { status } = await client.send(request, signal)
  if (status === 403) return withoutRight(client, 'stock', 'follow stock files (STO02)')
  return { check: 'stock', ok: true, detail: 'stock files (STO01) are taken and can be followed' }
}

const LEFT = /^(?:x-)?rate-?limit-remaining/

/** Mirakl publishes no headers for what is left of a limit, only a wait once it is used up; a proxy before it may have some. */
export function checkLimits(headers: Readonly<Record<string, string>>): HealthCheck {
  const left = Object.entries(headers).find(([name]) => LEFT.test(name))
  if (left === undefined)
    return { check: 'limits', ok: true, detail: 'the marketplace does not tell what is left; not throttled now' }
  const [name, value] = left
  const count = /^\d{1,9}/.exec(value)?.[0]
  if (count !== '0') return { check: 'limits', ok: true, detail: `${count ?? 'some'} calls left (${name})` }
  return {
    check: 'limits',
    ok: false,
    detail: `no call left (${name})`,
    fix: 'see which other tools use this key; then run doctor again',
  }
}

function withoutRight(client: MiraklClient, check: string, what: string): HealthCheck {
  const detail = `this key may not ${what}`
  const fix = `give the user of the key of ${client.settings.channel} the right in the marketplace back office (users, roles), or ask the operator`
  return { check, ok: false, detail, fix }
}
