import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { audit } from '../world/auditor.ts'
import type { TestDatabase } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'
import { withoutMoreLimits } from '../world/more-channels.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Amazon's report is waited for in quick time; a lease outlasts a machine that is busy. */
const SCALE = 200
const LEASE = 'lease: 30m'
const LEASE_OVER = 40 * MINUTE

/** How many open orders each marketplace has. */
export interface Town {
  readonly amazon: number
  readonly mirakl: number
  readonly ebay: number
}

const none: Town = { amazon: 0, mirakl: 0, ebay: 0 }

interface Summary {
  readonly channel: string
  readonly open: number
  readonly mapped: number
  readonly missing: number
  readonly missing_pct: number
  readonly repaired: number
  readonly left: number
  readonly severity: string
}

/** `reconcile --json`, as far as this story looks at it. */
interface Document {
  readonly schema_version: number
  readonly verdict: string
  readonly summary: readonly Summary[]
  readonly findings: readonly {
    readonly id: string
    readonly kind: string
    readonly channel: string
    readonly external_order_id: string | null
    readonly sku: string | null
    readonly severity: string
    readonly age_s: number
    readonly state: string
    readonly next: string
  }[]
  readonly plan?: readonly { readonly account: string; readonly operation: string; readonly target: string }[]
}

interface Alert {
  readonly rule: string
  readonly channel: string
  readonly severity: string
  readonly message: string
}

/** Every twentieth. */
const isForgotten = (n: number) => n % 20 === 7

/**
 * A bad week: Amazon's list of changes forgets 5 % of the orders, so does Mirakl's, whose pages move while they are read, and somebody has
 * put eBay's place in the stream a day ahead. What a reconciliation makes of it, over the command line.
 */
export function tellReconcile(database: TestDatabase, town: Town): void {
  describe(`what slipped, with ${database.name},`, { timeout: 600_000 }, () => {
    let world: World
    /** Orders that are cancelled while somebody reads. */
    let doomed: string[]

    beforeAll(async () => {
      world = await startWorld(database, { scale: SCALE, also: ['ebay'], config: { top: LEASE } })
      world.sandbox.seed('amazon', { rate_limits: 'off' })
      world.sandbox.seed('mirakl', { rate_limits: false })
      world.sandbox.seed('shipstation', { rate_limit: 0 })
      withoutMoreLimits(world.sandbox)
      // A place in every stream, from before the orders came.
      await ends(world, 'orders:pull')
      await moveCursor(world, 'ebay-us', DAY)
      // The eldest of the orders that come now is younger than that place.
      world.clock.advance(30 * MINUTE)
      doomed = placeOrders(world, town)
      world.clock.advance(60 * MINUTE)
      await whileMiraklsPagesMove(() => ends(world, 'orders:pull'))
      await ends(world, 'orders:push-shipstation')
    })
    afterAll(() => world.close())

    it('is not noticed by the pull: the orders are nowhere', () => {
      const { channels } = audit(world.sandbox)
      const missing = Object.fromEntries(
        channels.map(({ channel, shippable, inShipStation }) => [channel, shippable - inShipStation]),
      )
      expect(missing['amazon']).toBe(forgottenOf(town.amazon))
      expect(missing['mirakl']).toBeGreaterThanOrEqual(forgottenOf(town.mirakl))
      expect(missing['ebay']).toBe(town.ebay)
    })

    it('is planned by a dry run, which changes nothing anywhere', async () => {
      const before = { rows: await fingerprint(world.databaseUrl), books: booksOf(world) }
      const { plan = [], summary } = (await ends(world, 'reconcile', [0, 3], '--dry-run')).json<Document>()
      expect(await fingerprint(world.databaseUrl)).toBe(before.rows)
      expect(booksOf(world)).toEqual(before.books)

      const created = plan.filter(({ operation }) => operation === 'createorders').map(({ target }) => target)
      expect(new Set(created)).toEqual(new Set(lost()))
      expect(summary.map(({ channel, left }) => [channel, left])).toEqual([
        ['amazon-us', 0],
        ['mirakl-macys', 0],
        ['ebay-us', 0],
      ])
    })

    it('is only named where nothing is to be repaired, with the command that does it', async () => {
      const missing = lost()
      const { findings } = (await ends(world, 'reconcile', 3, '--no-remedy')).json<Document>()
      expect(findings.map(({ external_order_id: id }) => id).sort()).toEqual([...missing].sort())
      for (const { kind, state, channel, external_order_id: id, sku, next } of findings)
        expect({ kind, state, sku, next }).toEqual({
          kind: 'missing',
          state: 'open',
          sku: null,
          next: `isync orders:pull --channel ${channel} --order ${id}`,
        })
      expect(lost()).toEqual(missing)
    })

    it('is in ShipStation after one reconciliation, once, though pages move while it reads', async () => {
      const missing = lost().length
      const {
        summary,
        findings,
        schema_version: version,
      } = (await whileMiraklsPagesMove(() => ends(world, 'reconcile'))).json<Document>()

      expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
      expect(version).toBe(1)
      const [amazon, mirakl, ebay] = summary
      const forgotten = forgottenOf(town.amazon)
      expect(amazon).toMatchObject({ channel: 'amazon-us', open: town.amazon, missing: forgotten, repaired: forgotten, left: 0 })
      expect(amazon).toMatchObject({ mapped: town.amazon - forgotten, missing_pct: 5, severity: 'warning' })
      expect(mirakl).toMatchObject({ channel: 'mirakl-macys', severity: 'warning', left: 0 })
      expect(ebay).toMatchObject({ channel: 'ebay-us', open: town.ebay, missing_pct: 100, severity: 'critical', left: 0 })
      expect(findings).toHaveLength(missing)
      expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['repaired']))
      // Found by the run before, and as old as that.
      expect(Math.min(...findings.map(({ age_s: age }) => age))).toBeGreaterThan(0)
    })

    it('raises an alert for each channel, as severe as it is', async () => {
      const alerts = await openAlerts()
      expect(alerts.map(({ channel, severity }) => `${channel} ${severity}`).sort()).toEqual([
        'amazon-us warning',
        'ebay-us critical',
        'mirakl-macys warning',
      ])
      expect(alerts.find(({ channel }) => channel === 'ebay-us')?.message).toContain(
        `${town.ebay} of ${town.ebay} open orders (100 %) were not in ShipStation`,
      )
    })

    it('is over when the next reconciliation finds nothing: no order is sent, and the alerts end', async () => {
      world.clock.advance(60 * MINUTE)
      const before = world.sandbox.journal().length
      const { summary, findings } = (await ends(world, 'reconcile')).json<Document>()
      expect(findings).toEqual([])
      expect(summary.map(({ missing, severity }) => [missing, severity])).toEqual(summary.map(() => [0, 'none']))
      expect(await openAlerts()).toEqual([])
      const sent = world.sandbox
        .journal()
        .slice(before)
        .filter(({ vendor, method }) => vendor === 'shipstation' && method !== 'GET')
      expect(sent).toEqual([])
      expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
    })

    it('is told to a person in a table and in words', async () => {
      placeOrders(world, none, ['113-5555555-0000001'])
      world.clock.advance(30 * MINUTE)
      const { stdout, code } = await world.isync(['reconcile', '--no-remedy'])
      expect(code, stdout).toBe(3)
      expect(stdout).toMatch(/amazon-us\s.*\s1\s/)
      expect(stdout).toContain('1 finding(s):')
      expect(stdout).toContain('next: isync orders:pull --channel amazon-us --order 113-5555555-0000001')
    })

    it('does not hide what another channel has: one that is down is said, and the others are repaired', async () => {
      placeOrders(world, none, ['113-7777777-0000001'])
      world.clock.advance(30 * MINUTE)
      world.sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 401, times: 1_000 })
      const ran = await ends(world, 'reconcile', 3)
      world.sandbox.clearFaults('mirakl')
      const { channels } = ran.json<{ channels: { channel: string; outcome: string; errors: { next: string }[] }[] }>()
      expect(channels.find(({ channel }) => channel === 'mirakl-macys')).toMatchObject({
        outcome: 'down',
        errors: [{ next: 'isync doctor --channel mirakl-macys' }],
      })
      expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
    })

    /** What the auditor misses, by number. */
    function lost(): readonly string[] {
      return audit(world.sandbox).lost.map((line) => line.split(/[ :]/)[1] ?? '')
    }

    async function openAlerts(): Promise<readonly Alert[]> {
      const { alerts } = (await world.isync(['alerts', '--json'])).json<{ alerts: readonly Alert[] }>()
      return alerts.filter(({ rule }) => rule === 'missing-orders')
    }

    /** Each time Mirakl has shown a full page, an order of the shop is cancelled: everything behind it moves up. */
    async function whileMiraklsPagesMove(work: () => Promise<Ran>): Promise<Ran> {
      const begun = world.sandbox.journal().length
      let shown = 0
      const moving = setInterval(() => {
        const pages = world.sandbox
          .journal()
          .slice(begun)
          .filter(({ vendor, path }) => vendor === 'mirakl' && path.startsWith('/api/orders')).length
        if (pages <= shown) return
        shown = pages
        const order_id = doomed.shift()
        if (order_id !== undefined) world.sandbox.act('mirakl', 'cancel', { order_id })
      }, 1)
      try {
        return await work()
      } finally {
        clearInterval(moving)
        expect(shown).toBeGreaterThan(1)
      }
    }
  })
}

/** A repair that is killed, over the command line. */
export function tellKilledRepair(database: TestDatabase): void {
  describe(`a repair, with ${database.name},`, { timeout: 600_000 }, () => {
    let world: World

    beforeAll(async () => {
      world = await startWorld(database, { scale: SCALE, config: { top: LEASE } })
      world.sandbox.seed('amazon', { rate_limits: 'off' })
      world.sandbox.seed('mirakl', { rate_limits: false })
      world.sandbox.seed('shipstation', { rate_limit: 0 })
      await ends(world, 'orders:pull')
    })
    afterAll(() => world.close())

    const places = ['call:createorders:after', 'call:createorders:before', 'call:searchOrders:after'] as const
    it.each(inject('thorough') ? places : places.slice(0, 1))(
      'is neither lost nor doubled when the repair dies at %s and the next one goes on',
      async (place) => {
        const tag = places.indexOf(place) + 1
        placeOrders(
          world,
          none,
          [1, 2, 3].map((n) => `113-666666${tag}-000000${n}`),
        )
        world.clock.advance(30 * MINUTE)
        const killed = await world.isync(['reconcile', '--json'], { ISYNC_FAULT: place })
        expect(killed.signal, killed.stderr).toBe('SIGKILL')
        world.clock.advance(LEASE_OVER)
        await ends(world, 'reconcile')
        // What was perhaps sent is looked up before it is sent again.
        world.clock.advance(10 * MINUTE)
        await ends(world, 'reconcile')
        expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
      },
    )
  })
}

async function ends(
  world: World,
  command: string,
  exit: number | readonly number[] = 0,
  ...words: readonly string[]
): Promise<Ran> {
  const ran = await world.isync([command, ...words, '--json'])
  expect([exit].flat(), `${command} ${words.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
  return ran
}

/** An hour's orders; `more` of Amazon's are forgotten too. Gives those of Mirakl's that may be cancelled while somebody reads. */
function placeOrders(world: World, { amazon, mirakl, ebay }: Town, more: readonly string[] = []): string[] {
  const at = world.clock.now()
  const when = (n: number) => ({ created_at: at - n * 1_000, updated_at: at - n * 1_000 })
  const ofAmazon = Array.from({ length: amazon }, (_, n) => `113-1000000-${String(n).padStart(7, '0')}`)
  const ofMirakl = Array.from({ length: mirakl }, (_, n) => `M${String(n).padStart(5, '0')}-A`)
  world.sandbox.seed('amazon', { orders: [...ofAmazon, ...more].map((order_id, n) => ({ ...when(n), order_id })) })
  world.sandbox.seed('mirakl', { orders: ofMirakl.map((order_id, n) => ({ ...when(n), order_id, state: 'SHIPPING' })) })
  world.sandbox.seed('ebay', {
    orders: Array.from({ length: ebay }, (_, n) => ({
      order_id: `21-${String(70_000 + n)}-${String(10_000 + n)}`,
      created_at: at - n * 1_000,
      lines: [{ sku: 'SKU-000001', quantity: 1, price: '10.00' }],
    })),
  })
  for (const order_id of [...ofAmazon.filter((_, n) => isForgotten(n)), ...more])
    world.sandbox.act('amazon', 'omit', { order_id })
  for (const order_id of ofMirakl.filter((_, n) => isForgotten(n))) world.sandbox.act('mirakl', 'omit', { order_id })
  return ofMirakl.filter((_, n) => n < 10 && !isForgotten(n))
}

function forgottenOf(count: number): number {
  return Array.from({ length: count }, (_, n) => n).filter(isForgotten).length
}

/** As somebody does with a database tool. */
async function moveCursor(world: World, channel: string, byMs: number): Promise<void> {
  const db = await openDb(world.databaseUrl)
  try {
    const moved = await db.run(`update cursors set at = at + ? where channel = ? and stream = 'orders'`, [byMs, channel])
    expect(moved).toBe(1)
  } finally {
    await db.close()
  }
}

/** What the vendors hold; how often they were asked is left out. */
function booksOf({ sandbox }: World): unknown {
  return (['amazon', 'mirakl', 'ebay', 'shipstation'] as const).map((vendor) => {
    const books = sandbox.books(vendor) as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(books).filter(([name]) => !/^(calls|throttled|tokens_issued|quota)/.test(name)))
  })
}
