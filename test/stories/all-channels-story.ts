import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  buyEverywhere,
  everywhere,
  type Fate,
  type Market,
  markets,
  openAllChannels,
  packedOrder,
  packOrder,
  type Town,
  trackingOf,
} from '../world/all-channels.ts'
import { audit } from '../world/auditor.ts'
import { auditStock, stockWrites } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import type { Ran, World } from '../world/loop.ts'

const MINUTE = 60_000
/** Longer than any marketplace takes to show what happened. */
const SETTLED = 15 * MINUTE

/** Sold at Amazon, and brought by ChannelAdvisor too. */
const AMAZON_TWIN = '114-7777777-0000001'
const COPY = '21900001'
/** ChannelAdvisor's own, though an Amazon order has its number and its goods: a person says so. */
const AMAZON_NAMESAKE = '114-7777777-0000002'
const OWN = '21900002'

const CODES = ['amazon-us', 'ebay-us', 'mirakl-macys', 'rithum-acme', 'rithum-ca']

const twins = [
  { number: AMAZON_TWIN, id: COPY, lines: [{ sku: 'SKU-000001', quantity: 1 }] },
  { number: AMAZON_NAMESAKE, id: OWN, lines: [{ sku: 'SKU-000001', quantity: 1 }] },
] as const

/** What becomes of orders and stock with a channel of every type, over the command line. */
export function tellAllChannels(database: TestDatabase): void {
  describe(`five channels, with ${database.name},`, { timeout: 120_000 }, () => {
    let world: World
    let town: Town

    beforeAll(async () => {
      world = await openAllChannels(database)
    })
    afterAll(() => world.close())

    it('stock: every channel shows what the rule gives, and a second run sends nothing', async () => {
      const plan = await dry('inventory:full')
      expect(new Set(plan.map(({ account }) => account))).toEqual(new Set(CODES))
      await ends(['inventory:full'])
      expect(auditStock(world.sandbox)).toEqual({ listed: 50, wrong: [], trespasses: [], oversold: [] })
      const before = world.sandbox.journal().length
      await ends(['inventory:full'])
      expect(stockWrites(world.sandbox, before)).toEqual([])
    })

    it('orders: what may ship is in ShipStation once, and what is not paid, cancelled or unreadable is not', async () => {
      town = buyEverywhere(world, 1)
      for (const { number, lines } of twins) world.sandbox.act('amazon', 'add-orders', [{ order_id: number, items: lines }])
      await later('orders:pull')
      // ChannelAdvisor looks for a marketplace's orders every quarter of an hour.
      for (const { number, id, lines } of twins)
        world.sandbox.act('channeladvisor', 'add-orders', [
          { order_id: Number(id), site_order_id: number, site_name: 'Amazon Seller Central - US', lines },
        ])
      await later('orders:pull')
      everywhere(world, town, 'cancelled before the push', 'cancel')
      world.clock.advance(SETTLED)
      await dry('orders:pull')
      await later('orders:pull')
      const plan = await dry('orders:push-shipstation')
      const targets = plan.map(({ target }) => target)
      expect(markets.filter((market) => !targets.includes(town[market]['in two packages']))).toEqual([])
      await twice('orders:push-shipstation')

      for (const market of markets) {
        expect(statusOf(market, 'in two packages'), market).toBe('awaiting_shipment')
        expect(statusOf(market, 'cancelled before the push'), market).toBeUndefined()
        expect(statusOf(market, 'not paid yet'), market).toBeUndefined()
        expect(statusOf(market, 'unreadable'), market).toBeUndefined()
      }
      everywhere(world, town, 'not paid yet', 'pay')
      await later('orders:pull', 'orders:push-shipstation')

      for (const market of markets) expect(statusOf(market, 'not paid yet'), market).toBe('awaiting_shipment')
      expect(
        (await openAlerts())
          .filter(({ rule }) => rule === 'poison')
          .map(({ channel }) => channel)
          .sort(),
      ).toEqual(['amazon-us', 'ebay-us', 'mirakl-macys', 'rithum-acme', 'rithum-ca'])
      expect(lostBut('unreadable')).toEqual([`channeladvisor ${OWN}: not in ShipStation`])
    })

    it('an order that comes over two channels is shipped once; the copy waits, and goes when a person says that it is none', async () => {
      expect(packedOrder(world, 'amazon', AMAZON_TWIN)?.status).toBe('awaiting_shipment')
      expect(packedOrder(world, 'channeladvisor', COPY)).toBeUndefined()
      expect(packedOrder(world, 'channeladvisor', OWN)).toBeUndefined()
      expect(await openAlerts()).toContainEqual(expect.objectContaining({ rule: 'double-path', channel: 'rithum-ca' }))

      await ends(['orders:release', OWN, '--channel', 'rithum-ca'])
      await later('orders:push-shipstation')

      expect(packedOrder(world, 'channeladvisor', OWN)?.status).toBe('awaiting_shipment')
      expect(packedOrder(world, 'channeladvisor', COPY)).toBeUndefined()
      expect(lostBut('unreadable')).toEqual([])
    })

    it('stock: each unit that was sold anywhere is gone everywhere, once', async () => {
      expect((await dry('inventory:rebalance', '--all')).length).toBeGreaterThan(5)
      await ends(['inventory:rebalance', '--all'])
      world.clock.advance(SETTLED)
      expect(auditStock(world.sandbox, { copies: [COPY] })).toMatchObject({ wrong: [], trespasses: [], oversold: [] })
      const before = world.sandbox.journal().length
      await ends(['inventory:rebalance', '--all'])
      expect(stockWrites(world.sandbox, before)).toEqual([])
    })

    it('an order that is cancelled or moved after the push is stopped, or moved, in ShipStation', async () => {
      everywhere(world, town, 'cancelled after the push', 'cancel')
      everywhere(world, town, 'moved after the push', 'move')
      await later('orders:pull', 'orders:push-shipstation')
      for (const market of markets) {
        expect(statusOf(market, 'cancelled after the push'), market).toBe('on_hold')
        const moved = packedOrder(world, market, town[market]['moved after the push'])
        expect(moved?.ship_to.street1, market).toBe('9 Moved Street')
      }
    })

    it('packages: each is told once, in parts where there are parts; a label that was voided before is never told', async () => {
      for (const market of markets) {
        const ids = town[market]
        packOrder(world, market, ids['in two packages'], [[1], [2]])
        packOrder(world, market, ids['a package for each line'], [[2, 0]])
        packOrder(world, market, ids['its label voided before'])
        world.sandbox.act('shipstation', 'void', { tracking: trackingOf(market, ids['its label voided before'], 1) })
        packOrder(world, market, ids['its label voided before'], [[]], 2)
        for (const fate of ['its label voided after', 'moved after the push', 'not paid yet'] as const)
          packOrder(world, market, ids[fate])
      }
      packOrder(world, 'amazon', AMAZON_TWIN)
      packOrder(world, 'channeladvisor', OWN)
      world.clock.advance(SETTLED)
      const plan = await dry('tracking:sync')
      expect([...new Set(plan.map(({ account }) => account))].sort()).toEqual(CODES)
      await later('tracking:sync', 'tracking:sync')

      expect(audited()).toMatchObject({ doubled: [] })
      expect(lostBut('unreadable')).toEqual([])
      for (const { channel, packages, confirmed } of audited().channels)
        expect([channel, confirmed], channel).toEqual([channel, packages])
      for (const market of markets) {
        const voided = trackingOf(market, town[market]['its label voided before'], 1)
        expect(JSON.stringify(world.sandbox.books(market)), market).not.toContain(voided)
      }
    })

    it('a label that is voided after it was told is a matter for a person', async () => {
      for (const market of markets) {
        const id = town[market]['its label voided after']
        world.sandbox.act('shipstation', 'void', { tracking: trackingOf(market, id, 1) })
      }
      await later('tracking:sync')
      const told = (await openAlerts()).filter(({ message }) => message.includes('void'))
      expect(told.map(({ channel }) => channel).sort()).toEqual(CODES)
    })

    it('an order of which a part has left stays in ShipStation as it is, and its rest is told when it leaves', async () => {
      const before = world.sandbox.journal().length
      await later('orders:pull', 'orders:push-shipstation')
      expect(writesSince(before)).toEqual([])
      for (const market of markets) {
        packOrder(world, market, town[market]['in two packages'], [[1]], 3)
        packOrder(world, market, town[market]['a package for each line'], [[0, 1]], 2)
      }
      await later('tracking:sync')
      expect(audited()).toMatchObject({ doubled: [] })
      expect(lostBut('unreadable')).toEqual([])
    })

    it('and when all is told, nothing is sent any more', async () => {
      const before = world.sandbox.journal().length
      await later('orders:pull', 'orders:push-shipstation', 'tracking:sync')
      expect(writesSince(before)).toEqual([])
    })

    function writesSince(n: number): readonly string[] {
      const writes = world.sandbox.journal().slice(n).filter(isWrite)
      return writes.map(({ vendor, method, path }) => `${vendor} ${method} ${path}`)
    }

    function statusOf(market: Market, fate: Fate): string | undefined {
      return packedOrder(world, market, town[market][fate])?.status
    }

    function audited() {
      return audit(world.sandbox, { copies: [COPY] })
    }

    function lostBut(fate: Fate): readonly string[] {
      const known = new Set(markets.map((market) => `${market} ${town[market][fate]}: not in ShipStation`))
      return audited().lost.filter((line) => !known.has(line))
    }

    async function ends(args: readonly string[], exit: number | readonly number[] = 0): Promise<Ran> {
      const ran = await world.isync([...args, '--json'])
      expect([exit].flat(), `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
      return ran
    }

    /** What a command would do, which leaves the database and every vendor as they were. */
    async function dry(...args: readonly string[]): Promise<readonly { account: string; target: string }[]> {
      const before = { rows: await fingerprint(world.databaseUrl), books: booksOf(world), calls: world.sandbox.journal().length }
      const ran = await ends([...args, '--dry-run'])
      expect(await fingerprint(world.databaseUrl)).toBe(before.rows)
      expect(booksOf(world)).toEqual(before.books)
      expect(writesSince(before.calls)).toEqual([])
      return ran.json<{ plan: readonly { account: string; target: string }[] }>().plan
    }

    async function twice(command: string): Promise<void> {
      await ends([command])
      world.clock.advance(MINUTE)
      await ends([command])
    }

    async function later(...commands: readonly string[]): Promise<void> {
      for (const command of commands) {
        world.clock.advance(SETTLED)
        await ends([command])
      }
    }

    async function openAlerts(): Promise<readonly { rule: string; channel: string; message: string }[]> {
      const { alerts } = (await world.isync(['alerts', '--json'])).json<{
        alerts: { rule: string; channel: string; message: string }[]
      }>()
      return alerts
    }
  })
}

/** What the vendors hold; how often they were asked is left out. */
function booksOf({ sandbox }: World): unknown {
  return [...markets, 'shipstation' as const].map((vendor) => {
    const books = sandbox.books(vendor) as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(books).filter(([name]) => !/^(calls|throttled|tokens_issued)/.test(name)))
  })
}

function isWrite({ method, path, requestBody }: { method: string; path: string; requestBody: string }): boolean {
  if (method === 'GET' || /token$|restrictedDataToken$/.test(path)) return false
  return !/^<\?xml[^>]*>\s*<Get/.test(requestBody) && !path.includes('/bulk_get_')
}
