/** What the stand-in knows: accounts, orders, shipments. Everything that changes during a run lives here. */

import type { Address, CompactLine, CompactOrder, Tracking } from './compact.ts'
import type { ExportFate, ExportRules, OrderExport } from './exports.ts'
import type { Fate, ImportRules, StockImport } from './imports.ts'
import type { Offers } from './offers.ts'

/** Order states of section 4, in the order in which an order goes through them. */
export const ORDER_STATES: readonly string[] = [
  'STAGING',
  'WAITING_ACCEPTANCE',
  'WAITING_DEBIT',
  'WAITING_DEBIT_PAYMENT',
  'SHIPPING',
  'SHIPPED',
  'TO_COLLECT',
  'RECEIVED',
  'CLOSED',
  'REFUSED',
  'CANCELED',
]

export interface RateLimits {
  /** Tokens per second and the size of the bucket; 0 turns the bucket off. */
  readonly per_second: number
  readonly burst: number
  /** Calls per virtual minute by operation, for instance { OR11: 1 }. Empty: off. */
  readonly per_minute: Readonly<Record<string, number>>
  /** Virtual milliseconds between two calls of an operation (section 7, "at most"). Empty: off. */
  readonly every_ms: Readonly<Record<string, number>>
  /** false: 429 without Retry-After; a number: always that many seconds. */
  readonly retry_after: boolean | number
}

export interface Settings {
  /** Where OR21 sends an accepted order. */
  readonly after_accept: 'SHIPPING' | 'WAITING_DEBIT' | 'WAITING_DEBIT_PAYMENT'
  /** Off: all shipment calls answer 404 and only OR23 + OR24 work. */
  readonly multi_shipment: boolean
  /** Decides the state of seeded orders that name none. */
  readonly auto_accept: boolean
  /** Off: OR21 takes all lines or none. */
  readonly partial_acceptance: boolean
  /** For all shipping methods, or for these shipping_type_codes. */
  readonly tracking_mandatory: boolean | readonly string[]
  /** ST01 takes effect this much later than it is answered. */
  readonly late_commit_ms: number
  /** How far OR11 reaches back before start_update_date. */
  readonly start_update_delta_ms: number
  /** The contract leaves open whether `quantity` has the cancelations taken off; default no. */
  readonly cancelation_lowers_quantity: boolean
  /** mixed: some fields to the second and some to the millisecond, as in the vendor's own example. */
  readonly times: 'mixed' | 'millis' | 'seconds'
  readonly stock_imports: ImportRules
  readonly order_exports: ExportRules
  /** Off: only the operator's own carriers are taken, by their codes. */
  readonly alternative_carriers: boolean
  /** Codes that may stand in a stock file; without any, only blank may. */
  readonly warehouses: readonly string[]
  readonly rate_limits: RateLimits
}

export type SettingsPatch = Partial<Omit<Settings, 'rate_limits' | 'stock_imports' | 'order_exports'>> & {
  readonly rate_limits?: Partial<RateLimits> | false
  readonly stock_imports?: Partial<ImportRules>
  readonly order_exports?: Partial<ExportRules>
}

const MINUTE_MS = 60_000

export const DEFAULT_SETTINGS: Settings = {
  after_accept: 'SHIPPING',
  multi_shipment: true,
  auto_accept: true,
  partial_acceptance: true,
  tracking_mandatory: false,
  late_commit_ms: 0,
  start_update_delta_ms: 5000,
  cancelation_lowers_quantity: false,
  times: 'mixed',
  stock_imports: { waiting_ms: 10_000, running_ms: 10_000, columns: 'named', header_counts: true, counts: true },
  order_exports: { offered: true, base_ms: 15_000, per_thousand_ms: 2_000, files_at: 'own', keep_ms: 24 * 60 * MINUTE_MS },
  alternative_carriers: true,
  warehouses: [],
  rate_limits: {
    per_second: 1,
    burst: 10,
    per_minute: {},
    every_ms: {
      OR13: 5 * MINUTE_MS,
      OR14: 2_000,
      STO01: MINUTE_MS,
      STO02: 15_000,
      STO03: MINUTE_MS,
      OF01: MINUTE_MS,
      OF24: MINUTE_MS,
    },
    retry_after: true,
  },
}

/** SH21, section 5. */
export interface Carrier {
  readonly code: string
  readonly label: string
  readonly standard_code?: string | null
  readonly tracking_url?: string | null
}

export interface Cancelation {
  readonly id: string
  readonly quantity: number
  readonly amount: number
  readonly at: number
}

export interface Line {
  readonly id: string
  readonly index: number
  readonly sku: string
  readonly quantity: number
  /** The line as seeded, for the fields that never change. */
  readonly source: CompactLine
  state: string
  /** The state before an incident was opened on it. */
  stateBeforeIncident: string | undefined
  canceled: number
  cancelations: Cancelation[]
  /** Units in any shipment, sent or not. */
  allocated: number
  shipped: number
  shippedAt: number | undefined
  updated: number
}

export interface Order {
  readonly id: string
  readonly shopId: number
  readonly created: number
  readonly source: CompactOrder
  state: string
  updated: number
  decidedAt: number | undefined
  debitedAt: number | undefined
  /** When it moved to SHIPPING; the addresses are visible from then on. */
  shippingSince: number | undefined
  hasIncident: boolean
  shipTo: Address
  tracking: Tracking | undefined
  shippedByOr24: boolean
  acceptRequests: number
  acceptedCalls: number
  readonly lines: Line[]
  readonly shipments: Shipment[]
  /** Laid over the rendered order, last. */
  readonly patches: unknown[]
  /** The list of what changed has lost it. */
  omitted: boolean
}

export interface ShipmentLine {
  readonly line: Line
  readonly quantity: number
  readonly package_reference: string | undefined
}

export interface Shipment {
  readonly id: string
  /** Position in the list of the account; the place for seek paging. */
  readonly position: number
  readonly order: Order
  readonly created: number
  readonly lines: readonly ShipmentLine[]
  readonly invoiceReference: string | undefined
  readonly warehouse: string | undefined
  updated: number | undefined
  shippedAt: number | undefined
  status: string
  tracking: Tracking | undefined
}

/** One key on one marketplace. Two accounts share nothing (contract section 0). */
export interface Account {
  readonly apiKey: string
  readonly marketplace: string
  readonly defaultShop: number
  readonly shops: readonly number[]
  readonly shopName: string
  readonly currency: string
  readonly channel: string | undefined
  /** What each order of this operator is unless it says otherwise: locale, tax mode, shipping methods, fields of its own. */
  readonly defaults: CompactOrder
  settings: Settings
  carriers: readonly Carrier[]
  revoked: boolean
  readonly orders: Map<string, Order>
  readonly shipments: Shipment[]
  readonly shipmentsById: Map<string, Shipment>
  readonly offers: Offers
  readonly imports: StockImport[]
  readonly importsById: Map<string, StockImport>
  /** What is to become of the next import. */
  nextFate: Fate | undefined
  readonly exports: OrderExport[]
  nextExportFate: ExportFate | undefined
  /** Sorted views, made when first needed. */
  byCreated: readonly Order[] | undefined
  byShipping: readonly Order[] | undefined
  tokens: number
  refilledAt: number
  readonly callTimes: Map<string, number[]>
  readonly lastCalls: Map<string, number>
}

export interface State {
  readonly accounts: Map<string, Account>
  settings: SettingsPatch
  carriers: readonly Carrier[]
  readonly calls: Record<string, number>
  throttled: number
  orderCount: number
  shipmentCount: number
  importCount: number
  exportCount: number
  offerCount: number
  cancelationCount: number
  /** ST01 calls that are answered and not yet in effect. */
  readonly pending: { readonly due: number; readonly apply: (at: number) => void }[]
}
