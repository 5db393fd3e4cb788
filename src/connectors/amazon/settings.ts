/** One Amazon seller account: one refresh token, one region, one or more marketplaces of it. */
export interface AmazonSettings {
  readonly channel: string
  readonly region: 'na' | 'eu' | 'fe'
  /** Searched together; the first stands in where a confirmation names none. */
  readonly marketplaceIds: readonly string[]
  /** Merchant token, e.g. A1EXAMPLE. Listings and feeds are asked for by it, orders are not. */
  readonly sellerId: string
  /** v0 ends on 2027-03-27. */
  readonly ordersApi: '2026-01-01' | 'v0'
  /** More due quantities than this go as a feed. Absent: as many as calls of their own take no longer than a feed does. */
  readonly feedAbove?: number
  /** Origin that receives the API calls instead of Amazon's host, e.g. http://127.0.0.1:4601. */
  readonly endpoint?: string
  /** Origin that receives the token exchange instead of https://api.amazon.com. */
  readonly authEndpoint?: string
  /** Amazon's static sandbox hosts (canned answers; nothing is stored there). */
  readonly sandbox: boolean
  readonly credentials: { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string }
  /** ShipStation carrier code -> Amazon carrierCode; wins over the built-in table. */
  readonly carriers: Readonly<Record<string, string>>
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number
}
