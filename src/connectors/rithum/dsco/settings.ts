import type { ChannelCode } from '../../../core/model/channel.ts'

/** One supplier account on the Dsco platform: one pair of client credentials, or one fixed token of the old kind. */
export interface DscoSettings {
  readonly channel: ChannelCode
  /** Origin that receives the API calls instead of Dsco's host, e.g. http://127.0.0.1:4607. Dsco's own paths follow it. */
  readonly endpoint?: string
  /** Origin that hands out tokens, where it is another one. */
  readonly authEndpoint?: string
  /** Dsco's staging host instead of production. */
  readonly sandbox: boolean
  readonly auth:
    | { readonly kind: 'oauth2'; readonly clientId: string; readonly clientSecret: string }
    | { readonly kind: 'static'; readonly token: string }
  /** `stream` reads a stream that the seller has made; isync never makes one. */
  readonly mode: 'pages' | 'stream'
  /** With `stream` only. */
  readonly streamId?: string
  /** The warehouse that takes the published quantity. Absent: the account's only one. */
  readonly warehouseCode?: string
  /** ISO 3166-1 alpha-2, for addresses that name no country. */
  readonly defaultCountry?: string
  /** What becomes of an order whose parcels go at the retailer's own carrier account: `mark` lets it ship and tells the packer. Default hold. */
  readonly thirdPartyBilling?: 'hold' | 'mark'
  /** ISO 4217, for orders that name no currency. */
  readonly defaultCurrency: string
  /**
   * ShipStation carrier code, or `code/service` -> what the retailer knows, `UPS` or `UPS/Ground`; wins over the order's own spelling and
   * the built-in table.
   */
  readonly carriers: Readonly<Record<string, string>>
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number
}

const hosts = { production: 'https://api.dsco.io', staging: 'https://staging-api.dsco.io' } as const
const BASE = '/api/v3'

/** Where every call goes (contract section 1): origin and base path, without a slash at the end. */
export function apiBase({ endpoint, sandbox }: DscoSettings): string {
  return withBase(endpoint ?? hosts[sandbox ? 'staging' : 'production'])
}

/** Where tokens come from. */
export function tokenBase(settings: DscoSettings): string {
  return settings.authEndpoint === undefined ? apiBase(settings) : withBase(settings.authEndpoint)
}

/** The base path may stand in the configured address already. */
function withBase(origin: string): string {
  const bare = origin.replace(/\/+$/, '')
  return bare.endsWith(BASE) ? bare : `${bare}${BASE}`
}
