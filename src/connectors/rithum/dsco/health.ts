import { type ConnectorError, isConnectorError } from '../../../core/errors.ts'
import type { Health, HealthCheck } from '../../../core/ports/marketplace.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { readStream } from './stream.ts'
import { choiceAmong, readWarehouses } from './warehouses.ts'
import { type WireStream, wireHello } from './wire.ts'

/** `until` must be 5 s in the past by the vendor's clock, and isync keeps 30 s away from it. */
const MOST_SKEW_MS = 20_000

/** The vendor's own test of the connection, the warehouses and, in that mode, the stream. Never throws ConnectorError. */
export async function checkHealth(client: DscoClient, signal: AbortSignal): Promise<Health> {
  const checks = await checkAccount(client, signal)
  // Nothing else can be asked with credentials that are refused.
  if (checks.every(({ ok, check }) => ok || check === 'clock')) {
    checks.push(await attempt('warehouses', () => checkWarehouses(client, signal)))
    checks.push({ check: 'orders', ok: true, detail: ordersIn(client) })
    if (client.settings.mode === 'stream') checks.push(await attempt('stream', () => checkStream(client, signal)))
    checks.push({
      check: 'listings',
      ok: true,
      detail:
        'a SKU must be an item of the Dsco catalogue before it takes a quantity; those that are not are told by the log of each batch',
    })
  }
  return { ok: checks.every(({ ok }) => ok), checks }
}

async function checkAccount(client: DscoClient, signal: AbortSignal): Promise<HealthCheck[]> {
  const request: DscoRequest = { operation: 'hello', method: 'GET', path: '/hello' }
  const { sandbox, auth, endpoint } = client.settings
  const host =
    endpoint === undefined ? (sandbox ? "the vendor's staging host" : "the vendor's production host") : 'the configured endpoint'
  try {
    const answer = await client.send(request, signal)
    client.parse(request, answer, wireHello)
    return [
      { check: 'reachable', ok: true, detail: `${host} answers` },
      {
        check: 'authenticated',
        ok: true,
        detail: auth.kind === 'static' ? 'the fixed token is accepted' : 'client credentials accepted',
      },
      clockCheck(client.gate.clock.now(), answer.headers['date']),
    ]
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return [
      { check: error.kind === 'auth' ? 'authenticated' : 'reachable', ok: false, detail: error.message, fix: fixes[error.kind] },
    ]
  }
}

function clockCheck(now: number, date: string | undefined): HealthCheck {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { check: 'clock', ok: true, detail: 'Dsco does not tell its time' }
  const skewMs = now - theirs
  const detail = `${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs < 0 ? 'behind' : 'ahead of'} Dsco`
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return { check: 'clock', ok: true, detail }
  return {
    check: 'clock',
    ok: false,
    detail,
    fix: 'set this machine by a time server: orders cannot be searched up to a future instant',
  }
}

async function checkWarehouses(client: DscoClient, signal: AbortSignal): Promise<HealthCheck> {
  const check = 'warehouses'
  const codes = await readWarehouses(client, signal)
  const wanted = client.settings.warehouseCode
  if (wanted === undefined) {
    const [only] = codes
    if (only !== undefined && codes.length === 1)
      return { check, ok: true, detail: `${only}, the only one, takes the quantities` }
    return { check, ok: false, detail: `${codes.length} in use`, fix: choiceAmong(codes) }
  }
  if (!codes.includes(wanted)) return { check, ok: false, detail: `${wanted} is none of this account's`, fix: choiceAmong(codes) }
  const others = codes.length - 1
  const rest = others === 0 ? '' : `; ${others} more keep what others write to them, if anybody does`
  return { check, ok: true, detail: `${wanted} takes the quantities${rest}` }
}

function ordersIn({ settings }: DscoClient): string {
  return settings.mode === 'stream'
    ? `read from stream ${settings.streamId ?? '?'}; a retailer's wish to cancel does not come this way`
    : 'read by pages, of every status and kind'
}

async function checkStream(client: DscoClient, signal: AbortSignal): Promise<HealthCheck> {
  const stream = await readStream(client, signal)
  const partitions = (stream.partitions ?? []).length
  const gaps = gapsIn(stream)
  const detail = `${stream.id}, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`
  if (gaps.length === 0) return { check: 'stream', ok: true, detail }
  return {
    check: 'stream',
    ok: false,
    detail: `${detail}; ${gaps.join('; ')}`,
    fix: 'change the query of the stream, or set mode: pages',
  }
}

/** What its query keeps from us (contract section 2). */
function gapsIn({ query }: WireStream): readonly string[] {
  const types = query?.orderTypes ?? ['dropship']
  const gaps: string[] = []
  if (!types.includes('marketplace')) gaps.push('marketplace orders are not in it (orderTypes)')
  if (!types.includes('dropship')) gaps.push('drop-ship orders are not in it (orderTypes)')
  if (lacks(query?.dscoLifecycle, ['created', 'acknowledged', 'completed']))
    gaps.push('cancelled orders are not in it (dscoLifecycle)')
  if (lacks(query?.statuses, ['created', 'shipment_pending', 'cancelled'])) gaps.push('cancelled orders are not in it (statuses)')
  return gaps
}

/** No filter lacks nothing. */
function lacks(filter: readonly string[] | null | undefined, needed: readonly string[]): boolean {
  return filter != null && filter.length > 0 && needed.some((one) => !filter.includes(one))
}

async function attempt(check: string, work: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await work()
  } catch (error) {
    if (!isConnectorError(error)) throw error
    return { check, ok: false, detail: error.message, fix: fixes[error.kind] }
  }
}

const fixes: Readonly<Record<ConnectorError['kind'], string>> = {
  auth: 'follow the message, then run doctor again',
  throttled: 'wait as long as the message says; see which other tools use this account',
  permanent: 'follow the message: check stream_id, warehouse_code, endpoint and sandbox',
  retryable: 'check network and endpoint, then run doctor again',
}
