import type { Sandbox } from '../../sandbox/server.ts'

/** From `at` (epoch ms) on `quantity` was for sale, and whose doing it was. Null: nothing of the seller's was. */
type Change = readonly [at: number, quantity: number | null, by: string]

/** What a channel offers under one SKU. */
export interface Offered {
  readonly sku: string
  /** False: the marketplace ships it itself, or keeps its stock by location. */
  readonly isOurs: boolean
  readonly shown: number
  /** Oldest first. */
  readonly history: readonly Change[]
  /** What somebody wrote of it besides the quantity. */
  readonly alsoWritten: readonly string[]
}

export interface ChannelStock {
  readonly channel: string
  readonly offered: readonly Offered[]
  /** Files that the channel has taken and not worked off yet. */
  readonly underWay: number
}

/** What the vendors know of stock at this moment. */
export interface StockBooks {
  /** Units that Zoho says there are, by SKU, where stock is kept; nothing for what is not on sale. */
  readonly zoho: ReadonlyMap<string, number>
  readonly channels: readonly ChannelStock[]
}

interface ZohoItem {
  readonly sku: string
  readonly status: string
  readonly available_stock?: number
}

interface AmazonStock {
  readonly listings: readonly {
    readonly sku: string
    readonly channel: string
    readonly listed: boolean
    readonly quantity: number | null
    readonly history: readonly Change[]
    readonly also_written: readonly string[]
  }[]
  readonly feeds: readonly { readonly status: string }[]
}

interface MiraklStock {
  readonly offers: readonly {
    readonly sku: string
    readonly quantity: number
    readonly listed: boolean
    readonly warehouses?: object
    readonly history: readonly Change[]
  }[]
  readonly stock_imports: readonly { readonly ended_at: string | number | null }[]
}

/** Reads the stand-ins' books; isync's database is not asked. */
export function readStockBooks(sandbox: Sandbox): StockBooks {
  const { zoho, amazon, mirakl } = structuredClone({
    zoho: sandbox.books('zoho') as { readonly items: readonly ZohoItem[] },
    amazon: sandbox.books('amazon') as AmazonStock,
    mirakl: sandbox.books('mirakl') as MiraklStock,
  })
  const kept = zoho.items.flatMap(({ sku, status, available_stock: units }): [string, number][] =>
    units === undefined || sku === '' ? [] : [[sku, status === 'active' ? units : 0]],
  )
  const listings = amazon.listings.filter(({ listed }) => listed)
  const offers = mirakl.offers.filter(({ listed }) => listed)
  return {
    zoho: new Map(kept),
    channels: [
      {
        channel: 'amazon-us',
        offered: listings.map(({ sku, channel, quantity, history, also_written }) => ({
          sku,
          isOurs: channel === 'MFN',
          shown: quantity ?? 0,
          history,
          alsoWritten: also_written,
        })),
        underWay: amazon.feeds.filter(({ status }) => status === 'IN_QUEUE' || status === 'IN_PROGRESS').length,
      },
      {
        channel: 'mirakl-shop',
        offered: offers.map(({ sku, quantity, warehouses, history }) => ({
          sku,
          isOurs: warehouses === undefined,
          shown: quantity,
          history,
          alsoWritten: [],
        })),
        underWay: mirakl.stock_imports.filter(({ ended_at }) => ended_at === null).length,
      },
    ],
  }
}

/** What the channel offers of a SKU. Throws where it does not list it. */
export function offerOf({ channels }: StockBooks, channel: string, sku: string): Offered {
  const found = channels.find((one) => one.channel === channel)?.offered.find((one) => one.sku === sku)
  if (found === undefined) throw new Error(`${channel} does not list ${sku}`)
  return found
}

const people: readonly string[] = ['seed', 'buyer', 'person']

/** What the hub wrote, oldest first. */
export function writtenByUs({ history }: Pick<Offered, 'history'>): readonly Change[] {
  return history.filter(([, , by]) => !people.includes(by))
}

/** Units that buyers took from `since` on. */
export function boughtSince({ history }: Pick<Offered, 'history'>, since: number): number {
  return history.reduce((sum, [at, quantity, by], i) => {
    const before = history[i - 1]?.[1] ?? 0
    return by === 'buyer' && at >= since ? sum + before - (quantity ?? 0) : sum
  }, 0)
}
