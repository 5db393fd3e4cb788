import { reader } from './compact.ts'

const KEYS = [
  'propagation_ms',
  'log_ms',
  'log_only_ms',
  'page_cut',
  'log_page',
  'scroll_id',
  'until',
  'overship',
  'repeat_package',
  'repeat_acknowledge',
  'unknown_log',
  'inventory_status',
  'unnamed_warehouses',
  'too_big',
  'order_sync',
  'float_noise',
  'strangers',
]

export interface Settings {
  /** How long a change takes to be seen by reads and streams (contract section 6). */
  readonly propagationMs: number
  /** How long the work on one asynchronous request takes. */
  readonly logMs: number
  /** How much longer the log needs to tell of it. */
  readonly logOnlyMs: number
  /** Every page of orders has this many fewer than was asked for: a short page is not the end. */
  readonly pageCut: number
  /** Entries on one page of a log; the vendor does not say how many. */
  readonly logPage: number
  /** `always`: also where all fits on one page (contract section 2: the end is an empty page). */
  readonly scrollId: 'always' | 'when-more'
  /** Whether a change at the very end of a window is in it; the vendor does not say. */
  readonly until: 'exclusive' | 'inclusive'
  /** A package with more units than are left: fails in the log, or is taken. */
  readonly overship: 'fails' | 'adds'
  /** A tracking number that the order already has: a second package (contract section 4), or a failure. */
  readonly repeatPackage: 'adds' | 'fails'
  /** An order that is acknowledged already (contract section 3: the log may say failure). */
  readonly repeatAcknowledge: 'failure' | 'success'
  /** What the log says of a request it does not know; the model has no 404 here. */
  readonly unknownLog: 'COMPLETED' | 'PROCESSING'
  /** Whether an update needs a status: the vendor contradicts itself (contract section 5). */
  readonly inventoryStatus: 'optional' | 'required'
  /** Warehouses that an update does not name keep what they have, or are emptied; the vendor does not say. */
  readonly unnamedWarehouses: 'kept' | 'cleared'
  /** The answer to more than 5 MB. */
  readonly tooBig: 413 | 400
  /** A sync of an order stream: the published text has it for inventory and catalog only. */
  readonly orderSync: 'refused' | 'done'
  /** Amounts as 32 bit floats leave them: 10.1 is 10.100000381469727. */
  readonly floatNoise: boolean
  /** Answers carry an attribute that no model has: the vendor may add some at any time. */
  readonly strangers: boolean
}

export const DEFAULT_SETTINGS: Settings = {
  propagationMs: 3_000,
  logMs: 2_000,
  logOnlyMs: 0,
  pageCut: 0,
  logPage: 1_000,
  scrollId: 'always',
  until: 'exclusive',
  overship: 'fails',
  repeatPackage: 'adds',
  repeatAcknowledge: 'failure',
  unknownLog: 'COMPLETED',
  inventoryStatus: 'optional',
  unnamedWarehouses: 'kept',
  tooBig: 413,
  orderSync: 'refused',
  floatNoise: false,
  strangers: true,
}

/** The `settings` of a seed over what is set. */
export function readSettings(value: unknown, before: Settings): Settings {
  const given = reader('settings', value, KEYS)
  const tooBig = given.count('too_big') ?? before.tooBig
  if (tooBig !== 413 && tooBig !== 400) throw new Error('settings.too_big: must be 413 or 400')
  return {
    propagationMs: given.count('propagation_ms') ?? before.propagationMs,
    logMs: given.count('log_ms') ?? before.logMs,
    logOnlyMs: given.count('log_only_ms') ?? before.logOnlyMs,
    pageCut: given.count('page_cut') ?? before.pageCut,
    logPage: given.count('log_page') ?? before.logPage,
    scrollId: given.oneOf('scroll_id', ['always', 'when-more']) ?? before.scrollId,
    until: given.oneOf('until', ['exclusive', 'inclusive']) ?? before.until,
    overship: given.oneOf('overship', ['fails', 'adds']) ?? before.overship,
    repeatPackage: given.oneOf('repeat_package', ['adds', 'fails']) ?? before.repeatPackage,
    repeatAcknowledge: given.oneOf('repeat_acknowledge', ['failure', 'success']) ?? before.repeatAcknowledge,
    unknownLog: given.oneOf('unknown_log', ['COMPLETED', 'PROCESSING']) ?? before.unknownLog,
    inventoryStatus: given.oneOf('inventory_status', ['optional', 'required']) ?? before.inventoryStatus,
    unnamedWarehouses: given.oneOf('unnamed_warehouses', ['kept', 'cleared']) ?? before.unnamedWarehouses,
    tooBig,
    orderSync: given.oneOf('order_sync', ['refused', 'done']) ?? before.orderSync,
    floatNoise: given.flag('float_noise') ?? before.floatNoise,
    strangers: given.flag('strangers') ?? before.strangers,
  }
}
