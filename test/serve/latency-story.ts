import { expect } from 'vitest'
import type { JournalEntry } from '../../src/sandbox/stand-in.ts'
import { calls, type Market, markets } from '../world/all-channels.ts'
import { audit } from '../world/auditor.ts'
import { auditStock, type Shown, shownBy } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { countedSku, type LatencyWorld, openLatencyWorld, orderBefore, SOLD } from './latency-world.ts'

const MINUTE = 60_000
/** Longer than any marketplace takes to show what happened. */
const SETTLED = 15 * MINUTE
/** Fewer than there were. One is always kept back (the default of `safety_stock`). */
const COUNTED = 20

export interface Pace {
  /** Labels, and orders, of each of the five channels. */
  readonly each: number
  /** SKUs that are counted anew in Zoho. */
  readonly counted: number
  /** Between two labels, two orders, two counts. */
  readonly everyMs: number
}

/** From what happened at one vendor to what another one has accepted: of a count in Zoho, each channel by itself. */
export type Way = 'label to confirmation' | 'order to ShipStation' | 'eBay order to ShipStation' | `count to ${Market}`

const ways: readonly Way[] = [
  'label to confirmation',
  'order to ShipStation',
  'eBay order to ShipStation',
  ...markets.map((market) => `count to ${market}` as const),
]

/** Mirakl takes one file of stock a minute; an order of eBay's is read when it is whole. */
const slow: ReadonlySet<Way> = new Set(['count to mirakl', 'eBay order to ShipStation'])

/** Seconds. */
export interface Figures {
  readonly events: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

interface Happening {
  readonly way: Way
  readonly what: string
  readonly at: number
  /** When it had come through, by these news; undefined: it has not. */
  came(news: readonly JournalEntry[], shown: Shelves): number | undefined
}

type Shelves = ReadonlyMap<string, Shown>

/**
 * Every vendor pushes by itself what happens there to a real `isync serve`, and nothing else runs: no cron. Labels, orders and counts come side by
 * side, and each is timed until whom it concerns has accepted it, by the stand-ins' own books, in time that goes as fast as ours.
 */
export async function tellLatency(database: TestDatabase, pace: Pace): Promise<Readonly<Record<Way, Figures>>> {
  const world = await openLatencyWorld(database, pace.counted)
  try {
    return await timed(world, pace)
  } finally {
    await world.close()
  }
}

async function timed(world: LatencyWorld, pace: Pace): Promise<Readonly<Record<Way, Figures>>> {
  const { sandbox, clock } = world
  const toShip = orderBefore(world, pace.each)
  clock.advance(SETTLED)
  for (const command of ['inventory:full', 'orders:pull', 'orders:push-shipstation', 'tracking:sync']) {
    const { code, stdout, stderr } = await world.isync([command, '--json'])
    expect(code, `${command}\n${stdout}\n${stderr}`).toBe(0)
    clock.advance(SETTLED)
  }
  const server = await world.serve()
  clock.setScale(1)
  const from = sandbox.journal().length
  const happenings = await happen(world, toShip, pace)
  const took = await untilAllCame(world, happenings, from)
  server.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
  clock.advance(SETTLED)

  expect(audit(sandbox)).toMatchObject({ lost: [], doubled: [] })
  const { wrong, ...stock } = auditStock(sandbox)
  expect(stock).toEqual({ listed: markets.length * (pace.counted + 1), trespasses: [], oversold: [] })
  // What was sold of plenty is for the next rebalance.
  expect(wrong.filter((line) => !line.includes(SOLD))).toEqual([])
  const times = (way: Way) => happenings.flatMap((one, i) => (one.way === way ? [took[i] ?? Number.NaN] : []))
  return Object.fromEntries(ways.map((way) => [way, figuresOf(times(way))])) as Record<Way, Figures>
}

async function happen(
  world: LatencyWorld,
  toShip: ReturnType<typeof orderBefore>,
  { each, counted, everyMs }: Pace,
): Promise<readonly Happening[]> {
  const happenings: Happening[] = []
  for (let n = 0; n < Math.max(toShip.length, counted); n += 1) {
    const next = performance.now() + everyMs
    const order = toShip[n]
    if (order !== undefined) {
      happenings.push(confirmation(order.market, world.label(order.market, order.id), world.clock.now()))
      const at = world.clock.now()
      happenings.push(push(order.market, await world.order(order.market, each + n), at))
    }
    if (n < counted) {
      world.count(countedSku(n), COUNTED)
      happenings.push(...markets.map((market) => quantity(market, countedSku(n), world.clock.now())))
    }
    await passed(next)
  }
  return happenings
}

function confirmation(market: Market, tracking: string, at: number): Happening {
  const { path = '', body = '', method } = calls[market].confirm ?? {}
  const isIt = (entry: JournalEntry) =>
    entry.vendor === market &&
    (method === undefined || entry.method === method) &&
    new RegExp(path).test(entry.path) &&
    entry.requestBody.includes(body) &&
    entry.requestBody.includes(tracking)
  return { way: 'label to confirmation', what: `${market} ${tracking}`, at, came: (news) => news.find(isIt)?.at }
}

function push(market: Market, orderId: string, at: number): Happening {
  const isIt = ({ vendor, path, requestBody }: JournalEntry) =>
    vendor === 'shipstation' && path.startsWith('/orders/createorders') && requestBody.includes(`"${orderId}"`)
  const way = market === 'ebay' ? 'eBay order to ShipStation' : 'order to ShipStation'
  return { way, what: `${market} ${orderId}`, at, came: (news) => news.find(isIt)?.at }
}

function quantity(market: Market, sku: string, at: number): Happening {
  const [way, what] = [`count to ${market}`, `${market} ${sku}`] as const
  if (market === 'mirakl') {
    // It is accepted with its file, and shown when Mirakl comes to the file.
    const isIt = (entry: JournalEntry) => entry.path === '/api/offers/stock/imports' && entry.requestBody.includes(sku)
    return { way, what, at, came: (news) => news.find(isIt)?.at }
  }
  return {
    way,
    what,
    at,
    came(_news, shown) {
      const shelf = shown.get(`${market} ${sku}`)
      return shelf?.quantity === COUNTED - 1 ? shelf.writtenAt : undefined
    },
  }
}

/** Milliseconds that each took. Fails for what does not come. */
async function untilAllCame(
  { sandbox, clock }: LatencyWorld,
  happenings: readonly Happening[],
  from: number,
): Promise<readonly number[]> {
  const deadline = performance.now() + 2 * MINUTE
  const took = new Map<Happening, number>()
  for (let seen = from; ; ) {
    const news = sandbox.journal().slice(seen)
    seen += news.length
    const taken = news.filter(({ status }) => status >= 200 && status < 300)
    const shown: Shelves = new Map(shownBy(sandbox).map((one) => [`${one.market} ${one.sku}`, one]))
    for (const one of happenings) {
      const at = took.has(one) ? undefined : one.came(taken, shown)
      if (at !== undefined) took.set(one, at - one.at)
    }
    const open = happenings.filter((one) => !took.has(one))
    if (open.length === 0) return happenings.map((one) => took.get(one) ?? Number.NaN)
    // Not worth waiting for in earnest.
    if (open.every(({ way }) => slow.has(way))) clock.setScale(20)
    if (performance.now() > deadline) expect(open.map(({ way, what }) => `${way}: ${what}`)).toEqual([])
    await passed(performance.now() + 50)
  }
}

function figuresOf(ms: readonly number[]): Figures {
  const sorted = ms.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN) / 10) / 100
  return { events: ms.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}

/** Whether all was there within so many seconds, but for what takes minutes by its nature. */
export function expectWithin(figures: Readonly<Record<Way, Figures>>, seconds: number): void {
  for (const way of ways) expect(figures[way].p95, way).toBeLessThan(slow.has(way) ? 180 : seconds)
}

/** A line for each way. */
export function inWords(figures: Readonly<Record<Way, Figures>>): string {
  const lines = ways.map((way) => {
    const { events, p50, p95, max } = figures[way]
    return `${way.padEnd(26)} ${String(events).padStart(4)} events  p50 ${p50} s  p95 ${p95} s  max ${max} s`
  })
  return lines.join('\n')
}

function passed(at: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.max(0, at - performance.now())))
}
