export interface AmazonAnswers {
  readonly type: 'amazon'
  readonly code: string
  readonly region: string
  readonly marketplaceIds: readonly string[]
  readonly sellerId: string
  readonly storeId: number
}

export interface MiraklAnswers {
  readonly type: 'mirakl'
  readonly code: string
  readonly baseUrl: string
  readonly shopId?: number
  readonly autoAccept: boolean
  readonly storeId: number
}

export interface ZohoAnswers {
  /** The end of the address where the organization was opened. */
  readonly dataCenter: string
  readonly organizationId: string
}

export type ChannelAnswers = AmazonAnswers | MiraklAnswers

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
  /** The stand-ins listen here: control, then Amazon, Mirakl, ShipStation, Zoho. */
  readonly sandboxPort?: number
}

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
      code: 'mirakl-shop',
      baseUrl: 'https://example-prod.mirakl.net',
      shopId: 2001,
      autoAccept: false,
      storeId: 102,
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
        code: 'mirakl-shop',
        baseUrl: originAt(port + 2),
        shopId: 2001,
        autoAccept: true,
        storeId: 20003,
      },
    ],
    zoho: { dataCenter: 'com', organizationId: '10234695' },
    database: 'sqlite:./isync.db',
    areExamples: false,
    sandboxPort: port,
  }
}

/** Where a stand-in listens. */
export function originAt(port: number): string {
  return `http://127.0.0.1:${port}`
}
