import type { OrderPage } from '../../core/ports/marketplace.ts'
import type { Reading } from './trading-orders.ts'

/** The two APIs that orders can be read with, alike: one frozen window of change, cut into pages. */
export interface OrderSource {
  readonly operation: string
  /** Epoch ms apart: longer windows are refused. */
  readonly longestWindowMs: number
  /** Orders changed longer ago than this are not told any more. */
  readonly reachMs: number
  /** Orders in one page; a page that takes eBay too long is asked for again with fewer. */
  readonly pageSizes: readonly number[]
  /** Page 0 is the first. 'too-long': eBay ran out of time over it. */
  page(window: Window, page: number, size: number, signal: AbortSignal): Promise<SourcePage | 'too-long'>
  /** Orders that were created then and that eBay does not count as shipped. Page 0 is the first. */
  openPage(created: Window, page: number, size: number, signal: AbortSignal): Promise<SourcePage | 'too-long'>
  /** When it was created, epoch ms; undefined where a document does not say. */
  createdOf(raw: unknown): number | undefined
  /** These orders as they are now. */
  byId(ids: readonly string[], signal: AbortSignal): Promise<readonly unknown[]>
  /** Brings a page's orders into our shape. */
  read(raws: readonly unknown[], signal: AbortSignal): Promise<readonly Reading[]>
}

/** Epoch ms, both ends inside. */
export interface Window {
  readonly from: number
  readonly to: number
}

export interface SourcePage {
  readonly raws: readonly unknown[]
  /** Orders in the whole window. */
  readonly total: number
  readonly isLast: boolean
  /** eBay's own time when it answered, epoch ms. */
  readonly answeredAt?: number
}

/** Unpaid orders are left out: they come back under another id. */
export function sorted(readings: readonly Reading[]): Pick<OrderPage, 'orders' | 'poison' | 'skipped'> {
  return {
    orders: readings.flatMap((one) => (one.kind === 'order' ? [one.order] : [])),
    poison: readings.flatMap((one) => (one.kind === 'poison' ? [one.poison] : [])),
    skipped: readings.filter(({ kind }) => kind === 'skipped').length,
  }
}
