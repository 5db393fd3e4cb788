export interface Carrier {
  readonly code: string
  readonly name: string
  readonly services: readonly { readonly code: string; readonly name: string; readonly international?: boolean }[]
}

export interface Store {
  readonly storeId: number
  readonly storeName: string
  /** 0 is a manual store. */
  readonly marketplaceId: number
  readonly marketplaceName: string
  readonly active: boolean
  readonly autoRefresh: boolean
  readonly createdAt: number
}

/** Codes depend on the account; these are common ones (contract section 12). */
export const DEFAULT_CARRIERS: readonly Carrier[] = [
  {
    code: 'stamps_com',
    name: 'Stamps.com',
    services: [
      { code: 'usps_first_class_mail', name: 'USPS First Class Mail' },
      { code: 'usps_priority_mail', name: 'USPS Priority Mail' },
      { code: 'usps_ground_advantage', name: 'USPS Ground Advantage' },
    ],
  },
  {
    code: 'ups_walleted',
    name: 'UPS by ShipStation',
    services: [
      { code: 'ups_ground', name: 'UPS Ground' },
      { code: 'ups_next_day_air', name: 'UPS Next Day Air' },
      { code: 'ups_mail_innovations_domestic', name: 'UPS Mail Innovations' },
    ],
  },
  {
    code: 'fedex',
    name: 'FedEx',
    services: [
      { code: 'fedex_ground', name: 'FedEx Ground' },
      { code: 'fedex_2day', name: 'FedEx 2Day' },
      { code: 'fedex_international_economy', name: 'FedEx International Economy', international: true },
    ],
  },
  {
    code: 'dhl_express',
    name: 'DHL Express',
    services: [{ code: 'dhl_express_worldwide', name: 'DHL Express Worldwide', international: true }],
  },
  { code: 'ontrac', name: 'OnTrac', services: [{ code: 'ontrac_ground', name: 'OnTrac Ground' }] },
  { code: 'amazon_buy_shipping', name: 'Amazon Buy Shipping', services: [{ code: 'ups_ground', name: 'UPS Ground (Amazon)' }] },
]

/** An active manual store: nothing is imported into it. */
export function manualStore(storeId: number, storeName: string): Store {
  return {
    storeId,
    storeName,
    marketplaceId: 0,
    marketplaceName: 'ShipStation',
    active: true,
    autoRefresh: false,
    createdAt: Date.UTC(2024, 0, 15, 18),
  }
}

/** One for each channel of a rehearsal, and the one that every account begins with. */
export const DEFAULT_STORES: readonly Store[] = [
  manualStore(20001, 'Manual Orders'),
  manualStore(20002, 'Amazon'),
  manualStore(20003, 'Mirakl'),
  manualStore(20004, 'eBay'),
  manualStore(20005, 'Rithum Dsco'),
  manualStore(20006, 'Rithum ChannelAdvisor'),
]
