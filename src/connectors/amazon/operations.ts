import type { RateRule } from '../../core/ports/account.ts'

/** The role that opens names, streets and phones, in Amazon's words (contract section 1). */
export const RESTRICTED_ROLE = 'Direct-to-Consumer Shipping (Restricted)'

/** The role for listings and their feeds. These calls go by seller_id, so a wrong one is refused alike. */
export const LISTING_ROLE = 'Product Listing'

interface Operation {
  /** The package's name of the call. */
  readonly sdk: `${'orders' | 'sellers' | 'tokens' | 'listingsItems' | 'feeds' | 'reports'}.${string}`
  /** Named, never guessed. */
  readonly version: string
  /** Amazon's default for the call's bucket. */
  readonly rule: RateRule
  /** The role without which Amazon refuses this call while it takes others. */
  readonly role?: string
  /** The rule is stricter than the rate that Amazon states for the call, which is only adopted when it is slower. */
  readonly ownPace?: boolean
}

const ORDERS = '2026-01-01'
const LISTINGS = { version: '2021-08-01', role: LISTING_ROLE } as const
const FEEDS = { version: '2021-06-30', role: LISTING_ROLE } as const
const REPORTS = { version: '2021-06-30', role: RESTRICTED_ROLE } as const

/** Every call we make, with the default rate of its bucket (contract sections 1 to 4). */
export const operations = {
  searchOrders: { sdk: 'orders.searchOrders', version: ORDERS, rule: { perSecond: 0.0056, burst: 20 } },
  getOrder: { sdk: 'orders.getOrder', version: ORDERS, rule: { perSecond: 0.5, burst: 30 } },
  getOrders: { sdk: 'orders.getOrders', version: 'v0', rule: { perSecond: 0.0167, burst: 20 } },
  getOrderItems: { sdk: 'orders.getOrderItems', version: 'v0', rule: { perSecond: 0.5, burst: 30 } },
  confirmShipment: { sdk: 'orders.confirmShipment', version: 'v0', rule: { perSecond: 2, burst: 10 } },
  createRestrictedDataToken: {
    sdk: 'tokens.createRestrictedDataToken',
    version: '2021-03-01',
    rule: { perSecond: 1, burst: 10 },
  },
  getMarketplaceParticipations: {
    sdk: 'sellers.getMarketplaceParticipations',
    version: 'v1',
    rule: { perSecond: 0.016, burst: 15 },
  },
  searchListingsItems: { sdk: 'listingsItems.searchListingsItems', ...LISTINGS, rule: { perSecond: 5, burst: 5 } },
  getListingsItem: { sdk: 'listingsItems.getListingsItem', ...LISTINGS, rule: { perSecond: 5, burst: 10 } },
  patchListingsItem: { sdk: 'listingsItems.patchListingsItem', ...LISTINGS, rule: { perSecond: 5, burst: 5 } },
  createFeedDocument: { sdk: 'feeds.createFeedDocument', ...FEEDS, rule: { perSecond: 0.5, burst: 15 } },
  // Five feeds of our kind in any five minutes: a bucket gives its burst and what it earns meanwhile, which are three and two here.
  createFeed: { sdk: 'feeds.createFeed', ...FEEDS, rule: { perSecond: 2 / 300, burst: 3 }, ownPace: true },
  getFeed: { sdk: 'feeds.getFeed', ...FEEDS, rule: { perSecond: 2, burst: 15 } },
  getFeedDocument: { sdk: 'feeds.getFeedDocument', ...FEEDS, rule: { perSecond: 0.0222, burst: 10 } },
  createReport: { sdk: 'reports.createReport', ...REPORTS, rule: { perSecond: 0.0167, burst: 15 } },
  getReport: { sdk: 'reports.getReport', ...REPORTS, rule: { perSecond: 2, burst: 15 } },
  getReportDocument: { sdk: 'reports.getReportDocument', ...REPORTS, rule: { perSecond: 0.0167, burst: 15 } },
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof operations

/** What is known of the call, in one type for all of them. */
export function operationOf(name: OperationName): Operation {
  return operations[name]
}
