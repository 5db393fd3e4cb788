/** One eBay seller: one refresh token of one keyset. */
export interface EbaySettings {
  readonly channel: string
  readonly site: EbaySite
  /** What orders are read with. A package is told to the API that knows its lines' ids. */
  readonly ordersApi: 'trading' | 'fulfillment'
  /** `auto`: each SKU by the model that its listing was made in. */
  readonly inventoryApi: 'auto' | 'inventory' | 'trading'
  /** Trading calls a day of the keyset. This channel makes none when all channels with the keyset together have made so many. */
  readonly dailyCalls: number
  /** Epoch ms, as the operator noted it at the seller's consent: eBay does not tell it again (contract section 1). */
  readonly refreshTokenExpires?: number
  /** eBay's own sandbox hosts instead of production. */
  readonly sandbox: boolean
  /** Origin that receives the API calls instead of eBay's host, e.g. http://127.0.0.1:4606. */
  readonly endpoint?: string
  /** Origin that receives the token exchange instead of eBay's host. */
  readonly authEndpoint?: string
  readonly credentials: { readonly appId: string; readonly certId: string; readonly refreshToken: string }
  /** ShipStation carrier code -> eBay carrier name; wins over the built-in table. */
  readonly carriers: Readonly<Record<string, string>>
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number
}

/** The number by which the Trading API knows each site. Belgium and Canada have two; either answers for the whole account. */
export const siteIds = {
  EBAY_US: 0,
  EBAY_MOTORS_US: 100,
  EBAY_CA: 2,
  EBAY_GB: 3,
  EBAY_DE: 77,
  EBAY_FR: 71,
  EBAY_IT: 101,
  EBAY_ES: 186,
  EBAY_AT: 16,
  EBAY_BE: 23,
  EBAY_CH: 193,
  EBAY_IE: 205,
  EBAY_NL: 146,
  EBAY_PL: 212,
  EBAY_AU: 15,
  EBAY_HK: 201,
  EBAY_SG: 216,
  EBAY_MY: 207,
  EBAY_PH: 211,
} as const

export type EbaySite = keyof typeof siteIds

/** How the Trading API spells the site of a listing, where it is not the code itself. */
const sitesByName: Readonly<Record<string, EbaySite>> = {
  US: 'EBAY_US',
  eBayMotors: 'EBAY_MOTORS_US',
  Canada: 'EBAY_CA',
  CanadaFrench: 'EBAY_CA',
  UK: 'EBAY_GB',
  Germany: 'EBAY_DE',
  France: 'EBAY_FR',
  Italy: 'EBAY_IT',
  Spain: 'EBAY_ES',
  Austria: 'EBAY_AT',
  Belgium_French: 'EBAY_BE',
  Belgium_Dutch: 'EBAY_BE',
  Switzerland: 'EBAY_CH',
  Ireland: 'EBAY_IE',
  Netherlands: 'EBAY_NL',
  Poland: 'EBAY_PL',
  Australia: 'EBAY_AU',
  HongKong: 'EBAY_HK',
  Singapore: 'EBAY_SG',
  Malaysia: 'EBAY_MY',
  Philippines: 'EBAY_PH',
}

/** `UK` -> EBAY_GB, which is how the other APIs name it; a site that eBay has added since keeps its name. */
export function siteNamed(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (sitesByName[name] ?? name)
}

const hosts = { production: 'https://api.ebay.com', sandbox: 'https://api.sandbox.ebay.com' } as const

/** Origin of every API call (contract section 1). */
export function apiOrigin({ endpoint, sandbox }: EbaySettings): string {
  return withoutSlash(endpoint ?? hosts[sandbox ? 'sandbox' : 'production'])
}

/** Origin of the token exchange. */
export function tokenOrigin({ authEndpoint, sandbox }: EbaySettings): string {
  return withoutSlash(authEndpoint ?? hosts[sandbox ? 'sandbox' : 'production'])
}

function withoutSlash(origin: string): string {
  return origin.replace(/\/+$/, '')
}
