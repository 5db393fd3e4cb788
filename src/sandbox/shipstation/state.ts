import { DEFAULT_KEYS, DEFAULT_RATE_LIMIT, type KeyPair } from './access.ts'
import { type Carrier, DEFAULT_CARRIERS, DEFAULT_STORES, type Store } from './defaults.ts'

export type Address = Record<string, string | boolean | null>

export interface ItemDocument {
  readonly lineItemKey: string | null
  readonly sku: string | null
  readonly name: string | null
  readonly quantity: number | null
  readonly unitPrice: number | null
  readonly adjustment: boolean | null
  readonly [field: string]: unknown
}

/** The writable part of an order, in wire names; dates are already Los Angeles text (contract section 5). */
export interface OrderDocument {
  readonly orderId: number | null
  readonly orderNumber: string | null
  readonly orderKey: string | null
  readonly orderDate: string | null
  readonly paymentDate: string | null
  readonly orderStatus: string | null
  readonly billTo: Address | null
  readonly shipTo: Address | null
  readonly items: readonly ItemDocument[] | null
  readonly amountPaid: number | null
  readonly taxAmount: number | null
  readonly shippingAmount: number | null
  readonly carrierCode: string | null
  readonly serviceCode: string | null
  readonly advancedOptions: { readonly storeId: number | null; readonly [field: string]: unknown } | null
  readonly tagIds: readonly number[] | null
  readonly [field: string]: unknown
}

export interface StoredItem {
  readonly orderItemId: number
  readonly document: ItemDocument
  readonly quantity: number
  readonly createdAt: number
}

export interface StoredOrder {
  readonly orderId: number
  readonly orderKey: string
  readonly orderNumber: string
  readonly storeId: number
  readonly customerId: number
  readonly createdAt: number
  modifiedAt: number
  document: OrderDocument
  items: StoredItem[]
  status: string
  tagIds: number[]
  holdUntil: string | null
  externallyFulfilled: boolean
  parentId: number | null
  mergedOrSplit: boolean
  mergedIds: number[]
  /** The order that swallowed this one; it is out of all lists then. */
  mergedInto: number | null
  /** Deleted through the API: inactive, out of all lists. */
  deleted: boolean
  createCalls: number
}

export interface PackedItem {
  readonly item: StoredItem
  readonly quantity: number
}

export interface Label {
  readonly shipmentId: number
  readonly batch: number
  readonly order: StoredOrder | null
  readonly createdAt: number
  readonly shipDate: string
  readonly tracking: string
  readonly carrierCode: string
  readonly serviceCode: string
  readonly isReturn: boolean
  /** Null: the vendor does not say what is inside. */
  readonly items: readonly PackedItem[] | null
  /** The package that holds whatever no other package names. */
  readonly coversRest: boolean
  voidedAt: number | null
}

export interface Fulfillment {
  readonly fulfillmentId: number
  readonly order: StoredOrder
  readonly createdAt: number
  /** Midnight in Los Angeles. */
  readonly shipDate: string
  readonly tracking: string
  readonly carrierName: string | null
}

export interface Tag {
  readonly tagId: number
  readonly name: string
  readonly color: string
}

export interface Webhook {
  readonly id: number
  readonly url: string
  readonly event: string
  readonly storeId: number | null
  readonly name: string | null
}

export interface HookSettings {
  /** What resource_url begins with: an origin, or `own` for the one that this stand-in was called at. */
  readonly resourceOrigin: string
  /** Whether a mark as shipped makes FULFILLMENT_SHIPPED: nobody says (contract section 9). */
  readonly onMarks: boolean
}

export interface Notification {
  readonly target_url: string
  readonly event: string
  readonly body: { readonly resource_url: string; readonly resource_type: string }
}

/** A write that was answered but shows only later. */
export interface PendingWrite {
  readonly due: number
  readonly apply: () => void
}

export interface State {
  keys: readonly KeyPair[]
  rateLimit: number
  lateCommitMs: number
  pagesZero: boolean
  poison: RegExp | undefined
  readonly reject: Map<string, string>
  stores: Store[]
  carriers: readonly Carrier[]
  tags: Tag[]
  readonly webhooks: Webhook[]
  /** Insertion order is the order of ids. */
  readonly orders: Map<number, StoredOrder>
  readonly ordersByKey: Map<string, StoredOrder[]>
  /** Ids promised to orders whose write has not shown yet. */
  readonly promised: Map<string, number>
  pending: PendingWrite[]
  readonly labels: Label[]
  /** By orderId. */
  readonly labelsOf: Map<number, Label[]>
  readonly fulfillments: Fulfillment[]
  hooks: HookSettings
  /** Origin under which this account was called last; '' before the first call. */
  heardAt: string
  /** What goes to the subscribers, all of it. */
  readonly notifications: Notification[]
  /** Those of them that are not given out for sending yet. */
  unsent: Notification[]
  readonly calls: Map<string, number>
  nextId(kind: IdKind): number
}

type IdKind = 'order' | 'item' | 'customer' | 'key' | 'shipment' | 'batch' | 'fulfillment' | 'webhook'

const FIRST_ID: Readonly<Record<IdKind, number>> = {
  order: 140_335_001,
  item: 192_210_001,
  customer: 63_310_001,
  key: 1,
  shipment: 33_974_001,
  batch: 100_301,
  fulfillment: 246_301,
  webhook: 123_401,
}

const DEFAULT_HOOKS: HookSettings = { resourceOrigin: 'https://ssapi6.shipstation.com', onMarks: false }

/** An account with one default key pair, a manual store for each kind of channel and no orders. */
export function emptyState(): State {
  const last = new Map<IdKind, number>()
  return {
    keys: DEFAULT_KEYS,
    rateLimit: DEFAULT_RATE_LIMIT,
    lateCommitMs: 0,
    pagesZero: false,
    poison: undefined,
    reject: new Map(),
    stores: [...DEFAULT_STORES],
    carriers: DEFAULT_CARRIERS,
    tags: [],
    webhooks: [],
    orders: new Map(),
    ordersByKey: new Map(),
    promised: new Map(),
    pending: [],
    labels: [],
    labelsOf: new Map(),
    fulfillments: [],
    hooks: DEFAULT_HOOKS,
    heardAt: '',
    notifications: [],
    unsent: [],
    calls: new Map(),
    nextId(kind) {
      const id = (last.get(kind) ?? FIRST_ID[kind] - 1) + 1
      last.set(kind, id)
      return id
    },
  }
}

/** Lets every write show whose time has come. */
export function settle(state: State, now: number): void {
  if (state.pending.length === 0) return
  const due = state.pending.filter((write) => write.due <= now)
  state.pending = state.pending.filter((write) => write.due > now)
  for (const write of due) write.apply()
}

/** Only these can be changed by a write: contract section 4. */
export function isOpen(order: StoredOrder): boolean {
  return ['awaiting_payment', 'awaiting_shipment', 'on_hold'].includes(order.status) && order.mergedInto === null
}

/** In the account as a clerk sees it. */
export function isListed(order: StoredOrder): boolean {
  return !order.deleted && order.mergedInto === null
}
