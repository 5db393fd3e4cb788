import { isConnectorError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Health, HealthCheck } from '../../core/ports/marketplace.ts'
import type { Store } from '../../core/ports/shipping.ts'
import { budgetOf } from './rate.ts'

/** Cursors are compared with the vendor's times: a clock this far off is worth a word. */
const MOST_SKEW_MS = 2 * 60_000

/** What one answered reading of the stores tells. `receivedAt` is our own clock, epoch ms. */
export function healthOf(stores: readonly Store[], answer: VendorAnswer, receivedAt: number): Health {
  const importing = stores.filter((store) => store.active && !store.manual).length
  const checks = [
    pass('authenticated', 'the key pair is accepted'),
    pass('can read', `${stores.length} stores, ${importing} of them import orders by themselves`),
    budgetCheck(answer),
    clockCheck(answer, receivedAt),
  ]
  return { ok: checks.every((check) => check.ok), checks }
}

/** What a failed reading tells. Anything but a ConnectorError is thrown again. */
export function sickness(error: unknown): Health {
  if (!isConnectorError(error)) throw error
  const check = { auth: 'authenticated', throttled: 'call budget', permanent: 'can read', retryable: 'reachable' }[error.kind]
  return { ok: false, checks: [{ check, ok: false, detail: error.message, fix: fixes[error.kind] }] }
}

const fixes = {
  auth: 'Settings > Account > API Settings in ShipStation: see whether the key has expired; make a new pair and put it where shipstation.api_key and shipstation.api_secret of the configuration point',
  throttled:
    'wait for the next minute; see which other tool uses the same key pair (the second pair is for rotation, not for more calls)',
  permanent: 'see that shipstation.endpoint is right, and that the plan still includes the API',
  retryable: 'see status.shipstation.com and the network, then try again',
}

function budgetCheck(answer: VendorAnswer): HealthCheck {
  const { perMinute, remaining } = budgetOf(answer.headers)
  if (perMinute === undefined) return pass('call budget', 'the vendor did not say how many calls a minute it allows')
  return pass('call budget', `${perMinute} calls a minute, ${remaining ?? 'unknown how many'} left in this one`)
}

function clockCheck(answer: VendorAnswer, receivedAt: number): HealthCheck {
  const theirs = Date.parse(answer.headers['date'] ?? '')
  if (Number.isNaN(theirs)) return pass('clock', 'the vendor did not say what time it is')
  const skewS = Math.round((receivedAt - theirs) / 1000)
  const detail = `our clock is ${Math.abs(skewS)} s ${skewS < 0 ? 'behind' : 'ahead of'} the vendor's`
  if (Math.abs(skewS) * 1000 <= MOST_SKEW_MS) return pass('clock', detail)
  return { check: 'clock', ok: false, detail, fix: 'set the clock of this host (NTP)' }
}

function pass(check: string, detail: string): HealthCheck {
  return { check, ok: true, detail }
}
