import type { KeyPair } from './access.ts'
import { type Carrier, manualStore } from './defaults.ts'
import { readOrder } from './order-fields.ts'
import { createOrders } from './order-write.ts'
import type { ModelState } from './replies.ts'
import type { State, Tag } from './state.ts'

/** What `seed` takes. Every member is optional; lists of settings replace, orders are added. */
export interface ShipStationSeed {
  readonly keys?: readonly KeyPair[]
  /** Calls per minute and key pair; 0 switches the limit off. */
  readonly rate_limit?: number
  readonly stores?: readonly SeedStore[]
  readonly carriers?: readonly Carrier[]
  readonly tags?: readonly { readonly tag_id: number; readonly name: string; readonly color?: string }[]
  /** Orders in the wire's own form, as if they had always been there. */
  readonly orders?: readonly unknown[]
  /** Writes show only this many virtual milliseconds after the answer. */
  readonly late_commit_ms?: number
  /** Regular expression on orderNumber: such an order makes the whole write answer 500. Null ends it. */
  readonly poison?: string | null
  /** orderNumber to the text with which this order is refused. Null ends it. */
  readonly reject?: Readonly<Record<string, string | null>>
  /** `pages` is 0 in every list. */
  readonly pages_zero?: boolean
  /** What the resource_url of webhooks begins with: an origin, or `own` for the one that this stand-in was called at last. */
  readonly hook_origin?: string
  /** Whether a mark as shipped sends FULFILLMENT_SHIPPED. */
  readonly hook_on_marks?: boolean
}

interface SeedStore {
  readonly store_id: number
  readonly store_name: string
  /** 0, the default, is a manual store. */
  readonly marketplace_id?: number
  readonly marketplace_name?: string
  readonly active?: boolean
  readonly auto_refresh?: boolean
}

interface SeedRow {
  readonly orderId: number | null
  readonly errorMessage: string | null
}

const KNOWN: readonly (keyof ShipStationSeed)[] = [
  'keys',
  'rate_limit',
  'stores',
  'carriers',
  'tags',
  'orders',
  'late_commit_ms',
  'poison',
  'reject',
  'pages_zero',
  'hook_origin',
  'hook_on_marks',
]

export function seedState(state: State, document: unknown, now: number): void {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Error('The ShipStation seed is an object.')
  for (const name of Object.keys(document)) {
    if (!KNOWN.includes(name as keyof ShipStationSeed))
      throw new Error(`The ShipStation seed knows no "${name}"; it takes: ${KNOWN.join(', ')}.`)
  }
  const seed = document as ShipStationSeed
  if (seed.keys !== undefined) state.keys = seed.keys
  if (seed.rate_limit !== undefined) state.rateLimit = seed.rate_limit
  if (seed.stores !== undefined) state.stores = seed.stores.map(storeFrom)
  if (seed.carriers !== undefined) state.carriers = seed.carriers
  if (seed.tags !== undefined)
    state.tags = seed.tags.map((tag): Tag => ({ tagId: tag.tag_id, name: tag.name, color: tag.color ?? '#800080' }))
  if (seed.pages_zero !== undefined) state.pagesZero = seed.pages_zero
  state.hooks = {
    resourceOrigin: seed.hook_origin ?? state.hooks.resourceOrigin,
    onMarks: seed.hook_on_marks ?? state.hooks.onMarks,
  }
  if (seed.orders !== undefined) seedOrders(state, seed.orders, now)
  if (seed.late_commit_ms !== undefined) state.lateCommitMs = seed.late_commit_ms
  if (seed.poison !== undefined) state.poison = seed.poison === null ? undefined : new RegExp(seed.poison)
  for (const [number, text] of Object.entries(seed.reject ?? {})) {
    if (text === null) state.reject.delete(number)
    else state.reject.set(number, text)
  }
}

function storeFrom(store: SeedStore): State['stores'][number] {
  const marketplaceId = store.marketplace_id ?? 0
  return {
    ...manualStore(store.store_id, store.store_name),
    marketplaceId,
    marketplaceName: store.marketplace_name ?? (marketplaceId === 0 ? 'ShipStation' : `Marketplace ${marketplaceId}`),
    active: store.active ?? true,
    autoRefresh: store.auto_refresh ?? marketplaceId !== 0,
  }
}

function seedOrders(state: State, orders: readonly unknown[], now: number): void {
  const problems: ModelState = {}
  for (const [i, order] of orders.entries()) readOrder(order, `orders[${i}]`, problems)
  if (Object.keys(problems).length > 0) throw new Error(`The seeded orders are not valid: ${JSON.stringify(problems)}`)
  const late = state.lateCommitMs
  state.lateCommitMs = 0
  for (const order of orders) {
    const { body } = createOrders(state, [order], now) as { body: { results?: SeedRow[] } }
    const row = body.results?.[0]
    if (row?.orderId == null) throw new Error(`A seeded order is not valid: ${row?.errorMessage ?? 'it is poisoned'}`)
    const stored = state.orders.get(row.orderId)
    // Nobody called the API for it.
    if (stored !== undefined) stored.createCalls = 0
  }
  state.lateCommitMs = late
}
