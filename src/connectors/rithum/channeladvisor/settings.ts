import type { ChannelCode } from '../../../core/model/channel.ts'

/** One ChannelAdvisor account, seen by one application of its developer console (contract section 8). */
export interface ChannelAdvisorSettings {
  readonly channel: ChannelCode
  /** Origin that receives the API calls instead of the vendor's host: a proxy or the local sandbox. */
  readonly endpoint?: string
  /** Origin that receives the token exchange instead of the vendor's host. */
  readonly authEndpoint?: string
  readonly credentials: { readonly applicationId: string; readonly sharedSecret: string; readonly refreshToken: string }
  /** The distribution center whose quantity isync writes. 0 is the account's first one. */
  readonly distributionCenterId: number
  /**
   * How a quantity is meant (contract section 10). `UnShipped`: on hand, the account takes its own open orders off. `Available`: they are
   * off already.
   */
  readonly updateType: 'UnShipped' | 'Available'
  /** SiteID, SiteName or its first words, of marketplaces whose orders are not ours, because they reach us in another way. */
  readonly excludeSites: readonly string[]
  /** ShipStation carrier code, or `code/service` -> `Carrier/Class` as the account's own list has them; wins over the built-in names. */
  readonly carriers: Readonly<Record<string, string>>
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number
}

/** The only documented host; there is no sandbox (contract section 8). */
export const VENDOR_ORIGIN = 'https://api.channeladvisor.com'

/** Origin of every API call. */
export function apiOrigin({ endpoint }: ChannelAdvisorSettings): string {
  return (endpoint ?? VENDOR_ORIGIN).replace(/\/+$/, '')
}

/** Origin of the token exchange. */
export function tokenOrigin({ authEndpoint }: ChannelAdvisorSettings): string {
  return (authEndpoint ?? VENDOR_ORIGIN).replace(/\/+$/, '')
}

/** True for an order of a site that the configuration leaves out. */
export function isExcluded({ excludeSites }: Pick<ChannelAdvisorSettings, 'excludeSites'>, site: Site): boolean {
  return excludeSites.some((entry) => isMeant(entry, site))
}

export interface Site {
  readonly id: number | undefined
  readonly name: string | undefined
}

/** Whether an entry of exclude_sites means this site: by its number, or by its name as {@link beginsWith} reads it. */
export function isMeant(entry: string, { id, name }: Site): boolean {
  return entry.trim() === String(id) || (name !== undefined && beginsWith(name, entry))
}

/**
 * Whether a site's name is these words or begins with them, in any case of letters: one marketplace has several sites, `eBay`,
 * `eBay Fixed Price`, `eBay Motors`, and who writes `eBay` means all of them. Only whole words count.
 */
export function beginsWith(name: string, words: string): boolean {
  const [whole, begun] = [name.trim().toLowerCase(), words.trim().toLowerCase()]
  return whole.startsWith(begun) && !/^[\p{L}\p{N}]/u.test(whole.slice(begun.length))
}
