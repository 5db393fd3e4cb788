import { createAmazon } from './amazon/stand-in.ts'
import { createChannelAdvisor } from './channeladvisor/stand-in.ts'
import { createDsco } from './dsco/stand-in.ts'
import { createEbay } from './ebay/stand-in.ts'
import { createMirakl } from './mirakl/stand-in.ts'
import { createShipStation } from './shipstation/stand-in.ts'
import type { StandInFactory, Vendor } from './stand-in.ts'
import { createZoho } from './zoho/stand-in.ts'

/** Every vendor that has a stand-in. The order gives the ports. */
export const VENDORS: readonly Vendor[] = ['amazon', 'mirakl', 'shipstation', 'zoho', 'ebay', 'dsco', 'channeladvisor']

export const FACTORIES: Readonly<Record<Vendor, StandInFactory>> = {
  amazon: createAmazon,
  mirakl: createMirakl,
  shipstation: createShipStation,
  zoho: createZoho,
  ebay: createEbay,
  dsco: createDsco,
  channeladvisor: createChannelAdvisor,
}

/** One of something for every vendor. */
export function byVendor<T>(make: (vendor: Vendor) => T): Record<Vendor, T> {
  return Object.fromEntries(VENDORS.map((vendor) => [vendor, make(vendor)])) as Record<Vendor, T>
}

export function isVendor(name: unknown): name is Vendor {
  return VENDORS.includes(name as Vendor)
}
