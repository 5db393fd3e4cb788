import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGate } from '../../src/connectors/http/gate.ts'
import { createChannelAdvisorConnector } from '../../src/connectors/rithum/channeladvisor/connector.ts'
import type { ChannelAdvisorSettings } from '../../src/connectors/rithum/channeladvisor/settings.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { PlannedCall } from '../../src/core/ports/gate.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import type { Clock, Log } from '../../src/core/ports/system.ts'
import { createScrubber } from '../../src/core/privacy/scrub.ts'
import { type LoggedLine, openAccount, type TestAccount } from '../world/gate.ts'

export type Json = Record<string, unknown>

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const signal = new AbortController().signal
export const SECRETS = {
  applicationId: 'canary-application',
  sharedSecret: 'canary-shared-secret',
  refreshToken: 'canary-refresh',
}
export const TOKEN = 'canary-access-token'

/** One call as the script sees it. */
export interface Asked {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly url: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly json: unknown
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Answers a call; undefined is 404. A promise that never settles is a vendor that never answers. */
export type Script = (asked: Asked) => Answer | undefined | Promise<Answer | undefined>

export interface ScriptedWorld {
  readonly origin: string
  readonly account: TestAccount
  readonly logged: LoggedLine[]
  readonly planned: PlannedCall[]
  readonly heard: Asked[]
  readonly connector: MarketplaceConnector
  /** What answers from now on. */
  play(script: Script): void
  /** The same account seen by another process: nothing kept in memory, other settings where given. */
  again(settings?: Partial<ChannelAdvisorSettings>, options?: { readonly dryRun?: boolean }): MarketplaceConnector
  /** Calls of this path, without the token's. */
  calls(path?: RegExp): readonly Asked[]
  close(): Promise<void>
}

/** A vendor that says what the test wants, over real HTTP, and a connector that talks to it at a time that stands still. */
export async function openScripted(script: Script, settings: Partial<ChannelAdvisorSettings> = {}): Promise<ScriptedWorld> {
  let playing = script
  const heard: Asked[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const asked = await askedOf(request)
      heard.push(asked)
      const told = (await playing(asked)) ?? usual(asked)
      const body = typeof told.body === 'string' ? told.body : told.body === undefined ? '' : JSON.stringify(told.body)
      const type = typeof told.body === 'string' ? 'text/html' : 'application/json'
      response.writeHead(told.status ?? 200, { 'content-type': type, date: new Date(NOW).toUTCString(), ...told.headers })
      response.end(body)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const account = openAccount('ca-test')
  const logged: LoggedLine[] = []
  const planned: PlannedCall[] = []
  const again: ScriptedWorld['again'] = (more = {}, { dryRun = false } = {}) => {
    const gate = createGate({
      account: 'ca-test',
      shared: account,
      clock: standing,
      log: listener(logged),
      boundary: { reach: () => undefined },
      scrub: createScrubber([...Object.values(SECRETS), TOKEN]),
      maxWaitMs: 5 * MINUTE,
      timeoutMs: 5000,
      ...(dryRun ? { plan: (call: PlannedCall) => void planned.push(call) } : {}),
    })
    return createChannelAdvisorConnector(gate, { ...settingsFor(origin), ...settings, ...more })
  }
  return {
    origin,
    account,
    logged,
    planned,
    heard,
    connector: again(),
    again,
    play: (next) => {
      playing = next
    },
    calls: (path = /./) => heard.filter((one) => path.test(one.path) && one.path !== '/oauth2/token'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function settingsFor(origin: string): ChannelAdvisorSettings {
  return {
    channel: 'ca-test',
    endpoint: origin,
    authEndpoint: origin,
    credentials: SECRETS,
    distributionCenterId: 0,
    updateType: 'UnShipped',
    excludeSites: [],
    carriers: {},
    timeoutMs: 5000,
  }
}

const standing: Clock = { now: () => NOW, sleep: async () => undefined }

function listener(logged: LoggedLine[]): Log {
  const at = (level: LoggedLine['level']) => (fields: LoggedLine['fields'], message: string) =>
    void logged.push({ level, message, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString()
  const url = new URL(request.url ?? '/', 'http://vendor')
  const isJson = request.headers['content-type'] === 'application/json' && text !== ''
  return {
    method: request.method ?? '',
    path: url.pathname,
    url: request.url ?? '',
    query: url.searchParams,
    headers: request.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

/** What the script says nothing about. */
function usual({ path }: Asked): Answer {
  if (path === '/oauth2/token') return { body: { access_token: TOKEN, token_type: 'bearer', expires_in: 3599 } }
  if (path === '/v1/DistributionCenters') return { body: { value: [center(0, 'Main'), center(7, 'FBA', 'ExternallyManaged')] } }
  return { status: 404, body: { error: { code: '', message: 'Resource not found.' } } }
}

export function center(id: number, name: string, type = 'Warehouse', more: Json = {}): Json {
  const external = type === 'ExternallyManaged'
  return { ID: id, Code: name, Name: name, Type: type, IsExternallyManaged: external, IsDeleted: false, ...more }
}

export function anItem(over: Json = {}): Json {
  return {
    ID: 501,
    ProfileID: 9,
    OrderID: 100,
    ProductID: 9001,
    Sku: 'SKU-1',
    Title: 'A mug',
    Quantity: 2,
    UnitPrice: 12.34,
    TaxPrice: 2.04,
    GiftMessage: null,
    GiftNotes: null,
    IsBundle: false,
    Promotions: [],
    Adjustments: [],
    ...over,
  }
}

export function aFulfillment(over: Json = {}): Json {
  return {
    ID: 71,
    OrderID: 100,
    Type: 'Ship',
    DeliveryStatus: 'NoChange',
    TrackingNumber: null,
    ShippingCarrier: 'UPS',
    ShippingClass: 'Ground',
    DistributionCenterID: 0,
    SellerFulfillmentID: null,
    Items: [{ ID: 1, FulfillmentID: 71, OrderItemID: 501, ProductID: 9001, Quantity: 2 }],
    ...over,
  }
}

export function anOrder(over: Json = {}): Json {
  return {
    ID: 100,
    ProfileID: 9,
    SiteID: 576,
    SiteName: 'Walmart',
    SiteOrderID: 'W-100',
    SellerOrderID: null,
    // A byte, not a boolean.
    UserDataPresent: 1,
    Currency: 'USD',
    CreatedDateUtc: '2026-11-20T10:00:00.1234567Z',
    ImportDateUtc: '2026-11-20T10:07:00.5Z',
    UpdatedDateUtc: '2026-11-20T10:08:00Z',
    PublicNotes: null,
    PrivateNotes: '',
    SpecialInstructions: ' Leave at the door ',
    TotalPrice: 31.62,
    TotalTaxPrice: 2.04,
    TotalShippingPrice: 4.9,
    TotalShippingTaxPrice: 0,
    EstimatedShipDateUtc: '2026-11-23T00:00:00Z',
    DeliverByDateUtc: '2026-11-27T00:00:00Z',
    RequestedShippingCarrier: 'UPS',
    RequestedShippingClass: 'Ground',
    CheckoutStatus: 'Completed',
    PaymentStatus: 'Cleared',
    ShippingStatus: 'Unshipped',
    DistributionCenterTypeRollup: 'SellerManaged',
    OrderTaxType: 'Standard',
    BuyerEmailAddress: 'alias@marketplace.example',
    ShippingFirstName: 'Ada',
    ShippingLastName: 'Sample',
    ShippingDaytimePhone: '555-0100',
    ShippingAddressLine1: '1 Invented Street',
    ShippingAddressLine2: '',
    ShippingCity: 'Testville',
    ShippingStateOrProvince: 'NY',
    ShippingPostalCode: '00001',
    ShippingCountry: 'US',
    Items: [anItem()],
    Fulfillments: [aFulfillment()],
    ...over,
  }
}

export function aPackage(over: Partial<Confirmation> = {}): Confirmation {
  return {
    channel: 'ca-test',
    externalOrderId: '100',
    reference: 4711,
    trackingNumber: '1Z999AA10123456784',
    carrier: { code: 'ups_walleted', name: 'UPS', family: 'ups' },
    service: 'ups_ground',
    shippedAt: NOW - HOUR,
    lines: [{ externalLineId: '501', quantity: 2 }],
    wholeOrder: true,
    ...over,
  }
}

/** Everything changed since, up to `most` pages. */
export async function pages(
  connector: MarketplaceConnector,
  since: Cursor = { at: NOW - HOUR },
  most = 99,
): Promise<OrderPage[]> {
  const found: OrderPage[] = []
  for await (const page of connector.listOrders(since, signal)) {
    found.push(page)
    if (found.length >= most) break
  }
  return found
}

/** How one document is read. */
export async function readOne(document: Json, settings: Partial<ChannelAdvisorSettings> = {}): Promise<OrderPage> {
  const world = await openScripted(({ path }) => (path === '/v1/Orders' ? { body: { value: [document] } } : undefined), settings)
  try {
    const [page] = await pages(world.connector)
    if (page === undefined) throw new Error('no page')
    return page
  } finally {
    await world.close()
  }
}

/** The one order that a document is read as. */
export async function orderOf(document: Json): Promise<NormalizedOrder> {
  const { orders, poison, skipped } = await readOne(document)
  const [order] = orders
  if (order === undefined) throw new Error(`no order; skipped ${skipped}; ${poison.map(({ reason }) => reason).join(', ')}`)
  return order
}

/** What a promise was rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}
