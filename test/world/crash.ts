import { type Audit, audit, stores } from './auditor.ts'
import type { Ran, World } from './loop.ts'

/** The way of an order, as cron walks it. */
export const commands = ['orders:pull', 'orders:push-shipstation', 'tracking:sync'] as const

export type Command = (typeof commands)[number]

const MINUTE = 60_000
/** Leases of a killed process have run out by then. */
export const NEXT_CRON = 3 * MINUTE

/** What a vendor's rate limit would add to these stories is only waiting. */
export function withoutLimits(world: World): void {
  world.sandbox.seed('shipstation', { rate_limit: 0 })
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false })
}

/**
 * Five new orders, changed an hour ago: no overlap of a cursor reaches back so far, so a cursor that moved without its page loses them.
 * One of them waits to be accepted, one has more units than will be shipped, so that a package told twice would be taken twice.
 */
export function buyFive(world: World, tag: number): void {
  const at = world.clock.now() - 60 * MINUTE
  const when = { created_at: at, updated_at: at }
  const number = String(tag).padStart(6, '0')
  world.sandbox.seed('amazon', {
    orders: [
      { ...when, order_id: `113-${number}0-0000001`, items: [{ quantity: 4, unit_price: '10.00' }] },
      { ...when, order_id: `113-${number}0-0000002`, items: [{}, { quantity: 2 }] },
    ],
  })
  world.sandbox.seed('mirakl', {
    orders: [
      { ...when, order_id: `M${number}-A`, lines: [{ quantity: 4, price_unit: '10.00' }] },
      { ...when, order_id: `M${number}-B`, lines: [{}, { quantity: 2 }] },
      { ...when, order_id: `M${number}-C`, state: 'WAITING_ACCEPTANCE' },
    ],
  })
}

interface ShipStationBooks {
  readonly orders: readonly {
    readonly order_id: number
    readonly store_id: number
    readonly status: string
    readonly deleted: boolean
    readonly items: readonly { readonly line_item_key: string; readonly quantity: number; readonly adjustment: boolean }[]
  }[]
  readonly shipments: readonly { readonly order_id: number | null }[]
}

/**
 * The clerk ships what lies in ShipStation: an order whose first line has four units in two packages that leave one unit back,
 * every other whole.
 */
export function shipAll(world: World, store?: number): number {
  const { orders, shipments } = world.sandbox.books('shipstation') as ShipStationBooks
  const begun = new Set(shipments.map(({ order_id }) => order_id))
  const open = orders
    .filter(({ order_id, status, deleted }) => status === 'awaiting_shipment' && !deleted && !begun.has(order_id))
    .filter(({ store_id }) => store === undefined || store_id === store)
  for (const { order_id, items } of open) {
    const first = items.find(({ adjustment }) => !adjustment)
    const packages =
      first?.quantity === 4
        ? [1, 2].map((quantity) => ({
            tracking: `9400-${order_id}-${quantity}`,
            items: [{ line_item_key: first.line_item_key, quantity }],
          }))
        : [{ tracking: `9400-${order_id}` }]
    world.sandbox.act('shipstation', 'ship', { order_id, packages })
  }
  return open.length
}

/** Starts a command that dies at its n-th boundary, or at the first of that name, unless it ends before. */
export function killedAt(world: World, command: Command, place: number | string): Promise<Ran> {
  return world.isync([command, '--json'], { ISYNC_FAULT: String(place) })
}

/**
 * Starts a command that freezes at this boundary (SIGSTOP), lets its leases run out and `meanwhile` happen, and wakes it again. Undefined
 * when it ended without reaching the boundary.
 */
export async function frozenAt(
  world: World,
  command: Command,
  place: number | string,
  meanwhile: (boundary: string) => Promise<unknown>,
  channel?: string,
): Promise<Ran | undefined> {
  const only = channel === undefined ? [] : ['--channel', channel]
  const frozen = world.start([command, '--json', ...only], { ISYNC_FAULT: `${place}:stop` })
  const told = await frozen.said('SIGSTOP at').catch(() => undefined)
  if (told === undefined) return undefined
  world.clock.advance(NEXT_CRON)
  await meanwhile(/SIGSTOP at (\S+)/.exec(told)?.[1] ?? '')
  // It speaks just before it stops: a single SIGCONT might come in between and be lost.
  const waking = setInterval(() => frozen.kill('SIGCONT'), 50)
  try {
    return await frozen.ended
  } finally {
    clearInterval(waking)
  }
}

/** A start that nothing disturbs. Throws unless the command did its work, in whole or in part. */
export async function cron(world: World, command: Command): Promise<Ran> {
  const ran = await world.isync([command, '--json'])
  if (ran.code === 0 || ran.code === 3 || ran.code === 4) return ran
  throw new Error(`${command} ended with ${ran.code ?? ran.signal}\n${ran.stdout}\n${ran.stderr}`)
}

export interface Sweep {
  /** Processes that were killed. */
  readonly kills: number
  /** Names of the boundaries at which they died. */
  readonly places: ReadonlySet<string>
}

/**
 * Kills each command at its boundaries `from`, `from + step`, ... until it has none left, every time with new orders and new packages on
 * the way, and lets cron come again after each kill. With `untilRed` it ends as soon as something stays lost or is doubled.
 */
export async function sweep(
  world: World,
  { from = 1, step = 1, among = commands as readonly Command[], untilRed = false } = {},
): Promise<Sweep> {
  const places = new Set<string>()
  const alive = new Set<Command>(among)
  let kills = 0
  let missing: ReadonlySet<string> = new Set()
  async function hurt(command: Command, n: number): Promise<void> {
    if (alive.has(command)) {
      const ran = await killedAt(world, command, n)
      if (ran.signal === null) alive.delete(command)
      else kills += 1
      places.add(/SIGKILL at (\S+)/.exec(ran.stderr)?.[1] ?? '')
      world.clock.advance(NEXT_CRON)
    }
    await cron(world, command)
  }
  for (let n = from; alive.size > 0; n += step) {
    world.clock.advance(120 * MINUTE)
    buyFive(world, n)
    await hurt('orders:pull', n)
    await hurt('orders:push-shipstation', n)
    shipAll(world, stores.amazon)
    // No overlap of a cursor reaches from the second label back to the first.
    world.clock.advance(90 * MINUTE)
    shipAll(world, stores.mirakl)
    await hurt('tracking:sync', n)
    if (!untilRed) continue
    const { lost, doubled } = audit(world.sandbox)
    // What waits for cron's next start was not missing one start ago.
    if (doubled.length > 0 || lost.some((line) => missing.has(line))) break
    missing = new Set(lost)
  }
  places.delete('')
  return { kills, places }
}

/** Cron comes again and again, and the clerk ships what arrives, until the books are clean or `rounds` are over. */
export async function untilDone(world: World, rounds = 4): Promise<Audit> {
  for (let round = 0; round < rounds; round += 1) {
    for (const command of commands) {
      world.clock.advance(NEXT_CRON)
      await cron(world, command)
      if (command === 'orders:push-shipstation') shipAll(world)
    }
    const found = audit(world.sandbox)
    if (found.lost.length === 0 && (await leftover(world)) === 0) return found
  }
  return audit(world.sandbox)
}

async function leftover(world: World): Promise<number> {
  const { tasks } = (await world.isync(['status', '--json'])).json<{
    tasks: Readonly<Record<'waiting' | 'running' | 'dead', number>>
  }>()
  return tasks.waiting + tasks.running + tasks.dead
}
