import { createAmazonConnector } from '../../src/connectors/amazon/connector.ts'
import { createMiraklConnector } from '../../src/connectors/mirakl/connector.ts'
import { createZohoConnector } from '../../src/connectors/zoho/connector.ts'
import type { InventorySettings, Run } from '../../src/core/context.ts'
import type { Db } from '../../src/core/db/db.ts'
import { StoppedError } from '../../src/core/errors.ts'
import { deltaStockRun, fullStockRun, rebalanceRun, type StockRunReport } from '../../src/core/inventory/stock-runs.ts'
import { parseRatio } from '../../src/core/model/decimal.ts'
import { pullAndPublish } from '../../src/core/orders/pull-and-publish.ts'
import { pullChannels } from '../../src/core/orders/pull-channels.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import type { Clock } from '../../src/core/ports/system.ts'
import type { SandboxReply, SandboxRequest } from '../../src/sandbox/stand-in.ts'
import { FACTORIES } from '../../src/sandbox/vendors.ts'
import { MINUTE, noon } from './a-clock.ts'
import { aRunOn, settings } from './a-run.ts'
import { testGate } from './gate.ts'
import { createJudge, type Fraction, type Judge, type Rule, type Shop } from './oversell-judge.ts'
import type { Place, Wire } from './oversell-wire.ts'

/** No wait of a connector is this long: so it is known by its length, and the heart beats only when the work is over. */
const HEARTBEAT_MS = 15 * MINUTE + 1
/** A call is so long on its way, and so long its answer. */
const CALL_MS = 40
/** A delta reading looks back so much further than the last reading. */
const OVERLAP_MS = 5 * MINUTE

export interface TownOptions {
  readonly ratio: Readonly<Record<Shop, Fraction>>
  readonly carry: Rule['carry']
  readonly guard: InventorySettings['raiseGuard']
  /** The guard that the judge holds isync to; absent: its own, and `pulled` where it is off. */
  readonly judgedBy?: Rule['guard']
  /** Units in Zoho at the beginning, by SKU. */
  readonly stock: Readonly<Record<string, number>>
  /** How much later than it is placed Amazon shows an order. */
  readonly lagMs: number
  /** From Amazon's yes to a number until buyers see it. */
  readonly liveAfterMs: number
  /** Where isync sells. */
  readonly shops: readonly Shop[]
  /** False: nobody ever enters an order in Zoho. */
  readonly books: boolean
}

/** A seller with two channels, a stock source, and isync between them: the real connectors and use cases on a real database. */
export interface Town {
  readonly judge: Judge
  now(): number
  wait(ms: number): void
  /** A buyer takes so many units, or what the channel still shows of them. False: it shows none. */
  buy(shop: Shop, sku: string, units: number): boolean
  /** Somebody enters the nth of the orders that Zoho does not know of. */
  book(nth: number): void
  /** Goods come in, or a count is put right: units more or fewer. */
  restock(sku: string, units: number): void
  /** What a channel shows its buyers. */
  live(shop: Shop, sku: string): number
  pull(only?: Shop): Promise<void>
  full(): Promise<StockRunReport>
  delta(): Promise<StockRunReport>
  rebalance(all: boolean): Promise<StockRunReport>
  /** Units sold that were not there. */
  readonly oversold: { units: number }
  /** How often something came in the middle of a run, and searches for orders that a channel did not answer. */
  readonly trouble: { interruptions: number; outages: number }
  /** Called when a call reaches a vendor and again before its answer leaves. True: the vendor is out of order. */
  meanwhile: (when: 'before' | 'after', place: Place, request: SandboxRequest) => Promise<boolean>
}

let towns = 0

export function openTown(db: Db, wire: Wire, options: TownOptions): Town {
  const { clock, move } = aLeapingClock()
  const shelves = { amazon: FACTORIES.amazon(clock), mirakl: FACTORIES.mirakl(clock), zoho: FACTORIES.zoho(clock) }
  const skus = Object.keys(options.stock)
  shelves.amazon.seed({
    rate_limits: 'off',
    order_lag_ms: options.lagMs,
    stock: { live_after_ms: options.liveAfterMs },
    listings: skus.map((sku) => ({ sku, quantity: 0 })),
  })
  shelves.mirakl.seed({ rate_limits: false, offers: skus.map((sku) => ({ sku, quantity: 0 })) })
  const items = skus.map((sku) => ({ sku, stock: options.stock[sku] }))
  shelves.zoho.seed({ settings: { calls_per_minute: 0, calls_per_day: 0, movements_modify: true }, items })

  const { guard, carry, ratio, shops } = options
  const judge = createJudge({ shops, ratio, carry, guard: options.judgedBy ?? (guard === 'off' ? 'pulled' : guard) })
  const zoho = new Map(Object.entries(options.stock))
  const there = new Map(zoho)
  const unbooked: { readonly sku: string; readonly units: number }[] = []
  const oversold = { units: 0 }

  wire.now = clock.now
  wire.answer = async (place, request): Promise<SandboxReply> => {
    const arrivedAt = clock.now()
    judge.reached(place, request, arrivedAt, live)
    move(CALL_MS)
    if (await town.meanwhile('before', place, request)) return { status: 503, body: { message: 'out of order' } }
    const reply = shelves[place].handle(request)
    // An hour has passed: a token dies, and the connector gets another.
    if (reply.status >= 300 && reply.status !== 401 && reply.status !== 403)
      throw new Error(`${place} ${request.method} ${request.path}: ${JSON.stringify(reply)}`)
    await town.meanwhile('after', place, request)
    move(CALL_MS)
    judge.answered(place, request, reply, arrivedAt, clock.now())
    return reply
  }

  function live(shop: Shop, sku: string): number {
    if (shop === 'amazon') return find((shelves.amazon.books() as AmazonBooks).listings, sku).quantity
    return find((shelves.mirakl.books() as MiraklBooks).offers, sku).quantity
  }

  function setZoho(sku: string, change: number): void {
    const units = Math.max(0, (zoho.get(sku) ?? 0) + change)
    zoho.set(sku, units)
    shelves.zoho.act('set-stock', { sku, stock: units })
  }

  const amazonGate = testGate('amazon-us', { clock })
  const miraklGate = testGate('mirakl-macys', { clock })
  const zohoGate = testGate('zoho', { clock })
  const connectors: Readonly<Record<Shop, MarketplaceConnector>> = {
    amazon: createAmazonConnector(amazonGate.gate, {
      channel: 'amazon-us',
      region: 'na',
      marketplaceIds: ['ATVPDKIKX0DER'],
      sellerId: 'A1SANDBOX',
      ordersApi: '2026-01-01',
      endpoint: wire.origins.amazon,
      authEndpoint: wire.origins.amazon,
      sandbox: false,
      credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
      carriers: {},
      timeoutMs: 5000,
    }),
    mirakl: createMiraklConnector(miraklGate.gate, {
      channel: 'mirakl-macys',
      baseUrl: 'https://unreachable.invalid',
      endpoint: wire.origins.mirakl,
      credentials: { apiKey: 'sandbox-key' },
      carriers: {},
      countryNames: {},
      timeoutMs: 5000,
    }),
  }
  const source = createZohoConnector(zohoGate.gate, {
    dataCenter: 'com',
    organizationId: '10234695',
    availableField: 'available_stock',
    locationIds: [],
    dailyCalls: 2500,
    dailyReservePct: 20,
    ratePerMinute: 90,
    endpoint: wire.origins.zoho,
    authEndpoint: wire.origins.zoho,
    credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
    timeoutMs: 5000,
  })
  const all = shops.map((shop) => connectors[shop])

  towns += 1
  const name = `t${towns}`
  let runs = 0
  /** Every command is a run of its own, as cron starts it. */
  function aRun(): Run {
    runs += 1
    const channels = new Map(shops.map((shop) => [connectors[shop].channel, { ratio: parseRatio(textOf(ratio[shop])) }] as const))
    const inventory = { ...settings.inventory, channels, raiseGuard: guard, carry }
    const run = aRunOn(db, { name: `${name}-${runs}`, settings: { leaseMs: 4 * HEARTBEAT_MS, inventory } })
    return { ...run, clock }
  }
  function requestOf(run: Run) {
    const pullOrders = () => pullChannels(run, { connectors: all })
    return { connectors: all, pullOrders, overrideBrake: false }
  }

  const town: Town = {
    judge,
    oversold,
    trouble: { interruptions: 0, outages: 0 },
    meanwhile: async () => false,
    now: clock.now,
    wait: move,
    live,
    buy(shop, sku, wanted) {
      const units = Math.min(wanted, live(shop, sku))
      if (units <= 0) return false
      const { order_id: id } = shelves[shop].act('buy', { sku, quantity: units }) as { order_id: string }
      const at = clock.now()
      judge.bought({ id, shop, sku, units, at, visibleAt: shop === 'amazon' ? at + options.lagMs : at })
      unbooked.push({ sku, units })
      const rest = there.get(sku) ?? 0
      there.set(sku, rest - units)
      oversold.units += units - Math.min(units, Math.max(0, rest))
      return true
    },
    book(nth) {
      const [sale] = unbooked.splice(unbooked.length === 0 ? 0 : nth % unbooked.length, 1)
      if (sale !== undefined && options.books) setZoho(sale.sku, -sale.units)
    },
    restock(sku, change) {
      const before = zoho.get(sku) ?? 0
      setZoho(sku, change)
      there.set(sku, (there.get(sku) ?? 0) + (zoho.get(sku) ?? 0) - before)
    },
    async pull(only) {
      await pullAndPublish(aRun(), { connectors: only === undefined ? all : [connectors[only]] }, all)
    },
    async full() {
      const run = aRun()
      return fullStockRun(run, { ...requestOf(run), source, force: false })
    },
    async delta() {
      const run = aRun()
      return deltaStockRun(run, { ...requestOf(run), source, overlapMs: OVERLAP_MS })
    },
    async rebalance(everything) {
      const run = aRun()
      return rebalanceRun(run, { ...requestOf(run), all: everything })
    },
  }
  return town
}

/** Who sleeps moves it on; only a heart sleeps until it is told to stop. */
function aLeapingClock(): { readonly clock: Clock; readonly move: (ms: number) => void } {
  let now = noon
  const clock: Clock = {
    now: () => now,
    sleep(ms, signal) {
      if (ms !== HEARTBEAT_MS) {
        now += ms
        return Promise.resolve()
      }
      return new Promise((_, reject) => {
        const stop = () => reject(new StoppedError('the wait was stopped'))
        if (signal?.aborted === true) stop()
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
  }
  return {
    clock,
    move(ms) {
      now += ms
    },
  }
}

function textOf([over, under]: Fraction): string {
  return String(over / under)
}

interface AmazonBooks {
  readonly listings: readonly { readonly sku: string; readonly quantity: number }[]
}

interface MiraklBooks {
  readonly offers: readonly { readonly sku: string; readonly quantity: number }[]
}

function find(rows: readonly { readonly sku: string; readonly quantity: number }[], sku: string): { readonly quantity: number } {
  const row = rows.find((one) => one.sku === sku)
  if (row === undefined) throw new Error(`${sku} is not listed`)
  return row
}
