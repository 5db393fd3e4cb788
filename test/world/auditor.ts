import type { Sandbox } from '../../src/sandbox/server.ts'
import { channelAdvisorOrders, dscoOrders, ebayOrders, type MarketOrder, type Parcel } from './market-books.ts'

/** What became of one channel's orders and packages, told by the stand-ins' own books. Nothing of isync's database is read. */
export interface ChannelAudit {
  readonly channel: string
  /** Orders the marketplace has, of whatever kind. */
  readonly seeded: number
  /** Orders that must be in ShipStation. */
  readonly shippable: number
  /** Shippable orders that are there. */
  readonly inShipStation: number
  /** Live packages of orders of this channel at ShipStation, as pairs of order and tracking number. */
  readonly packages: number
  /** Packages the marketplace knows of. */
  readonly confirmed: number
  /** One line per thing that is missing. */
  readonly lost: readonly string[]
  /** One line per thing that is there twice. */
  readonly doubled: readonly string[]
}

export interface Audit {
  readonly channels: readonly ChannelAudit[]
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
}

/** Which ShipStation store holds which channel's orders. */
export const stores = { amazon: 20002, mirakl: 20003, ebay: 20004, dsco: 20005, channeladvisor: 20006 } as const

type Market = keyof typeof stores

export interface Circumstances {
  /** eBay's orders are read by its Fulfillment API, whose lines have other ids. */
  readonly ebayByRest?: boolean
  /** Orders that another channel brings too: these copies must not be shipped. By id. */
  readonly copies?: readonly string[]
}

/** Compares the books of the marketplaces with ShipStation's, both ways. Rithum's and eBay's count where they have orders. */
export function audit(sandbox: Sandbox, { ebayByRest = false, copies = [] }: Circumstances = {}): Audit {
  const shipStation = readShipStation(sandbox)
  const more = [
    ['ebay', ebayOrders(sandbox, ebayByRest)],
    ['dsco', dscoOrders(sandbox)],
    ['channeladvisor', channelAdvisorOrders(sandbox)],
  ] as const
  const channels = [
    auditChannel('amazon', amazonOrders(sandbox), shipStation, copies),
    auditChannel('mirakl', miraklOrders(sandbox), shipStation, copies),
    ...more.flatMap(([market, orders]) => (orders.length === 0 ? [] : [auditChannel(market, orders, shipStation, copies)])),
  ]
  return { channels, lost: channels.flatMap(({ lost }) => lost), doubled: channels.flatMap(({ doubled }) => doubled) }
}

interface ShipStationBooks {
  /** Order numbers by store: one entry per order that is not the child of a split. */
  readonly numbers: ReadonlyMap<number, readonly string[]>
  /** When the first order of this place came, epoch ms, by `store number`. */
  readonly since: ReadonlyMap<string, number>
  /** By `store number`. */
  readonly packages: ReadonlyMap<string, readonly Parcel[]>
}

function auditChannel(
  market: Market,
  all: readonly MarketOrder[],
  shipStation: ShipStationBooks,
  copies: readonly string[],
): ChannelAudit {
  const orders = all.map((order) => (copies.includes(order.id) ? { ...order, mustShip: false } : order))
  const numbers = shipStation.numbers.get(stores[market]) ?? []
  const there = new Set(numbers)
  const shippable = orders.filter(({ mustShip }) => mustShip)
  const lost = shippable.filter(({ id }) => !there.has(id)).map(({ id }) => `${market} ${id}: not in ShipStation`)
  const doubled = repeated(numbers).map((number) => `${market} ${number}: more than once in ShipStation`)
  doubled.push(...copies.filter((id) => there.has(id)).map((id) => `${market} ${id}: in ShipStation though it is a copy`))
  let packages = 0
  let confirmed = 0
  for (const order of orders) {
    const told = new Map(order.told.map((parcel) => [bare(parcel.tracking), parcel]))
    for (const parcel of shipStation.packages.get(placeOf(stores[market], order.id)) ?? []) {
      packages += 1
      const known = told.get(bare(parcel.tracking))
      if (known === undefined) lost.push(`${market} ${order.id}: package ${parcel.tracking} not confirmed`)
      else confirmed += 1
      if (known !== undefined && !sameUnits(parcel, known))
        lost.push(`${market} ${order.id}: package ${parcel.tracking} confirmed with other units`)
    }
    for (const tracking of repeated(order.told.map((parcel) => bare(parcel.tracking)))) {
      doubled.push(`${market} ${order.id}: package ${tracking} confirmed more than once`)
    }
    const since = shipStation.since.get(placeOf(stores[market], order.id))
    const acknowledged = acknowledgementsOf(order, since)
    lost.push(...acknowledged.lost.map((what) => `${market} ${order.id}: ${what}`))
    doubled.push(...acknowledged.doubled.map((what) => `${market} ${order.id}: ${what}`))
    for (const [line, units] of sumOf(order.told)) {
      const most = order.ordered.get(line) ?? 0
      if (units > most) doubled.push(`${market} ${order.id}: ${units} units of line ${line} confirmed, ${most} ordered`)
    }
  }
  const inShipStation = shippable.filter(({ id }) => there.has(id)).length
  return {
    channel: market,
    seeded: orders.length,
    shippable: shippable.length,
    inShipStation,
    packages,
    confirmed,
    lost,
    doubled,
  }
}

/** An order is told to be taken once, and when ShipStation has it: the marketplace counts on it from then on. `since`: that moment. */
function acknowledgementsOf({ taken }: MarketOrder, since: number | undefined): Pick<Audit, 'lost' | 'doubled'> {
  if (taken === undefined) return { lost: [], doubled: [] }
  const isEarly = taken.some((at) => since === undefined || at < since)
  const isMissing = since !== undefined && taken.length === 0
  return {
    lost: [...(isEarly ? ['acknowledged before ShipStation had it'] : []), ...(isMissing ? ['not acknowledged'] : [])],
    doubled: taken.length > 1 ? ['acknowledged more than once'] : [],
  }
}

interface AmazonBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly status: string
    readonly fulfilled_by: string
    readonly items: readonly { readonly order_item_id: string; readonly quantity: number; readonly cancelled: number }[]
    readonly packages: readonly {
      readonly tracking: string
      readonly confirm_calls: number
      readonly items: readonly { readonly order_item_id: string; readonly quantity: number }[]
    }[]
  }[]
}

function amazonOrders(sandbox: Sandbox): MarketOrder[] {
  const { orders } = sandbox.books('amazon') as AmazonBooks
  return orders.map((order) => {
    const open = order.status === 'UNSHIPPED' || order.status === 'PARTIALLY_SHIPPED'
    // Shipped from the start is nobody's work any more; shipped by a confirmation is ours.
    const byUs = order.packages.some(({ confirm_calls }) => confirm_calls > 0)
    return {
      id: order.order_id,
      mustShip: order.fulfilled_by === 'MERCHANT' && (open || byUs),
      ordered: new Map(order.items.map((item) => [item.order_item_id, item.quantity - item.cancelled])),
      told: order.packages.map(({ tracking, items }) => ({
        tracking,
        units: new Map(items.map((item) => [item.order_item_id, item.quantity])),
      })),
    }
  })
}

interface MiraklBooks {
  readonly orders: readonly {
    readonly order_id: string
    readonly state: string
    readonly lines: readonly { readonly order_line_id: string; readonly quantity: number; readonly canceled: number }[]
    readonly shipments: readonly {
      readonly tracking: string | null
      readonly lines: readonly { readonly order_line_id: string; readonly quantity: number }[]
    }[]
  }[]
}

// Waiting for our yes counts: an order that is never accepted is as lost as one that is never pushed.
const openAtMirakl: ReadonlySet<string> = new Set(['WAITING_ACCEPTANCE', 'SHIPPING'])

function miraklOrders(sandbox: Sandbox): MarketOrder[] {
  const { orders } = sandbox.books('mirakl') as MiraklBooks
  return orders.map((order) => ({
    id: order.order_id,
    mustShip: openAtMirakl.has(order.state) || order.shipments.length > 0,
    ordered: new Map(order.lines.map((line) => [line.order_line_id, line.quantity - line.canceled])),
    told: order.shipments.map(({ tracking, lines }) => ({
      tracking: tracking ?? '',
      units: new Map(lines.map((line) => [line.order_line_id, line.quantity])),
    })),
  }))
}

interface Books {
  readonly orders: readonly {
    readonly order_id: number
    readonly order_number: string
    readonly store_id: number
    readonly parent_id: number | null
    readonly merged_into: number | null
    readonly deleted: boolean
    readonly created_at: string
  }[]
  readonly shipments: readonly {
    readonly order_id: number | null
    readonly tracking: string
    readonly is_return: boolean
    readonly voided: boolean
    readonly items: readonly { readonly line_item_key: string; readonly quantity: number }[] | null
  }[]
  readonly fulfillments: readonly { readonly order_id: number; readonly tracking: string }[]
}

function readShipStation(sandbox: Sandbox): ShipStationBooks {
  const books = sandbox.books('shipstation') as Books
  const byId = new Map(books.orders.map((order) => [order.order_id, order]))
  const numbers = new Map<number, string[]>()
  const since = new Map<string, number>()
  const mergedWith = new Map<number, string[]>()
  const packages = new Map<string, Parcel[]>()
  for (const order of books.orders) {
    const isChild = order.parent_id !== null && order.merged_into === null && byId.has(order.parent_id)
    const place = placeOf(order.store_id, order.order_number)
    since.set(place, Math.min(since.get(place) ?? Number.POSITIVE_INFINITY, Date.parse(order.created_at)))
    if (!order.deleted && !isChild) add(numbers, order.store_id, order.order_number)
    if (order.merged_into !== null) add(mergedWith, order.merged_into, order.order_number)
  }
  function ship(orderId: number | null, parcel: Parcel): void {
    const order = byId.get(orderId ?? -1)
    if (order === undefined || parcel.tracking === '') return
    const root = order.merged_into === null ? (byId.get(order.parent_id ?? -1) ?? order) : order
    const merged = mergedWith.get(root.order_id) ?? []
    // A package of merged orders belongs to each of them, in parts that nobody but isync has to know.
    const shared = merged.length === 0 ? parcel : { ...parcel, units: undefined }
    for (const number of [root.order_number, ...merged]) add(packages, placeOf(root.store_id, number), shared)
  }
  for (const label of books.shipments) {
    const units = label.items === null ? undefined : new Map(label.items.map((item) => [item.line_item_key, item.quantity]))
    if (!label.voided && !label.is_return) ship(label.order_id, { tracking: label.tracking, units })
  }
  for (const { order_id, tracking } of books.fulfillments) ship(order_id, { tracking, units: undefined })
  return { numbers, since, packages }
}

function placeOf(store: number, number: string): string {
  return `${store} ${number}`
}

/** Blanks, dashes and case differ between what a carrier prints and what a marketplace keeps. */
function bare(tracking: string): string {
  return tracking.replace(/[\s-]/g, '').toUpperCase()
}

function sameUnits(packed: Parcel, told: Parcel): boolean {
  if (packed.units === undefined || told.units === undefined) return true
  const isSame = (line: string, units: number) =>
    told.byLine === true ? told.units?.has(line) === true : told.units?.get(line) === units
  return packed.units.size === told.units.size && [...packed.units].every(([line, units]) => isSame(line, units))
}

function sumOf(parcels: readonly Parcel[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>()
  for (const { units, byLine } of parcels) {
    if (byLine === true) continue
    for (const [line, quantity] of units ?? []) sum.set(line, (sum.get(line) ?? 0) + quantity)
  }
  return sum
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>()
  const again = new Set<string>()
  for (const name of names) (seen.has(name) ? again : seen).add(name)
  return [...again]
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
