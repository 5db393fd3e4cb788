import type { Vendor } from '../../src/sandbox/stand-in.ts'
import { stores } from './auditor.ts'
import type { TestDatabase } from './databases.ts'
import { startWorld, type World, type WorldOptions } from './loop.ts'
import { moreChannels, withoutMoreLimits } from './more-channels.ts'

export type Market = keyof typeof stores

export const markets = Object.keys(stores) as readonly Market[]

/** What will become of an order. */
export const fates = [
  'in two packages',
  'a package for each line',
  'its label voided before',
  'its label voided after',
  'cancelled before the push',
  'cancelled after the push',
  'moved after the push',
  'not paid yet',
  'unreadable',
] as const

export type Fate = (typeof fates)[number]

/** The same orders at every marketplace; by these ids they stand in ShipStation. */
export type Town = Readonly<Record<Market, Readonly<Record<Fate, string>>>>

interface Line {
  readonly sku: string
  readonly quantity: number
}

/** How the same things are done at each marketplace. */
export interface Street {
  /** A compact order with this id. */
  order(id: string, lines: readonly Line[], fate: Fate): object
  id(day: number, n: number): string
  cancel(id: string): readonly [action: string, argument: object]
  pay(id: string): readonly [action: string, argument: object]
  move(id: string, street: string): readonly [action: string, argument: object]
}

const unreadable = { currency: 'NOPE' } as const

export const streets: Readonly<Record<Market, Street>> = {
  amazon: {
    id: (day, n) => `114-000000${day}-${String(n).padStart(7, '0')}`,
    order: (order_id, items, fate) => ({ order_id, items, ...(fate === 'not paid yet' ? { status: 'PENDING' } : {}) }),
    cancel: (order_id) => ['cancel', { order_id }],
    pay: (order_id) => ['set-status', { order_id, status: 'UNSHIPPED' }],
    move: (order_id, line1) => ['change-address', { order_id, ship_to: { line1 } }],
  },
  mirakl: {
    id: (day, n) => `M${day}-${n}-A`,
    order: (order_id, lines, fate) => ({
      order_id,
      state: fate === 'not paid yet' ? 'WAITING_DEBIT_PAYMENT' : fate === 'in two packages' ? 'WAITING_ACCEPTANCE' : 'SHIPPING',
      lines: lines.map(({ sku, quantity }) => ({ offer_sku: sku, quantity })),
    }),
    cancel: (order_id) => ['cancel', { order_id }],
    pay: (order_id) => ['pay', { order_id }],
    move: (order_id, street_1) => ['change-address', { order_id, ship_to: { street_1 } }],
  },
  ebay: {
    id: (day, n) => `21-0000${day}-${String(n).padStart(5, '0')}`,
    order: (order_id, lines, fate) => ({ order_id, lines, ...(fate === 'not paid yet' ? { payment: 'UNPAID' } : {}) }),
    cancel: (order_id) => ['cancel', { order_id }],
    pay: (order_id) => ['pay', { order_id }],
    move: (order_id, street1) => ['change-address', { order_id, ship_to: { street1 } }],
  },
  dsco: {
    id: (day, n) => String(9_007_199_255_000_000n + BigInt(day * 1000 + n)),
    order: (id, lines, fate) => ({ id, lines, ...(fate === 'not paid yet' ? { lifecycle: 'received' } : {}) }),
    cancel: (order_id) => ['cancel', { order_id }],
    pay: (order_id) => ['release', { order_id }],
    move: (order_id, street) => ['change-address', { order_id, ship_to: { address: [street] } }],
  },
  channeladvisor: {
    id: (day, n) => String(21_000_000 + day * 1000 + n),
    order: (id, lines, fate) => ({
      order_id: Number(id),
      lines,
      ...(fate === 'not paid yet' ? { payment: 'Submitted' } : {}),
    }),
    cancel: (id) => ['cancel', { order_id: Number(id) }],
    pay: (id) => ['pay', { order_id: Number(id) }],
    move: (id, line1) => ['change-address', { order_id: Number(id), ship_to: { line1 } }],
  },
}

/** SKU-000001 to SKU-000009, one for each fate, and one more for the second line. */
export const SKUS = fates.length + 1

export function skuOf(n: number): string {
  return `SKU-${String(n + 1).padStart(6, '0')}`
}

/** All five channels, twenty virtual seconds in one real, no rate limits, patience where a machine is busy; the same goods on sale everywhere. */
export async function openAllChannels(database: TestDatabase, options: WorldOptions = {}): Promise<World> {
  const patient = 'timeout: 10m'
  const world = await startWorld(database, {
    scale: 20,
    also: moreChannels,
    ...options,
    config: {
      ...{ amazon: patient, mirakl: patient, ebay: patient, dsco: patient, zoho: patient },
      channeladvisor: `${patient}\nupdate_type: Available`,
      shipstation: `${patient}\npush_timeout: 10m`,
      ...options.config,
    },
  })
  const { sandbox } = world
  const goods = { sku: 'SKU-{n:6}', count: SKUS, quantity: 99 }
  sandbox.seed('amazon', { rate_limits: 'off', listings: [goods] })
  sandbox.seed('mirakl', { rate_limits: false, offers: [goods] })
  // Old listings and new ones: each is written by its own API.
  sandbox.seed('ebay', {
    listings: Array.from({ length: SKUS }, (_, n) => ({
      sku: skuOf(n),
      quantity: 99,
      model: n % 2 === 0 ? 'trading' : 'inventory',
    })),
  })
  sandbox.seed('dsco', { items: Array.from({ length: SKUS }, (_, n) => ({ sku: skuOf(n), quantity: 99 })) })
  sandbox.seed('channeladvisor', { products: [goods] })
  sandbox.seed('shipstation', { rate_limit: 0 })
  sandbox.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 }, generate: { count: SKUS, stock: [200, 120, 80] } })
  withoutMoreLimits(sandbox)
  return world
}

/** Buyers order one of each fate at every marketplace: four units of the first two, a second line where packages go by lines. */
export function buyEverywhere({ sandbox }: World, day: number): Town {
  const towns = markets.map((market) => {
    const street = streets[market]
    const ids = fates.map((fate, n) => {
      const id = street.id(day, n + 1)
      const first = { sku: fate === 'unreadable' ? 'NOBODY-HAS-IT' : skuOf(n), quantity: fate === 'in two packages' ? 4 : 2 }
      const lines = fate === 'a package for each line' ? [first, { sku: skuOf(SKUS - 1), quantity: 1 }] : [first]
      const order = { ...street.order(id, lines, fate), ...(fate === 'unreadable' ? unreadable : {}) }
      sandbox.act(market, 'add-orders', [order])
      return [fate, id] as const
    })
    return [market, Object.fromEntries(ids)] as const
  })
  return Object.fromEntries(towns) as Town
}

/** Two orders at every marketplace that nothing happens to: one of four units, one of two lines. */
export function placeEverywhere(
  { sandbox }: World,
  day: number,
): Readonly<Record<Market, { readonly parts: string; readonly rest: string }>> {
  const placed = markets.map((market) => {
    const street = streets[market]
    const [parts, rest] = [street.id(day, 901), street.id(day, 902)]
    const lines = [
      [{ sku: skuOf(0), quantity: 4 }],
      [
        { sku: skuOf(1), quantity: 2 },
        { sku: skuOf(2), quantity: 1 },
      ],
    ]
    for (const [i, id] of [parts, rest].entries())
      sandbox.act(market, 'add-orders', [street.order(id, lines[i] ?? [], i === 0 ? 'in two packages' : 'moved after the push')])
    return [market, { parts, rest }] as const
  })
  return Object.fromEntries(placed) as Record<Market, { parts: string; rest: string }>
}

/** The same thing happens to the order of this fate at every marketplace. */
export function everywhere({ sandbox }: World, town: Town, fate: Fate, what: 'cancel' | 'pay' | 'move'): void {
  for (const market of markets) {
    const id = town[market][fate]
    const [action, argument] = what === 'move' ? streets[market].move(id, '9 Moved Street') : streets[market][what](id)
    sandbox.act(market, action, argument)
  }
}

interface ShipStationBooks {
  readonly orders: readonly {
    readonly order_id: number
    readonly order_number: string
    readonly store_id: number
    readonly status: string
    readonly ship_to: { readonly street1?: string | null }
    readonly items: readonly { readonly line_item_key: string; readonly quantity: number; readonly adjustment: boolean }[]
  }[]
}

/** An order as ShipStation has it; undefined: it does not. */
export function packedOrder({ sandbox }: World, market: Market, id: string): ShipStationBooks['orders'][number] | undefined {
  const { orders } = sandbox.books('shipstation') as ShipStationBooks
  return orders.find(({ order_number, store_id }) => order_number === id && store_id === stores[market])
}

/** Letters and digits, as a carrier prints them and every marketplace takes them. */
export function trackingOf(market: Market, id: string, n: number): string {
  return `1Z${market.slice(0, 2).toUpperCase()}${id.replaceAll('-', '')}N${n}`
}

/** The clerk packs an order: packages of so many units of its lines. Without packages: all of it in one. */
export function packOrder(
  world: World,
  market: Market,
  id: string,
  packages: readonly (readonly number[])[] = [[]],
  from = 1,
): void {
  const order = packedOrder(world, market, id)
  if (order === undefined) throw new Error(`${market} ${id} is not in ShipStation`)
  const goods = order.items.filter(({ adjustment }) => !adjustment)
  world.sandbox.act('shipstation', 'ship', {
    order_id: order.order_id,
    packages: packages.map((units, n) => ({
      tracking: trackingOf(market, id, from + n),
      carrier_code: 'ups_walleted',
      service_code: 'ups_ground',
      ...(units.length === 0
        ? {}
        : {
            items: units.flatMap((quantity, i) => (quantity === 0 ? [] : [{ line_item_key: goods[i]?.line_item_key, quantity }])),
          }),
    })),
  })
}

/** What a run of cron is about: an order comes, goes to ShipStation, is told to be taken; a package; a quantity. */
export type Point = 'pull' | 'push' | 'take' | 'confirm' | 'stock'

/** Where the runs of cron meet a vendor: pull; push, and that an order is taken; packages; quantities. */
export const calls: Readonly<
  Record<Market | 'shipstation', Readonly<Partial<Record<Point, { path?: string; body?: string; method?: string }>>>>
> = {
  amazon: {
    pull: { method: 'GET', path: '^/orders/2026-01-01/orders' },
    confirm: { method: 'POST', path: 'shipmentConfirmation$' },
    stock: { method: 'PATCH', path: '^/listings' },
  },
  mirakl: {
    pull: { method: 'GET', path: '^/api/orders' },
    confirm: { method: 'POST', path: '^/api/shipments$' },
    stock: { method: 'POST', path: '^/api/offers/stock/imports' },
  },
  ebay: {
    pull: { body: '<GetOrdersRequest' },
    confirm: { body: '<CompleteSaleRequest' },
    stock: { body: '<ReviseInventoryStatusRequest' },
  },
  dsco: {
    pull: { method: 'GET', path: '/order/page' },
    take: { method: 'POST', path: '/order/acknowledge' },
    confirm: { method: 'POST', path: '/order/shipment/batch' },
    stock: { method: 'POST', path: '/inventory/batch' },
  },
  channeladvisor: {
    pull: { method: 'GET', path: '/Orders$' },
    take: { method: 'POST', path: '/Export$' },
    confirm: { method: 'POST', path: '/Ship$' },
    stock: { method: 'POST', path: '/\\$batch$|/UpdateQuantity$' },
  },
  shipstation: {
    push: { method: 'POST', path: '^/orders/createorders' },
  },
}

/** The vendors at which something is done at this point of the loop. */
export function vendorsOf(point: Point): readonly Vendor[] {
  return (Object.keys(calls) as (keyof typeof calls)[]).filter((vendor) => calls[vendor][point] !== undefined)
}
