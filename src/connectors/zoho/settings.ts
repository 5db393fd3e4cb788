/** The item field that is taken as available stock (contract section 5). */
export type AvailableField =
  | 'available_stock'
  | 'actual_available_stock'
  | 'available_for_sale_stock'
  | 'actual_available_for_sale_stock'
  | 'stock_on_hand'

/** One Zoho Inventory organization. */
export interface ZohoSettings {
  /** Where the organization was opened. */
  readonly dataCenter: DataCenter
  readonly organizationId: string
  /** The field that is taken as available stock. */
  readonly availableField: AvailableField
  /** Only stock at these locations or warehouses counts; empty: the whole of the item. */
  readonly locationIds: readonly string[]
  /** Calls a day that the plan allows; what Zoho itself tells wins. */
  readonly dailyCalls: number
  /** Percent of the day's calls that full reads leave for named items. */
  readonly dailyReservePct: number
  readonly ratePerMinute: number
  /** Origin that receives the API calls instead of the data centre's host, e.g. http://127.0.0.1:4604. */
  readonly endpoint?: string
  /** Origin that receives the token exchange instead of the data centre's accounts host. */
  readonly authEndpoint?: string
  readonly credentials: { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string }
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number
}

/** Contract section 1. Canada's accounts live in Zoho's cloud of its own. */
const dataCenters = {
  com: { api: 'https://www.zohoapis.com', accounts: 'https://accounts.zoho.com' },
  eu: { api: 'https://www.zohoapis.eu', accounts: 'https://accounts.zoho.eu' },
  in: { api: 'https://www.zohoapis.in', accounts: 'https://accounts.zoho.in' },
  'com.au': { api: 'https://www.zohoapis.com.au', accounts: 'https://accounts.zoho.com.au' },
  jp: { api: 'https://www.zohoapis.jp', accounts: 'https://accounts.zoho.jp' },
  ca: { api: 'https://www.zohoapis.ca', accounts: 'https://accounts.zohocloud.ca' },
  'com.cn': { api: 'https://www.zohoapis.com.cn', accounts: 'https://accounts.zoho.com.cn' },
  sa: { api: 'https://www.zohoapis.sa', accounts: 'https://accounts.zoho.sa' },
} as const
export type DataCenter = keyof typeof dataCenters

/** Origin of the token exchange. */
export function accountsOrigin({ authEndpoint, dataCenter }: ZohoSettings): string {
  return withoutSlash(authEndpoint ?? dataCenters[dataCenter].accounts)
}

/**
 * Origin of the API calls. `apiDomain` is what the token reply named: it is followed only to one of Zoho's own hosts, since the access
 * token goes there. A configured endpoint wins over both.
 */
export function apiOrigin({ endpoint, dataCenter }: ZohoSettings, apiDomain: string | undefined): string {
  if (endpoint !== undefined) return withoutSlash(endpoint)
  const told = Object.values(dataCenters).find(({ api }) => api === withoutSlash(apiDomain ?? ''))
  return (told ?? dataCenters[dataCenter]).api
}

/** True when the configured number is in item details only, so that every page of the list must be completed. */
export function needsDetails({ availableField, locationIds }: ZohoSettings): boolean {
  return locationIds.length > 0 || availableField.includes('for_sale')
}

function withoutSlash(origin: string): string {
  return origin.replace(/\/+$/, '')
}
