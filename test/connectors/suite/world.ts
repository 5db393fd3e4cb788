import { expect } from 'vitest'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import type { Confirmation } from '../../../src/core/model/shipment.ts'
import type { QuantityUpdate } from '../../../src/core/model/stock.ts'
import type {
  Cursor,
  ItemOutcome,
  MarketplaceConnector,
  OrderPage,
  QuantityOutcome,
} from '../../../src/core/ports/marketplace.ts'
import type { Channel, Connected, ConnectOptions, Person, PlacedLine, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const signal = new AbortController().signal

/** In every personal value of the suite. */
export const CANARY = /canar|555.?0199/i

export interface World {
  readonly channel: Channel
  /** As the channel's own, with an ear on everything that the connector says. */
  connect(options?: ConnectOptions): Connected
}

/** A sentence of the port as a test: `say('orders: boundary', async (world) => ...)`. */
export type Say = (sentence: Sentence, story: (world: World) => Promise<void>) => void

export const person: Person = {
  first: 'Canarina',
  last: 'Canarius',
  street: '1 Canary Wharf',
  city: 'Canaryville',
  postal: '60601',
  phone: '+1 555 0199 0199',
  email: 'canarina@canarius.example',
}

export function aLine(over: Partial<PlacedLine> = {}): PlacedLine {
  return { sku: 'SKU-1', title: 'A lamp', quantity: 1, price: '12.50', tax: '1.25', ...over }
}

/** An open order of an hour ago. */
export function anOrder({ channel }: Pick<World, 'channel'>, over: Partial<PlacedOrder> = {}): PlacedOrder {
  return { state: 'open', at: channel.clock.now() - HOUR, person, lines: [aLine()], ...over }
}

/** Orders on several pages, a second apart, the first two hours ago. */
export function manyOrders(
  world: World,
  count = world.channel.many ?? Math.ceil(world.channel.pageSize * 2.5),
): readonly string[] {
  const start = world.channel.clock.now() - 2 * HOUR
  return world.channel.place(Array.from({ length: count }, (_, i) => anOrder(world, { at: start + i * SECOND })))
}

export function since({ channel }: World, ms = DAY): Cursor {
  return { at: channel.clock.now() - ms }
}

export async function pages(
  connector: MarketplaceConnector,
  from: Cursor,
  most = Number.POSITIVE_INFINITY,
): Promise<OrderPage[]> {
  const found: OrderPage[] = []
  for await (const page of connector.listOrders(from, signal)) {
    found.push(page)
    if (found.length >= most) break
  }
  return found
}

export const ordersOf = (found: readonly OrderPage[]): readonly NormalizedOrder[] => found.flatMap(({ orders }) => orders)

/** The newest of each, by id: later ones win. */
export function byId(orders: readonly NormalizedOrder[]): ReadonlyMap<string, NormalizedOrder> {
  return new Map(orders.map((order) => [order.externalOrderId, order]))
}

/** Everybody who was placed is among those found; told by name who is not. */
export function expectAll(found: Iterable<string>, placed: readonly string[]): void {
  const known = new Set(found)
  expect(placed.filter((id) => !known.has(id))).toEqual([])
}

export async function pull(connector: MarketplaceConnector, from: Cursor): Promise<readonly NormalizedOrder[]> {
  return ordersOf(await pages(connector, from))
}

/** The order of this id as the connector reads it now. */
export async function read({ connector }: Connected, id: string): Promise<NormalizedOrder> {
  const { orders, poison } = await connector.getOrders([id], signal)
  const [order] = orders
  if (order === undefined) throw new Error(`no order ${id}; set aside: ${poison.map(({ reason }) => reason).join(', ')}`)
  return order
}

/** Places one open order and reads it. */
export async function placeOne(world: World, near: Connected, over: Partial<PlacedOrder> = {}): Promise<NormalizedOrder> {
  const [id = ''] = world.channel.place([anOrder(world, over)])
  return read(near, id)
}

let packages = 0

/** A package with everything that the order has left, or these units of its lines. */
export function aPackage(world: World, order: NormalizedOrder, over: Partial<Confirmation> = {}): Confirmation {
  packages += 1
  const lines = order.lines
    .filter(({ qtyToShip }) => qtyToShip > 0)
    .map(({ externalLineId, qtyToShip }) => ({ externalLineId, quantity: qtyToShip }))
  return {
    channel: order.channel,
    externalOrderId: order.externalOrderId,
    ...(order.marketplaceId === undefined ? {} : { marketplaceId: order.marketplaceId }),
    reference: 7000 + packages,
    trackingNumber: `1Z999AA1${String(packages).padStart(10, '0')}`,
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'ups_ground',
    shippedAt: world.channel.clock.now() - MINUTE,
    lines,
    wholeOrder: true,
    ...over,
  }
}

/** As many at once as the connector takes; an error that is thrown is the outcome of its batch. */
export async function confirm(
  { connector }: Connected,
  batch: readonly Confirmation[],
  stop: AbortSignal = signal,
): Promise<readonly ItemOutcome[]> {
  const outcomes: ItemOutcome[] = []
  const size = connector.batchSize.confirm
  for (let at = 0; at < batch.length; at += size) {
    const part = batch.slice(at, at + size)
    const told = await connector.confirmShipments(part, stop)
    expect(told).toHaveLength(part.length)
    outcomes.push(...told)
  }
  return outcomes
}

export const statuses = (outcomes: readonly { readonly status: string }[]) => outcomes.map(({ status }) => status)

/** Each way in which this channel wants quantities, with its batch. */
export function waysOf({ connector }: Connected): ReadonlyMap<string, number> {
  const plans = [1, 10, 1_000, 100_000].map((due) => connector.quantityPlan(due))
  return new Map(plans.map(({ way, batch }) => [way, batch]))
}

export function updatesOf({ channel }: World, quantities: Readonly<Record<string, number>>): readonly QuantityUpdate[] {
  return Object.entries(quantities).map(([sku, quantity]) => ({ channel: channel.code, sku, quantity }))
}

/** With what a look at the listings tells about them, as somebody who publishes does it. */
async function lookedUp({ connector }: Connected, updates: readonly QuantityUpdate[]): Promise<readonly QuantityUpdate[]> {
  if (!connector.checksListings || connector.describeListings === undefined) return updates
  const listings = await connector.describeListings(
    updates.map(({ sku }) => sku),
    signal,
  )
  return updates.map((update, i) => {
    const listing = listings[i]
    const type = listing?.listed === true ? listing.productType : undefined
    return type === undefined ? update : { ...update, productType: type }
  })
}

/** Hands quantities over and waits for every report, in virtual time. One outcome per item, none of them `reported-later`. */
export async function tell(
  world: World,
  near: Connected,
  updates: readonly QuantityUpdate[],
  way: string,
): Promise<readonly QuantityOutcome[]> {
  const batch = await lookedUp(near, updates)
  const sentAt = world.channel.clock.now()
  const told = await near.connector.updateQuantities(batch, way, signal)
  expect(told).toHaveLength(batch.length)
  const outcomes = [...told]
  for (const report of new Set(told.flatMap((outcome) => (outcome.status === 'reported-later' ? [outcome.report] : [])))) {
    const places = [...told.entries()].flatMap(([i, one]) =>
      one.status === 'reported-later' && one.report === report ? [i] : [],
    )
    const sent = places.flatMap((i) => batch[i] ?? [])
    const settled = await readToEnd(world, near, report, sent, sentAt)
    for (const [n, i] of places.entries()) outcomes[i] = settled[n] ?? outcomes[i]!
  }
  return outcomes
}

async function readToEnd(
  { channel }: World,
  { connector }: Connected,
  report: string,
  sent: readonly QuantityUpdate[],
  sentAt: number,
): Promise<readonly QuantityOutcome[]> {
  for (let asked = 0; asked < 200; asked += 1) {
    const found = await connector.readQuantityReport?.(report, sent, sentAt, signal)
    if (found === undefined) throw new Error('a report to be read later, and nothing to read it with')
    if (found.state === 'done') {
      expect(found.outcomes).toHaveLength(sent.length)
      expect(statuses(found.outcomes)).not.toContain('reported-later')
      return found.outcomes
    }
    expect(found.againInMs).toBeGreaterThan(0)
    channel.clock.advance(found.againInMs)
  }
  throw new Error(`the report ${report} never ends`)
}

/** What a promise was rejected with; undefined: it was not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** What this channel's bench must have for a sentence that is not in its `cannot`. */
export function need<T>(member: T | undefined, name: string): T {
  if (member === undefined) throw new Error(`the bench has no ${name}: give it one, or name the sentence in cannot`)
  return member
}

/** Long enough for a request over loopback to come and go. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
