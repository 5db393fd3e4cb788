import type { Fault, Vendor } from '../../src/sandbox/stand-in.ts'
import type { TestDatabase } from '../world/databases.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'

export const MINUTE = 60_000
/** Real milliseconds that the program waits for an answer in these stories. */
const PATIENCE = '1s'

/** One order at each channel, known by its number. */
export interface Pair {
  readonly amazon: string
  readonly mirakl: string
}

export interface FaultWorld extends World {
  /** One fresh order at Amazon and one at Mirakl, visible at once. */
  order(): Pair
  /** A clerk at ShipStation packs both; each gets a label with a tracking number of its own. */
  ship(pair: Pair): void
  /** The same fault at several places. `times` is 99 unless given: it stays until it is cleared. */
  hurt(fault: Omit<Fault, 'vendor' | 'match'>, ...places: readonly Place[]): void
  /** No fault any more, and cron comes a quarter of an hour later. */
  heal(): void
  status(): Promise<Status>
  /** Pull, push and tracking, fault-free, and what became of the orders in the vendors' own books. */
  settle(pairs: readonly Pair[]): Promise<Reckoning>
}

export interface Place {
  readonly vendor: Vendor
  readonly method: string
  readonly path: string
}

export const places = {
  pullAmazon: { vendor: 'amazon', method: 'GET', path: '^/orders/2026-01-01/orders' },
  pullMirakl: { vendor: 'mirakl', method: 'GET', path: '^/api/orders' },
  push: { vendor: 'shipstation', method: 'POST', path: '^/orders/createorders' },
  poll: { vendor: 'shipstation', method: 'GET', path: '^/shipments' },
  confirmAmazon: { vendor: 'amazon', method: 'POST', path: 'shipmentConfirmation$' },
  confirmMirakl: { vendor: 'mirakl', method: 'POST', path: '^/api/shipments$' },
} as const satisfies Record<string, Place>

export interface Reckoning {
  /** Numbers that are not once in ShipStation, or not confirmed once. */
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly exits: readonly (number | null)[]
}

export interface Status {
  readonly channels: readonly { readonly channel: string; readonly circuit: { readonly reason: string } | null }[]
  readonly tasks: { readonly waiting: number; readonly running: number; readonly dead: number }
  readonly alerts: readonly {
    readonly rule: string
    readonly channel: string
    readonly severity: string
    readonly message: string
  }[]
  readonly ok: boolean
}

interface AmazonBooks {
  readonly orders: readonly { readonly order_id: string; readonly packages: readonly { readonly tracking: string }[] }[]
  readonly tokens_issued: number
}

interface MiraklBooks {
  readonly orders: readonly { readonly order_id: string; readonly shipments: readonly { readonly tracking: string | null }[] }[]
}

interface ShipStationBooks {
  readonly orders: readonly { readonly order_number: string }[]
}

/** A sandbox without rate limits, impatient clients, and a clock on which twenty seconds pass in one. */
export async function openFaultWorld(database: TestDatabase, top = ''): Promise<FaultWorld> {
  const world = await startWorld(database, {
    scale: 20,
    config: {
      amazon: `timeout: ${PATIENCE}`,
      mirakl: `timeout: ${PATIENCE}`,
      shipstation: `timeout: ${PATIENCE}\npush_timeout: ${PATIENCE}`,
      top,
    },
  })
  const { sandbox, clock } = world
  sandbox.seed('amazon', { rate_limits: 'off' })
  sandbox.seed('mirakl', { rate_limits: false })
  sandbox.seed('shipstation', { rate_limit: 0 })
  let made = 0

  function heal(): void {
    sandbox.clearFaults()
    clock.advance(16 * MINUTE)
  }

  return {
    ...world,
    heal,
    order() {
      made += 1
      const pair = { amazon: `111-0000000-${String(made).padStart(7, '0')}`, mirakl: `F${String(made).padStart(5, '0')}-A` }
      sandbox.act('amazon', 'add-orders', [{ order_id: pair.amazon }])
      sandbox.act('mirakl', 'add-orders', [{ order_id: pair.mirakl, state: 'SHIPPING' }])
      clock.advance(5 * MINUTE)
      return pair
    },
    ship(pair) {
      for (const [store, number] of Object.entries(pair)) {
        const tracking = `1Z${store.toUpperCase()}${number.replaceAll('-', '')}`
        sandbox.act('shipstation', 'ship', { order_number: number, packages: [{ tracking, carrier_code: 'ups' }] })
      }
      clock.advance(MINUTE)
    },
    hurt(fault, ...where) {
      for (const { vendor, method, path } of where) sandbox.addFault({ times: 99, ...fault, vendor, match: { method, path } })
    },
    status: async () => (await world.isync(['status', '--json'])).json<Status>(),
    async settle(pairs) {
      const exits: Ran['code'][] = []
      for (const command of ['orders:pull', 'orders:push-shipstation', 'tracking:sync'])
        exits.push((await world.isync([command])).code)
      return { ...reckon(world, pairs), exits }
    },
  }
}

/** Every order once in ShipStation, every order confirmed once: or its number, and how often. */
export function reckon({ sandbox }: World, pairs: readonly Pair[]): Omit<Reckoning, 'exits'> {
  const amazon = (sandbox.books('amazon') as AmazonBooks).orders
  const mirakl = (sandbox.books('mirakl') as MiraklBooks).orders
  const shipstation = (sandbox.books('shipstation') as ShipStationBooks).orders
  const lost: string[] = []
  const doubled: string[] = []
  for (const number of pairs.flatMap((pair) => [pair.amazon, pair.mirakl])) {
    const there = shipstation.filter(({ order_number }) => order_number === number).length
    const told = (
      amazon.find(({ order_id }) => order_id === number)?.packages ??
      mirakl.find(({ order_id }) => order_id === number)?.shipments ??
      []
    ).length
    if (there < 1 || told < 1) lost.push(`${number}: ${there} in ShipStation, ${told} confirmed`)
    if (there > 1 || told > 1) doubled.push(`${number}: ${there} in ShipStation, ${told} confirmed`)
  }
  return { lost, doubled }
}

export function tokensIssued({ sandbox }: World): number {
  return (sandbox.books('amazon') as AmazonBooks).tokens_issued
}

/** Numbers of the orders that ShipStation holds. */
export function inShipStation({ sandbox }: World): readonly string[] {
  return (sandbox.books('shipstation') as ShipStationBooks).orders.map(({ order_number }) => order_number)
}
