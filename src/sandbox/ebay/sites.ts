/** One of eBay's sites, by its REST name. */
export interface Site {
  /** X-EBAY-API-SITEID (contract section 1). */
  readonly id: string
  /** Item.Site of the Trading API. */
  readonly name: string
  readonly country: string
  readonly countryName: string
  readonly currency: string
}

const SITES: Readonly<Record<string, Site>> = {
  EBAY_US: { id: '0', name: 'US', country: 'US', countryName: 'United States', currency: 'USD' },
  EBAY_CA: { id: '2', name: 'Canada', country: 'CA', countryName: 'Canada', currency: 'CAD' },
  EBAY_GB: { id: '3', name: 'UK', country: 'GB', countryName: 'United Kingdom', currency: 'GBP' },
  EBAY_AU: { id: '15', name: 'Australia', country: 'AU', countryName: 'Australia', currency: 'AUD' },
  EBAY_FR: { id: '71', name: 'France', country: 'FR', countryName: 'France', currency: 'EUR' },
  EBAY_DE: { id: '77', name: 'Germany', country: 'DE', countryName: 'Germany', currency: 'EUR' },
  EBAY_IT: { id: '101', name: 'Italy', country: 'IT', countryName: 'Italy', currency: 'EUR' },
  EBAY_ES: { id: '186', name: 'Spain', country: 'ES', countryName: 'Spain', currency: 'EUR' },
}

export function siteOf(name: string): Site {
  const site = SITES[name]
  if (site === undefined) throw new Error(`no eBay site '${name}'; known: ${Object.keys(SITES).join(', ')}`)
  return site
}

export function isSiteId(id: string): boolean {
  return Object.values(SITES).some((site) => site.id === id)
}
