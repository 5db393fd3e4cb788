/** What every kind of channel is asked. */
interface CommonAnswers {
  readonly code: string
  readonly storeId: number
}

export interface AmazonAnswers extends CommonAnswers {
  readonly type: 'amazon'
  readonly region: string
  readonly marketplaceIds: readonly string[]
  readonly sellerId: string
}

export interface EbayAnswers extends CommonAnswers {
  readonly type: 'ebay'
  readonly site: string
}

export interface MiraklAnswers extends CommonAnswers {
  readonly type: 'mirakl'
  readonly baseUrl: string
  readonly shopId?: number
  readonly autoAccept: boolean
}

export interface DscoAnswers extends CommonAnswers {
  readonly type: 'rithum'
  readonly product: 'dsco'
  readonly auth: 'oauth2' | 'static'
  /** Undefined: the account has one only. */
  readonly warehouseCode?: string
}

export interface ChannelAdvisorAnswers extends CommonAnswers {
  readonly type: 'rithum'
  readonly product: 'channeladvisor'
  /** Names of sites of the account whose orders a direct channel reads. */
  readonly excludeSites: readonly string[]
  /** The account sells in other shops of a marketplace that has a direct channel. */
  readonly watchDoublePath?: boolean
  /** ShipStation carrier code: `Carrier/Class` of the account's own list. */
  readonly carriers?: Readonly<Record<string, string>>
}

export interface ZohoAnswers {
  /** The end of the address where the organization was opened. */
  readonly dataCenter: string
  readonly organizationId: string
}

export type ChannelAnswers = AmazonAnswers | EbayAnswers | MiraklAnswers | DscoAnswers | ChannelAdvisorAnswers

/** All that a configuration is made of. */
export interface Answers {
  readonly channels: readonly ChannelAnswers[]
  /** Undefined: stock is kept elsewhere, and no quantity is ever published. */
  readonly zoho?: ZohoAnswers
  /** `sqlite:./isync.db`, or a PostgreSQL URL with a user and no password. */
  readonly database: string
  readonly databasePassword?: string
  /** Nobody was asked: the accounts are examples and must be replaced. */
  readonly areExamples: boolean
  /** The stand-ins listen here: control, then Amazon, Mirakl, ShipStation, Zoho, eBay, Dsco, ChannelAdvisor. */
  readonly sandboxPort?: number
}

/** As ChannelAdvisor names these sites. */
export const directSites = { amazon: 'Amazon Seller Central - US', ebay: 'eBay' } as const

/** What `--yes` takes: an example of each kind of channel, and of where the stock is kept. */
export const exampleAnswers: Answers = {
  channels: [
    {
      type: 'amazon',
      code: 'amazon-us',
      region: 'na',
      marketplaceIds: ['ATVPDKIKX0DER'],
      sellerId: 'A1EXAMPLE',
      storeId: 101,
    },
    {
      type: 'mirakl',
      code: 'mirakl-macys',
      baseUrl: 'https://macys-prod.mirakl.net',
      shopId: 2001,
      autoAccept: false,
      storeId: 102,
    },
    { type: 'ebay', code: 'ebay-us', site: 'EBAY_US', storeId: 103 },
    { type: 'rithum', product: 'dsco', code: 'rithum-acme', auth: 'oauth2', storeId: 104 },
    {
      type: 'rithum',
      product: 'channeladvisor',
      code: 'rithum-ca',
      excludeSites: [directSites.amazon, directSites.ebay],
      storeId: 105,
    },
  ],
  zoho: { dataCenter: 'com', organizationId: '10000000' },
  database: 'sqlite:./isync.db',
  areExamples: true,
}

/** The accounts that `isync sandbox` has when it starts. */
export function sandboxAnswers(port: number): Answers {
  return {
    channels: [
      {
        type: 'amazon',
        code: 'amazon-us',
        region: 'na',
        marketplaceIds: ['ATVPDKIKX0DER'],
        sellerId: 'A1SANDBOX',
        storeId: 20002,
      },
      {
        type: 'mirakl',
        code: 'mirakl-macys',
        baseUrl: standInOf('mirakl', port),
        shopId: 2001,
        autoAccept: true,
        storeId: 20003,
      },
      { type: 'ebay', code: 'ebay-us', site: 'EBAY_US', storeId: 20004 },
      { type: 'rithum', product: 'dsco', code: 'rithum-acme', auth: 'oauth2', storeId: 20005 },
      {
        type: 'rithum',
        product: 'channeladvisor',
        code: 'rithum-ca',
        excludeSites: [directSites.amazon, directSites.ebay],
        carriers: { ontrac: 'Other/Standard', 'DHL Express': 'DHL/Express Worldwide' },
        storeId: 20006,
      },
    ],
    zoho: { dataCenter: 'com', organizationId: '10234695' },
    database: 'sqlite:./isync.db',
    areExamples: false,
    sandboxPort: port,
  }
}

const standIns = ['control', 'amazon', 'mirakl', 'shipstation', 'zoho', 'ebay', 'dsco', 'channeladvisor'] as const

/** Where a stand-in listens. */
export function standInOf(name: (typeof standIns)[number], port: number): string {
  return `http://127.0.0.1:${port + standIns.indexOf(name)}`
}
