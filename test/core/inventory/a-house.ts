import type { CoreSettings, InventorySettings, Run } from '../../../src/core/context.ts'
import { stockOf } from '../../../src/core/db/stock.ts'
import { deltaStockRun, fullStockRun, rebalanceRun, type StockRunReport } from '../../../src/core/inventory/stock-runs.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { type PullAndPublishReport, pullAndPublish } from '../../../src/core/orders/pull-and-publish.ts'
import { pullChannels } from '../../../src/core/orders/pull-channels.ts'
import { aChannel, aPage, type TestChannel } from '../../world/a-channel.ts'
import type { RunOptions } from '../../world/a-run.ts'
import { aRun, settings, type TestRun } from '../../world/a-run.ts'
import { aStock, type TestStock } from '../../world/a-stock.ts'
import type { TestDatabase } from '../../world/databases.ts'

/** Two channels, a stock source and the commands that cron starts on them. */
export interface House {
  readonly run: TestRun
  readonly amazon: TestChannel
  readonly macys: TestChannel
  readonly stock: TestStock
  /** `inventory:full` */
  full(change?: { readonly overrideBrake?: boolean; readonly force?: boolean }): Promise<StockRunReport>
  /** `inventory:full` while nobody can read orders. */
  fullWithoutPull(): Promise<StockRunReport>
  /** `inventory:delta` of these SKUs. */
  delta(skus: readonly string[]): Promise<StockRunReport>
  /** `inventory:rebalance` */
  rebalance(change?: {
    readonly all?: boolean
    readonly skus?: readonly string[]
    readonly overrideBrake?: boolean
    readonly givenUp?: boolean
    readonly by?: Run
  }): Promise<StockRunReport>
  /** `orders:pull`, with these orders at Amazon. */
  pull(orders?: readonly NormalizedOrder[], by?: Run): Promise<PullAndPublishReport>
}

export interface HouseOptions extends RunOptions {
  readonly inventory?: Partial<InventorySettings>
}

export async function aHouse(
  database: TestDatabase,
  units: Readonly<Record<string, number | null>>,
  options: HouseOptions = {},
): Promise<House> {
  const run = await aRun(database, { ...options, settings: withInventory(options.inventory, options.settings) })
  const amazon = aChannel()
  const macys = aChannel({ channel: 'mirakl-macys', checksListings: false })
  const stock = aStock(run.clock, units)
  const connectors = [amazon, macys]
  const pullOrders = () => {
    for (const channel of connectors) if (channel.pages.length === 0) channel.pages = [aPage([], { at: run.clock.now() })]
    return pullChannels(run, { connectors })
  }
  const full = (change: { readonly overrideBrake?: boolean; readonly force?: boolean; readonly pull?: boolean } = {}) =>
    fullStockRun(run, {
      connectors,
      source: stock,
      pullOrders: change.pull === false ? async () => ({ channels: [], verdict: 'done' }) : pullOrders,
      overrideBrake: change.overrideBrake ?? false,
      force: change.force ?? false,
    })
  return {
    run,
    amazon,
    macys,
    stock,
    full,
    fullWithoutPull: () => full({ pull: false }),
    async delta(skus) {
      const shown = new Map(stock.shelf)
      for (const sku of shown.keys()) if (!skus.includes(sku)) stock.shelf.delete(sku)
      try {
        return await deltaStockRun(run, { connectors, source: stock, pullOrders, overrideBrake: false, overlapMs: 0 })
      } finally {
        for (const [sku, units] of shown) stock.shelf.set(sku, units)
      }
    },
    rebalance: ({ by = run, ...change } = {}) =>
      rebalanceRun(by, { connectors, pullOrders, all: false, overrideBrake: false, ...change }),
    async pull(orders = [], by = run) {
      amazon.pages = [aPage(orders, { at: run.clock.now() })]
      macys.pages = [aPage([], { at: run.clock.now() })]
      const report = await pullAndPublish(by, { connectors }, connectors)
      for (const channel of connectors) channel.pages = []
      return report
    },
  }
}

/** Settings of a run with another stock section. */
export function withInventory(
  inventory: Partial<InventorySettings> = {},
  other: Partial<CoreSettings> = {},
): Partial<CoreSettings> {
  return { ...other, inventory: { ...settings.inventory, ...other.inventory, ...inventory } }
}

/** What a channel was told, in order: `MUG 9 -> 4`. Forgotten afterwards. */
export function told(channel: TestChannel): string[] {
  return channel.told
    .splice(0)
    .flatMap(({ batch }) => batch.map(({ sku, previous, quantity }) => `${sku} ${previous ?? '-'} -> ${quantity}`))
}

/** Units of a SKU after what orders took. */
export async function shadow({ db, settings: { inventory } }: Run, sku: string): Promise<number | undefined> {
  const [row] = await stockOf(db, inventory.carry, [sku])
  return row === undefined ? undefined : row.available + row.moved
}

/** `amazon-us MUG settled 9/9`: state, what it should show and what it took. */
export async function publications({ db }: Run): Promise<string[]> {
  const rows = await db.rows<{ channel: string; sku: string; state: string; wanted: number; accepted: number | null }>(
    'select channel, sku, state, wanted, accepted from publications order by channel, sku',
  )
  return rows.map(({ channel, sku, state, wanted, accepted }) => `${channel} ${sku} ${state} ${wanted}/${accepted ?? '-'}`)
}

/** Open alerts: `stock-brake zoho critical`. */
export async function alerts({ db }: Run): Promise<string[]> {
  const rows = await db.rows<{ rule: string; channel: string; severity: string }>(
    'select rule, channel, severity from alerts where resolved_at is null order by rule, channel',
  )
  return rows.map(({ rule, channel, severity }) => `${rule} ${channel} ${severity}`)
}
