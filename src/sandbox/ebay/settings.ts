import { type Reader, reader } from './compact.ts'

const KEYS = [
  'consolidation_ms',
  'inventory_batch',
  'expired_inventory_token',
  'repeat_fulfillment',
  'notices',
  'refund_drops_paid_time',
  'quota_resets',
  'tracking_lag_ms',
]

export interface Settings {
  /** How long an order of several lines shows the first one only (contract section 2.1). */
  readonly consolidationMs: number
  /** SKUs that one bulk update takes: the vendor's pages say 25 and also 1 (contract section 5.1). */
  readonly inventoryBatch: number
  /** How Inventory tells an expired token: as the others do, or as missing rights (contract section 7). */
  readonly expiredInventoryToken: 401 | 403
  /** A package that is reported twice: stands there twice, or is a 409 (contract section 4.2). */
  readonly repeatFulfillment: 'adds' | 'conflict'
  /** Every good Trading answer is an Ack Warning with a notice. */
  readonly notices: boolean
  /** As the documents of 2019 say; those of 2025 do not (contract section 2.3). */
  readonly refundDropsPaidTime: boolean
  readonly quotaResets: 'pacific' | 'utc'
  /** How long GetOrders does not show yet what CompleteSale said. */
  readonly trackingLagMs: number
}

export const DEFAULT_SETTINGS: Settings = {
  consolidationMs: 90_000,
  inventoryBatch: 25,
  expiredInventoryToken: 403,
  repeatFulfillment: 'adds',
  notices: false,
  refundDropsPaidTime: false,
  quotaResets: 'pacific',
  trackingLagMs: 0,
}

/** The `settings` of a seed over what is set. */
export function readSettings(value: unknown, before: Settings): Settings {
  const given = reader('settings', value, KEYS)
  return {
    consolidationMs: given.count('consolidation_ms') ?? before.consolidationMs,
    inventoryBatch: given.count('inventory_batch') ?? before.inventoryBatch,
    expiredInventoryToken: expiredToken(given) ?? before.expiredInventoryToken,
    repeatFulfillment: given.oneOf('repeat_fulfillment', ['adds', 'conflict']) ?? before.repeatFulfillment,
    notices: given.flag('notices') ?? before.notices,
    refundDropsPaidTime: given.flag('refund_drops_paid_time') ?? before.refundDropsPaidTime,
    quotaResets: given.oneOf('quota_resets', ['pacific', 'utc']) ?? before.quotaResets,
    trackingLagMs: given.count('tracking_lag_ms') ?? before.trackingLagMs,
  }
}

function expiredToken(given: Reader): 401 | 403 | undefined {
  const status = given.count('expired_inventory_token')
  if (status !== undefined && status !== 401 && status !== 403)
    throw new Error('settings.expired_inventory_token: must be 401 or 403')
  return status
}
