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

/** Where orders are read: one per version of the Orders API. */
export interface OrderSource {
  /** The search of everything changed at or after `from` (ISO 8601). */
  query(from: string): SearchQuery
  page(query: SearchQuery, token: string | undefined, signal: AbortSignal): Promise<SourcePage>
  /** These orders; those that Amazon does not know are absent. */
  byId(externalOrderIds: readonly string[], signal: AbortSignal): Promise<readonly FoundOrder[]>
}
