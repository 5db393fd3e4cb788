import { DEFAULT_CARRIERS } from './carriers.ts'
import type { Address, CompactLine, CompactOrder } from './compact.ts'
import { unitPrice } from './line-wire.ts'
import {
  type Account,
  type Carrier,
  DEFAULT_SETTINGS,
  type Line,
  type Order,
  type Settings,
  type SettingsPatch,
  type State,
} from './model.ts'
import { addOffers, type CompactOffer } from './offer-seed.ts'
import { emptyOffers } from './offers.ts'
import { isEnded, markLineShipped, settleOrder } from './transitions.ts'
import { amount, decimal, isRecord } from './wire.ts'

export const DEFAULT_KEY = 'sandbox-key'
export const DEFAULT_SHOP = 2001
const BEFORE_SHIPPING: ReadonlySet<string> = new Set(['STAGING', 'WAITING_ACCEPTANCE', 'WAITING_DEBIT', 'WAITING_DEBIT_PAYMENT'])
const AFTER_SHIPPING: ReadonlySet<string> = new Set(['SHIPPED', 'TO_COLLECT', 'RECEIVED', 'CLOSED'])

/** One key of one marketplace. `shops` are all shops the key sees; `shop_id` is its default. */
export interface AccountSeed {
  readonly api_key: string
  readonly marketplace?: string
  readonly shop_id?: number
  readonly shops?: readonly number[]
  readonly shop_name?: string
  readonly currency?: string
  readonly channel?: string
  /** What each of its orders is unless it says otherwise; `ship_to` is merged. */
  readonly defaults?: CompactOrder
  readonly settings?: SettingsPatch
  readonly carriers?: readonly Carrier[]
}

/** Everything is optional; a second seed adds, and its settings win. */
export interface MiraklSeed {
  readonly accounts?: readonly AccountSeed[]
  readonly settings?: SettingsPatch
  readonly rate_limits?: SettingsPatch['rate_limits']
  readonly carriers?: readonly Carrier[]
  readonly orders?: readonly CompactOrder[]
  readonly offers?: readonly CompactOffer[]
}

export function emptyState(): State {
  const state: State = {
    accounts: new Map(),
    settings: {},
    carriers: DEFAULT_CARRIERS,
    calls: {},
    throttled: 0,
    orderCount: 0,
    shipmentCount: 0,
    importCount: 0,
    exportCount: 0,
    offerCount: 0,
    cancelationCount: 0,
    pending: [],
  }
  addAccount(state, { api_key: DEFAULT_KEY, shop_id: DEFAULT_SHOP })
  return state
}

export function applySeed(state: State, document: unknown, now: number): void {
  if (!isRecord(document)) throw new Error('A Mirakl seed is an object.')
  const seed = document as MiraklSeed
  if (seed.carriers !== undefined) {
    state.carriers = seed.carriers
    for (const account of state.accounts.values()) account.carriers = seed.carriers
  }
  const patch: SettingsPatch = { ...seed.settings, ...(seed.rate_limits === undefined ? {} : { rate_limits: seed.rate_limits }) }
  state.settings = { ...state.settings, ...patch }
  for (const account of state.accounts.values()) account.settings = settle(account.settings, patch)
  for (const account of seed.accounts ?? []) addAccount(state, account)
  addOrders(state, seed.orders ?? [], now)
  addOffers(state, seed.offers ?? [], now)
}

function settle(settings: Settings, patch: SettingsPatch): Settings {
  const { rate_limits: limits, stock_imports, order_exports, ...rest } = patch
  const off = { ...settings.rate_limits, per_second: 0, per_minute: {}, every_ms: {} }
  const rate_limits = limits === false ? off : { ...settings.rate_limits, ...limits }
  return {
    ...settings,
    ...rest,
    rate_limits,
    stock_imports: { ...settings.stock_imports, ...stock_imports },
    order_exports: { ...settings.order_exports, ...order_exports },
  }
}

/** A known key keeps its orders and takes the new settings. */
function addAccount(state: State, seed: AccountSeed): void {
  const known = state.accounts.get(seed.api_key)
  const base = known?.settings ?? settle(DEFAULT_SETTINGS, state.settings)
  const settings = settle(base, seed.settings ?? {})
  const defaultShop = seed.shop_id ?? known?.defaultShop ?? DEFAULT_SHOP
  state.accounts.set(seed.api_key, {
    apiKey: seed.api_key,
    marketplace: seed.marketplace ?? known?.marketplace ?? `marketplace-${state.accounts.size + 1}`,
    defaultShop,
    shops: seed.shops ?? (seed.shop_id === undefined ? known?.shops : undefined) ?? [defaultShop],
    shopName: seed.shop_name ?? known?.shopName ?? `Sandbox Shop ${defaultShop}`,
    currency: seed.currency ?? known?.currency ?? 'USD',
    channel: seed.channel ?? known?.channel,
    defaults: seed.defaults ?? known?.defaults ?? {},
    settings,
    carriers: seed.carriers ?? known?.carriers ?? state.carriers,
    revoked: known?.revoked ?? false,
    orders: known?.orders ?? new Map(),
    shipments: known?.shipments ?? [],
    shipmentsById: known?.shipmentsById ?? new Map(),
    offers: known?.offers ?? emptyOffers(),
    imports: known?.imports ?? [],
    importsById: known?.importsById ?? new Map(),
    nextFate: known?.nextFate,
    exports: known?.exports ?? [],
    nextExportFate: known?.nextExportFate,
    byCreated: known?.byCreated,
    byShipping: known?.byShipping,
    tokens: settings.rate_limits.burst,
    refilledAt: 0,
    callTimes: known?.callTimes ?? new Map(),
    lastCalls: known?.lastCalls ?? new Map(),
  })
}

export function addOrders(state: State, orders: readonly CompactOrder[], now: number): readonly string[] {
  return orders.map((source) => {
    const account = state.accounts.get(source.api_key ?? DEFAULT_KEY)
    if (account === undefined) throw new Error(`No account has the key '${source.api_key}'.`)
    state.orderCount += 1
    const order = makeOrder(state, account, source, now)
    if (account.orders.has(order.id)) throw new Error(`Order '${order.id}' exists already.`)
    if (source.lines?.some((line) => line.canceled_quantity !== undefined)) settleOrder(order, order.updated)
    account.orders.set(order.id, order)
    account.byCreated = undefined
    account.byShipping = undefined
    return order.id
  })
}

function makeOrder(state: State, account: Account, own: CompactOrder, now: number): Order {
  const { defaults } = account
  const source: CompactOrder = { ...defaults, ...own, ship_to: { ...defaults.ship_to, ...own.ship_to } }
  const number = state.orderCount
  const id = source.order_id ?? `SBX-${String(number).padStart(5, '0')}-A`
  const orderState = source.state ?? (account.settings.auto_accept ? 'SHIPPING' : 'WAITING_ACCEPTANCE')
  const created = instant(source.created_at) ?? now
  const updated = instant(source.updated_at) ?? created
  const reached = orderState === 'SHIPPING' || AFTER_SHIPPING.has(orderState)
  const undecided = orderState === 'STAGING' || orderState === 'WAITING_ACCEPTANCE'
  const sources = source.lines ?? [{}]
  if (typeof source.shipping_deadline === 'string') instant(source.shipping_deadline)
  for (const line of sources) checkLine(id, line)
  return {
    id,
    shopId: source.shop ?? account.defaultShop,
    created,
    source,
    state: orderState,
    updated,
    decidedAt: undecided || account.settings.auto_accept ? undefined : created,
    debitedAt: BEFORE_SHIPPING.has(orderState) || isEnded(orderState) ? undefined : created,
    shippingSince: instant(source.shipping_since) ?? (reached ? created : undefined),
    hasIncident: source.has_incident ?? false,
    shipTo: { ...inventedAddress(number), ...source.ship_to },
    tracking: source.tracking,
    shippedByOr24: false,
    acceptRequests: 0,
    acceptedCalls: 0,
    lines: sources.map((line, i) => makeLine(state, id, orderState, line, i, updated)),
    shipments: [],
    patches: source.wire === undefined ? [] : [source.wire],
    omitted: false,
  }
}

/** A slip in a seed must show when it is seeded, not when the order is read. Odd values belong into `wire`. */
function checkLine(orderId: string, line: CompactLine): void {
  if (!Number.isSafeInteger(line.quantity ?? 1)) throw new Error(`Order '${orderId}': a quantity must be a whole number.`)
  const amounts: (string | number | undefined)[] = [
    line.price_unit,
    line.shipping_price,
    ...(line.refunds ?? []).map((refund) => refund.amount),
  ]
  for (const tax of [...(line.taxes ?? []), ...(line.shipping_taxes ?? [])]) amounts.push(tax.amount, tax.rate)
  for (const each of amounts) if (each !== undefined) decimal(each)
}

function makeLine(state: State, orderId: string, orderState: string, source: CompactLine, i: number, at: number): Line {
  const quantity = source.quantity ?? 1
  const lineState = source.state ?? orderState
  const line: Line = {
    id: source.order_line_id ?? `${orderId}-${i + 1}`,
    index: i + 1,
    sku: source.offer_sku ?? `SKU-${i + 1}`,
    quantity,
    source,
    state: lineState,
    stateBeforeIncident: undefined,
    canceled: 0,
    cancelations: [],
    allocated: 0,
    shipped: 0,
    shippedAt: undefined,
    updated: at,
  }
  const canceled = source.canceled_quantity ?? (lineState === 'CANCELED' ? quantity : 0)
  if (canceled > 0) cancelUnits(state, line, canceled, at)
  if (AFTER_SHIPPING.has(lineState)) markLineShipped(line, at)
  return line
}

/** Books a cancelation on a line; the caller settles the states. */
export function cancelUnits(state: State, line: Line, quantity: number, at: number): void {
  state.cancelationCount += 1
  line.canceled += quantity
  line.cancelations.push({
    id: String(1000 + state.cancelationCount),
    quantity,
    amount: amount(unitPrice(line.source) * BigInt(quantity)),
    at,
  })
}

function instant(value: number | string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = typeof value === 'number' ? value : Date.parse(value)
  if (!Number.isFinite(ms)) throw new Error(`'${value}' is not a time.`)
  return ms
}

function inventedAddress(number: number): Address {
  return {
    city: 'Testville',
    country: 'United States',
    country_iso_code: 'USA',
    firstname: 'Sample',
    lastname: `Buyer ${number}`,
    phone: `555-${String(number % 10_000).padStart(4, '0')}`,
    state: 'NY',
    street_1: `${number} Invented Street`,
    zip_code: '00001',
  }
}
