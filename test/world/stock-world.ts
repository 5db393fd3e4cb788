import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { JournalEntry } from '../../src/sandbox/stand-in.ts'
import { stockWrites } from './auditor-stock.ts'
import type { TestDatabase } from './databases.ts'
import { type Ran, startWorld, type World, type WorldOptions } from './loop.ts'

export const MINUTE = 60_000
/** Longer than Amazon takes to show an order to a search, and than a quantity takes to go live. */
export const SETTLED = 10 * MINUTE

/** `inventory:full|rebalance|delta --json`, as far as stories look at it. */
export interface StockDocument {
  readonly verdict: string
  readonly reading?: { readonly items: number; readonly changed: number; readonly missing: number }
  readonly recomputed?: { readonly skus: number; readonly changed: number }
  readonly channels: readonly {
    readonly channel: string
    readonly outcome: string
    readonly counts: Readonly<Record<string, number>>
    readonly calls: Readonly<Record<string, number>>
  }[]
  readonly brakes: readonly { readonly where: string; readonly what: string; readonly why: string }[]
  readonly stock_calls: Readonly<Record<string, number>>
  readonly errors: readonly { readonly channel: string; readonly why: string; readonly next: string }[]
  readonly held_by?: object
}

export interface Alert {
  readonly rule: string
  readonly channel: string
  readonly severity: string
  readonly message: string
  readonly next: string
}

export interface StockWorld extends World {
  /** A buyer takes units of a SKU off a channel's page. The order is seen by pulls once {@link SETTLED} has passed. */
  buy(market: 'amazon' | 'mirakl', sku: string, quantity?: number): string
  /** Stock in Zoho from now on. */
  setStock(units: Readonly<Record<string, number>>): void
  /** What Zoho, Amazon and Mirakl were asked since entry `n` of the journal. */
  heard(since: number): readonly JournalEntry[]
  /** Calls that changed a quantity since then. */
  writes(since: number): readonly string[]
  alerts(): Promise<readonly Alert[]>
  /** Runs a command with --json that must end like this. */
  runs(args: readonly string[], exit?: number): Promise<Ran>
}

export interface Shop {
  /** SKU-000001 and so on: in Zoho, on Amazon, on Mirakl. */
  readonly count: number
  /** Gone through in turn. */
  readonly stock?: readonly number[]
}

/** A seller with stock in Zoho and the same SKUs on Amazon and Mirakl, whose pages show 99 of each so far. Vendors without rate limits. */
export async function openStockWorld(database: TestDatabase, shop: Shop, options: WorldOptions = {}): Promise<StockWorld> {
  const world = await startWorld(database, { scale: 20, ...options })
  const { sandbox, clock } = world
  const { count, stock = [10, 3, 1, 0, 25] } = shop
  sandbox.seed('amazon', { rate_limits: 'off', listings: [{ sku: 'SKU-{n:6}', count, quantity: 99 }] })
  sandbox.seed('mirakl', { rate_limits: false, offers: [{ sku: 'SKU-{n:6}', count, quantity: 99 }] })
  sandbox.seed('shipstation', { rate_limit: 0 })
  sandbox.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 }, generate: { count, stock } })
  return {
    ...world,
    buy(market, sku, quantity = 1) {
      const { order_id } = sandbox.act(market, 'buy', {
        sku,
        quantity,
        ...(market === 'mirakl' && { order: { state: 'SHIPPING' } }),
      }) as {
        readonly order_id: string
      }
      return order_id
    },
    setStock(units) {
      for (const [sku, level] of Object.entries(units)) sandbox.act('zoho', 'set-stock', { sku, stock: level })
    },
    heard: (since) => sandbox.journal().slice(since),
    writes: (since) => stockWrites(sandbox, since),
    alerts: async () => (await world.isync(['alerts', '--json'])).json<{ readonly alerts: readonly Alert[] }>().alerts,
    async runs(args, exit = 0) {
      const ran = await world.isync([...args, '--json'])
      expect(ran.code, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toBe(exit)
      clock.advance(SETTLED)
      return ran
    },
  }
}

/** SKU-000042 */
export function skuNo(n: number): string {
  return `SKU-${String(n).padStart(6, '0')}`
}

/** A second Amazon seller and a second Mirakl marketplace, listing the same SKUs: amazon-ca and mirakl-kohls. */
export function addChannels(world: World, count: number): void {
  const { amazon, mirakl } = world.sandbox.origins
  const file = join(world.folder, 'isync.config.yaml')
  const more = `  amazon-ca:
    type: amazon
    region: na
    marketplace_ids: [A2EUQ1WTGCTBG2]
    seller_id: A2SANDBOX
    shipstation_store_id: 20002
    ratio: "0.98"
    endpoint: ${amazon}
    auth_endpoint: ${amazon}
    credentials: { client_id: '\${AMZ_ID}', client_secret: '\${AMZ_SECRET}', refresh_token: '\${CA_REFRESH}' }
  mirakl-kohls:
    type: mirakl
    base_url: ${mirakl}
    endpoint: ${mirakl}
    shop_id: 3001
    shipstation_store_id: 20003
    ratio: "1.5"
    credentials: { api_key: '\${KOHLS_KEY}' }
shipstation:
`
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('shipstation:\n', () => more),
  )
  appendFileSync(join(world.folder, '.env'), 'CA_REFRESH=sandbox-refresh-ca\nKOHLS_KEY=kohls-key\n')
  world.sandbox.seed('amazon', {
    accounts: [
      {
        seller_id: 'A2SANDBOX',
        client_id: 'sandbox-client',
        client_secret: 'sandbox-secret',
        refresh_token: 'sandbox-refresh-ca',
        marketplaces: ['A2EUQ1WTGCTBG2'],
      },
    ],
    listings: [{ sku: 'SKU-{n:6}', count, quantity: 99, seller_id: 'A2SANDBOX', marketplaces: ['A2EUQ1WTGCTBG2'] }],
  })
  world.sandbox.seed('mirakl', {
    accounts: [{ api_key: 'kohls-key', shop_id: 3001, marketplace: 'kohls' }],
    offers: [{ sku: 'SKU-{n:6}', count, quantity: 99, api_key: 'kohls-key', shop: 3001 }],
  })
}
