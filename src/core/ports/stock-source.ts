import type { StockItem } from '../model/stock.ts'
import type { Health } from './marketplace.ts'

/** One page of the source's items. */
export interface StockPage {
  readonly items: readonly StockItem[]
  /** Epoch ms, our clock: when the first request that any of this page's numbers comes from was begun. */
  readonly readAt: number
  /**
   * Set on the last page only. `whole`: the source says that there is nothing more and nothing contradicts it. `short`: it ended in a way
   * that cannot be believed (an empty page though more was announced, fewer items than counted): nothing may be concluded from what is absent.
   */
  readonly end?: 'whole' | 'short'
  /** In words, with `short`. */
  readonly reason?: string
}

/**
 * Where the stock numbers come from (Zoho Inventory). Reads only. Every method throws only ConnectorError (or StoppedError), stops when
 * `signal` aborts, decides nothing, writes no row.
 */
export interface StockSource {
  readonly account: string
  /** Every item, page by page, oldest first; an item may come twice. A page that cannot be read throws; it is never an empty page. */
  listItems(signal: AbortSignal): AsyncIterable<StockPage>
  /** Items changed after `since` (epoch ms). Whether a stock movement counts as a change is the source's secret: an optimisation, no guarantee. */
  changedSince(since: number, signal: AbortSignal): AsyncIterable<StockPage>
  /**
   * These SKUs as they are now. SKUs that the source does not have are absent. Messages may come in any number: what they ask for must leave calls to
   * the others, and throws ThrottledError where it would not.
   */
  itemsBySku(skus: readonly string[], signal: AbortSignal, asked?: 'by a message'): Promise<StockPage>
  /** These items, by the source's ids, as they are now. Ids are what messages name: as `by a message` above. */
  itemsById(itemIds: readonly string[], signal: AbortSignal): Promise<StockPage>
  /** One cheap authenticated read and what can be told from it. Never throws ConnectorError. */
  health(signal: AbortSignal): Promise<Health>
}
