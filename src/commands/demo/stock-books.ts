import type { Sandbox } from '../../sandbox/server.ts'
import { demoChannels } from './channels/all.ts'
import type { Change, ChannelStock, Offered } from './channels/channel.ts'

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

/** Reads the stand-ins' books; isync's database is not asked. */
export function readStockBooks(sandbox: Sandbox): StockBooks {
  const { items } = structuredClone(sandbox.books('zoho')) as { readonly items: readonly ZohoItem[] }
  const kept = items.flatMap(({ sku, status, available_stock: units }): [string, number][] =>
    units === undefined || sku === '' ? [] : [[sku, status === 'active' ? units : 0]],
  )
  return { zoho: new Map(kept), channels: demoChannels.map((channel) => channel.readStock(sandbox)) }
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
