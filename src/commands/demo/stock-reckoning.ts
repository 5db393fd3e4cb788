import type { ChannelStock, Offered } from './channels/channel.ts'
import { boughtSince, type StockBooks, writtenByUs } from './stock-books.ts'

/** One channel's quantities, counted in the vendors' own books. */
export interface StockReckoning {
  readonly channel: string
  /** Listings that the seller ships and Zoho keeps stock of. */
  readonly listed: number
  /** ... that isync has written a quantity to. */
  readonly published: number
  /** ... that show what isync wrote last, less what buyers took since, with nothing under way. */
  readonly settled: number
  /** ... that show something else than the rule makes of the units that are left. */
  readonly wrong: number
  /** Units that were sold here last, and were not there. */
  readonly oversold: number
}

/** As `isync init` writes it. */
const SAFETY_STOCK = 1

/** What every channel may show when so many units are left: ratio 1, and no cap that could bite. */
export function ruleOf(left: number): number {
  return Math.max(0, Math.floor(left) - SAFETY_STOCK)
}

/**
 * Compares what the channels show with what is left. `bookedAt` (epoch ms): when the seller last entered all orders in Zoho; what buyers took
 * later is taken off here. isync's database is not asked.
 */
export function reckonStock(books: StockBooks, bookedAt: number): readonly StockReckoning[] {
  return books.channels.map((channel) => reckonChannel(channel, books, bookedAt))
}

export function isStockRight({ listed, published, settled, wrong, oversold }: StockReckoning): boolean {
  return listed > 0 && published === listed && settled === listed && wrong + oversold === 0
}

/** Units of a SKU that no buyer has taken; below 0: sold and not there. */
export function leftOf({ zoho, channels }: StockBooks, sku: string, bookedAt: number): number {
  const everywhere = channels.flatMap(({ offered }) => offered.filter((one) => one.sku === sku))
  return (zoho.get(sku) ?? 0) - everywhere.reduce((sum, one) => sum + boughtSince(one, bookedAt), 0)
}

function reckonChannel({ channel, offered, underWay }: ChannelStock, books: StockBooks, bookedAt: number): StockReckoning {
  const ours = offered.filter(({ sku, isOurs }) => isOurs && books.zoho.has(sku))
  const isWrong = ({ sku, shown }: Offered) => shown !== ruleOf(leftOf(books, sku, bookedAt))
  const oversold = ours
    .filter((one) => soldLast(one, books))
    .map(({ sku }) => Math.max(0, -leftOf(books, sku, bookedAt)))
    .reduce((sum, units) => sum + units, 0)
  return {
    channel,
    listed: ours.length,
    published: ours.filter((one) => writtenByUs(one).length > 0).length,
    settled: underWay > 0 ? 0 : ours.filter(isAsWritten).length,
    wrong: ours.filter(isWrong).length,
    oversold,
  }
}

/** Nobody but buyers has touched it since isync did. */
function isAsWritten({ history }: Offered): boolean {
  const last = history.findLast(([, , by]) => by !== 'buyer')
  return last !== undefined && last[2] !== 'seed' && last[2] !== 'person'
}

/** No other channel has sold this SKU later. */
function soldLast(one: Offered, { channels }: StockBooks): boolean {
  const lastSale = ({ history }: Offered) => history.findLast(([, , by]) => by === 'buyer')?.[0]
  const mine = lastSale(one)
  const others = channels.flatMap(({ offered }) => offered.filter(({ sku }) => sku === one.sku))
  return mine !== undefined && others.every((other) => (lastSale(other) ?? 0) <= mine)
}

/** Besides the numbers: what must never be written. */
export function isNothingElseTouched({ zoho, channels }: StockBooks): boolean {
  const all = channels.flatMap(({ offered }) => offered)
  const foreign = all.filter(({ sku, isOurs }) => !isOurs || !zoho.has(sku))
  return (
    foreign.length > 0 &&
    foreign.every((one) => writtenByUs(one).length === 0) &&
    all.every((one) => one.alsoWritten.length === 0)
  )
}
