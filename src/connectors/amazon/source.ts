import type { OpenOrder, OrderWindow } from '../../core/ports/marketplace.ts'
import type { FoundOrder } from './orders.ts'

/** The parameter texts of one search. They stay as they are for all its pages. */
export type SearchQuery = Readonly<Record<string, string>>

export interface SourcePage {
  readonly found: readonly FoundOrder[]
  /** Absent on the last page. */
  readonly nextToken: string | undefined
  /** ISO 8601: changes before this instant are in this search. */
  readonly lastUpdatedBefore: string | undefined
}

export interface OpenPage {
  readonly open: readonly OpenOrder[]
  /** Every order on the page, the held ones too. */
  readonly seen: readonly string[]
  /** Absent on the last page. */
  readonly nextToken: string | undefined
}

/** What has been handed over of a report, for the cursor: no order's number, only marks in the order of the report. */
export interface BacklogNote {
  readonly report: string
  /** One bit for each order of the report, base64. */
  readonly done: string
}

export interface BacklogWanted {
  /** When the search began, epoch ms. */
  readonly startedAt: number
  /** What the search begins with, epoch ms. */
  readonly from: number
  readonly note: BacklogNote | undefined
}

/** Orders that are fetched beside a search that has to wait. */
export interface Backlog {
  /**
   * Some of those that nobody has seen yet; none when `stop` comes first, or there are none (any more). `alone`: there is nothing else to wait for.
   * Throws no ConnectorError.
   */
  bring(stop: AbortSignal, alone: () => boolean): Promise<readonly FoundOrder[]>
  /** These came by the search. */
  see(externalOrderIds: readonly string[]): void
  note(): BacklogNote | undefined
}

/** Where orders are read: one per version of the Orders API. */
export interface OrderSource {
  /** The search of everything changed at or after `from` (ISO 8601). */
  query(from: string): SearchQuery
  page(query: SearchQuery, token: string | undefined, signal: AbortSignal): Promise<SourcePage>
  /** The search of what was created from `from` to `until` (ISO 8601; absent: to now) and is not wholly shipped, without anything personal. */
  openQuery(from: string, until: string | undefined): SearchQuery
  openPage(query: SearchQuery, token: string | undefined, window: OrderWindow, signal: AbortSignal): Promise<OpenPage>
  /** Present when single orders can be had faster than a search brings them: undefined when that is not worth it now. */
  backlog?(wanted: BacklogWanted): Promise<Backlog | undefined>
  /** These orders; those that Amazon does not know are absent. */
  byId(externalOrderIds: readonly string[], signal: AbortSignal): Promise<readonly FoundOrder[]>
}
