import { MINUTE, SECOND } from './a-clock.ts'
import { type Fraction, type Shop, shops } from './oversell-judge.ts'
import type { Town, TownOptions } from './oversell-town.ts'
import type { Place } from './oversell-wire.ts'

const skus = ['MUG', 'LAMP', 'SOAP', 'VASE', 'BOWL'] as const
const ratios: readonly Fraction[] = [
  [1, 2],
  [1, 1],
  [2, 1],
]
/** After so long everything that channels have taken is on show. */
const SETTLED_MS = 25 * SECOND

/** What buyers and people at the seller do. */
type Deed =
  | { readonly do: 'buy'; readonly shop: Shop; readonly sku: string; readonly units: number }
  | { readonly do: 'book'; readonly nth: number }
  | { readonly do: 'restock'; readonly sku: string; readonly units: number }
  | { readonly do: 'wait'; readonly ms: number }

/** What cron starts. `down`: the channel does not answer searches for orders in this run. `meanwhile`: what happens in the middle of it. */
type Start = {
  readonly do: 'pull' | 'full' | 'delta' | 'rebalance'
  readonly only?: Shop
  readonly all?: boolean
  readonly down?: Shop
  readonly meanwhile?: Meanwhile
}

/** At the nth call of the run; `pull` is another process, and comes only between stock and orders: while Zoho is being read. */
interface Meanwhile {
  readonly call: number
  readonly when: 'before' | 'after'
  readonly deed: Deed | { readonly do: 'pull' }
}

export type Step = Deed | Start

export interface Schedule {
  readonly seed: number
  readonly town: TownOptions
  readonly steps: readonly Step[]
}

/**
 * The same seed gives the same schedule. `fix` wins over what the seed would give. `hungry`: buyers want much, only two articles, and in the end
 * everything that is on show: then each unit too many on show is one that is sold.
 */
export function scheduleOf(seed: number, fix: Partial<TownOptions> = {}, hungry = false): Schedule {
  const random = seeded(seed)
  const town: TownOptions = {
    ratio: { amazon: pick(random, ratios), mirakl: pick(random, ratios) },
    carry: random() < 0.8 ? 'since_sync' : 'open_orders',
    guard: 'pulled',
    stock: Object.fromEntries((hungry ? skus.slice(0, 2) : skus).map((sku) => [sku, whole(random, 0, 12)])),
    lagMs: pick(random, [0, 30 * SECOND, 2 * MINUTE]),
    liveAfterMs: pick(random, [0, 5 * SECOND]),
    shops,
    books: true,
    ...fix,
  }
  const wishes: Wishes = { shops: town.shops, skus: Object.keys(town.stock), most: hungry ? 9 : 4 }
  const count = whole(random, 10, 30)
  const steps: Step[] = [{ do: 'full' }]
  while (steps.length < count) {
    steps.push(aStep(random, wishes))
    if (random() < 0.4) steps.push({ do: 'wait', ms: aWhile(random) })
  }
  if (hungry)
    for (const shop of wishes.shops)
      for (const sku of wishes.skus) steps.push({ do: 'buy', shop, sku, units: Number.MAX_SAFE_INTEGER })
  return { seed, town, steps }
}

/** What buyers may want. */
interface Wishes {
  readonly shops: readonly Shop[]
  readonly skus: readonly string[]
  readonly most: number
}

function aStep(random: () => number, wishes: Wishes): Step {
  const dice = random()
  if (dice < 0.5) return aDeed(random, wishes)
  const start: Start['do'] = dice < 0.7 ? 'pull' : dice < 0.82 ? 'delta' : dice < 0.92 ? 'full' : 'rebalance'
  return {
    do: start,
    ...(start === 'pull' && random() < 0.3 ? { only: pick(random, shops) } : {}),
    ...(start === 'rebalance' ? { all: random() < 0.4 } : {}),
    ...(random() < 0.25 ? { down: pick(random, shops) } : {}),
    ...(random() < 0.5 ? { meanwhile: aMeanwhile(random, wishes) } : {}),
  }
}

function aDeed(random: () => number, { shops: open, skus: goods, most }: Wishes): Deed {
  const dice = random()
  if (dice < 0.6) return { do: 'buy', shop: pick(random, open), sku: pick(random, goods), units: whole(random, 1, most) }
  if (dice < 0.8) return { do: 'book', nth: whole(random, 0, 9) }
  return { do: 'restock', sku: pick(random, goods), units: random() < 0.7 ? whole(random, 1, 12) : -whole(random, 1, 3) }
}

function aMeanwhile(random: () => number, wishes: Wishes): Meanwhile {
  const deed = random() < 0.25 ? ({ do: 'pull' } as const) : aDeed(random, wishes)
  return { call: deed.do === 'pull' ? 0 : whole(random, 0, 8), when: pick(random, ['before', 'after'] as const), deed }
}

function aWhile(random: () => number): number {
  return random() < 0.15 ? whole(random, 60, 300) * MINUTE : whole(random, 1, 240) * SECOND
}

/** Plays a schedule. A step takes a second at least. The judge has what was found. */
export async function play(town: Town, { steps, town: { stock } }: Schedule): Promise<void> {
  const all = Object.keys(stock)
  /** SKUs that the last run had to work out anew. */
  let fresh: readonly string[] = []
  for (const step of steps) {
    town.wait(SECOND)
    if (step.do === 'buy' || step.do === 'book' || step.do === 'restock') perform(town, step)
    else if (step.do === 'wait') {
      town.wait(step.ms)
      if (step.ms >= SETTLED_MS) town.judge.shows(town.live, fresh, town.now())
    } else fresh = await start(town, step, all)
  }
}

async function start(town: Town, step: Start, all: readonly string[]): Promise<readonly string[]> {
  town.meanwhile = interrupted(town, step)
  try {
    const low = () => all.filter((sku) => (town.judge.known(sku) ?? 2) <= 1)
    switch (step.do) {
      case 'pull':
        await town.pull(step.only)
        return low()
      case 'delta':
        await town.delta()
        return [...new Set([...low(), ...town.judge.lastReading()])]
      case 'rebalance':
        await town.rebalance(step.all === true)
        return step.all === true ? all : low()
      case 'full':
        await town.full()
        if (step.down === undefined) town.judge.holdsNothing(all, town.now())
        return all
    }
  } finally {
    town.meanwhile = async () => false
  }
}

function interrupted(town: Town, { meanwhile, down }: Start): Town['meanwhile'] {
  let calls = -1
  let busy = false
  return async (when, place, { path }) => {
    if (busy) return false
    if (when === 'before') calls += 1
    if (meanwhile !== undefined && when === meanwhile.when && isNow(meanwhile, calls, place, path)) {
      busy = true
      town.trouble.interruptions += 1
      if (meanwhile.deed.do === 'pull') await town.pull()
      else perform(town, meanwhile.deed)
      busy = false
    }
    const isOut = when === 'before' && place === down && path.endsWith('/orders')
    if (isOut) town.trouble.outages += 1
    return isOut
  }
}

/** Zoho's first call is for a token. */
function isNow({ call, deed }: Meanwhile, calls: number, place: Place, path: string): boolean {
  return deed.do === 'pull' ? place === 'zoho' && path.endsWith('/items') : call === calls
}

function perform(town: Town, deed: Deed): void {
  if (deed.do === 'buy') town.buy(deed.shop, deed.sku, deed.units)
  else if (deed.do === 'book') town.book(deed.nth)
  else if (deed.do === 'restock') town.restock(deed.sku, deed.units)
  else town.wait(deed.ms)
}

/** One line a step, for whoever has to understand a finding. */
export function inWords({ seed, town, steps }: Schedule): string {
  const { ratio, stock, ...rest } = town
  return [`seed ${seed} ${JSON.stringify({ ratio, ...rest, stock })}`, ...steps.map((step) => `  ${JSON.stringify(step)}`)].join(
    '\n',
  )
}

/** The schedule without every step that is not needed for `fails`. The first reading stays. */
export async function smallest(schedule: Schedule, fails: (schedule: Schedule) => Promise<boolean>): Promise<Schedule> {
  let least = schedule
  for (let again = true; again; ) {
    again = false
    for (let place = least.steps.length - 1; place > 0; place -= 1) {
      const fewer = { ...least, steps: least.steps.filter((_, i) => i !== place) }
      if (!(await fails(fewer))) continue
      least = fewer
      again = true
    }
  }
  return least
}

/** Mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** From `least` to `most`, both included. */
function whole(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[whole(random, 0, list.length - 1)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}
