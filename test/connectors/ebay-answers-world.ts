import { inspect } from 'node:util'
import { expect } from 'vitest'
import { createEbayConnector, type EbaySettings } from '../../src/connectors/ebay/connector.ts'
import { createGate } from '../../src/connectors/http/gate.ts'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { ItemOutcome, MarketplaceConnector, QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import { createScrubber } from '../../src/core/privacy/scrub.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { followingClock, openAccount, type TestAccount } from '../world/gate.ts'
import { aPackage, type EbayWorld, failureOf, openEbay, pull, settingsFor, signal } from './ebay-world.ts'

export const ID = '11-00001-00001'
export const LINE = '256000000001-2900000000001'

export const credentials = {
  appId: 'canary-app-PRD-1f2e',
  certId: 'PRD-canary-cert-9d8c',
  refreshToken: 'canary-refresh-AgAAAA',
}
/** The first one that the stand-in hands out. */
const ACCESS = 'v^1.1#i^1#p^3#sandbox-1'
const person = { name: 'Jane Canary', street: '7 Leak Lane', email: 'jane.canary@example.com' }
/** What eBay says its words were made with; the e-mail address it may have from anywhere. */
export const values = [person.name, person.street]
const canaries = [...Object.values(credentials), ACCESS, ...Object.values(person), 'Jane', 'Canary', 'Leak Lane']

/** What eBay quotes in each of its answers, and what is left of it. */
export const QUOTED = `Seen ${Object.values(credentials).join(' ')} ${ACCESS} of ${person.name}, ${person.street}, ${person.email}`
export const LEFT = 'Seen [secret] [secret] [secret] [secret] of ..., ..., <e-mail>'
export const html = `<html><body>${QUOTED}</body></html>`
export const TWICE = 'a fresh token was refused too: compare app_id, cert_id and sandbox, and have the seller consent again'
export const KEYSET = "the keyset or the seller's account is not accepted: see its state at eBay"

const classes = { auth: AuthError, permanent: PermanentError, retryable: RetryableError, throttled: ThrottledError }

interface Asked {
  readonly path: string
  readonly method?: string
  readonly body?: string
  readonly ask: (connector: MarketplaceConnector) => Promise<unknown>
}

const mug = (productType: string) => ({ channel: 'ebay-us', sku: 'MUG', quantity: 5, productType })

const asked = {
  GetOrders: { path: '/ws/api.dll$', body: '<ModTimeFrom>', ask: (connector) => pull(connector) },
  'GetOrders by id': {
    path: '/ws/api.dll$',
    body: '<OrderIDArray>',
    ask: (connector) => connector.getOrders([ID], signal),
  },
  CompleteSale: {
    path: '/ws/api.dll$',
    body: '<CompleteSaleRequest',
    ask: (connector) => firstError(connector.confirmShipments([aPackage(ID, [LINE])], signal)),
  },
  ReviseInventoryStatus: {
    path: '/ws/api.dll$',
    body: '<ReviseInventoryStatusRequest',
    ask: (connector) => firstError(connector.updateQuantities([mug('trading 257000000001')], 'auto', signal)),
  },
  GetMyeBaySelling: {
    path: '/ws/api.dll$',
    body: '<GetMyeBaySellingRequest',
    ask: async (connector) => connector.describeListings?.(['MUG'], signal),
  },
  'fulfillment/order': { path: '/fulfillment/v1/order$', ask: (connector) => pull(connector) },
  'fulfillment/shipping_fulfillment': {
    path: 'shipping_fulfillment$',
    method: 'POST',
    ask: (connector) => firstError(connector.confirmShipments([aPackage(ID, ['10000000000001'])], signal)),
  },
  'inventory/bulk_update_price_quantity': {
    path: 'bulk_update_price_quantity$',
    ask: (connector) => firstError(connector.updateQuantities([mug('inventory')], 'auto', signal)),
  },
  token: { path: '/oauth2/token$', ask: (connector) => pull(connector) },
} as const satisfies Readonly<Record<string, Asked>>

/** What a single item failed of, thrown as the batch's own failure would be. */
async function firstError(batch: Promise<readonly (ItemOutcome | QuantityOutcome)[]>): Promise<unknown> {
  const [outcome] = await batch
  if (outcome?.status === 'failed') throw outcome.error
  return outcome
}

export interface Row {
  readonly what: string
  readonly of: keyof typeof asked
  /** 200 where nothing is said. */
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of an answer of its own. */
  readonly kind?: FaultKind
  readonly is: keyof typeof classes
  /** Milliseconds, for throttled. */
  readonly wait?: number
  /** Whether it may have been carried out, for retryable. */
  readonly unknown?: boolean
  /** Times that eBay is asked; 1 where nothing is said. */
  readonly calls?: number
  /** All that the operator reads, after the account and the call. */
  readonly reads: string
}

export interface AnswersWorld extends Pick<EbayWorld, 'sandbox' | 'close'> {
  readonly connector: MarketplaceConnector
  readonly account: TestAccount
  /** What was logged, lines and fields. */
  readonly seen: unknown[]
}

/** One order, one listing, and a gate as the program has it: it knows its secrets, and everything it logs is kept. */
export async function openAnswers(settings: Partial<EbaySettings> = {}): Promise<AnswersWorld> {
  const { sandbox, close } = await openEbay({
    accounts: [{ app_id: credentials.appId, cert_id: credentials.certId, refresh_token: credentials.refreshToken }],
    orders: [
      {
        order_id: ID,
        lines: [{ item_id: '256000000001', transaction_id: '2900000000001', line_item_id: '10000000000001', sku: 'MUG' }],
      },
    ],
  })
  const seen: unknown[] = []
  const account = openAccount('ebay-us')
  const write = (fields: object, message: string) => void seen.push(fields, message)
  const gate = createGate({
    account: 'ebay-us',
    shared: account,
    clock: followingClock(sandbox.clock.now),
    log: { debug: write, info: write, warn: write, error: write },
    boundary: { reach: () => undefined },
    scrub: createScrubber(Object.values(credentials)),
    maxWaitMs: 1000,
    timeoutMs: 400,
  })
  const connector = createEbayConnector(gate, {
    ...settingsFor(sandbox.origins.ebay),
    credentials,
    timeoutMs: 400,
    ...settings,
  })
  return { sandbox, close, connector, account, seen }
}

/** Puts the answer of `row` in eBay's mouth, asks, and compares everything that comes of it. */
export async function judge(row: Row): Promise<void> {
  const { ask, ...match }: Asked = asked[row.of]
  const world = await openAnswers({ ordersApi: row.of === 'fulfillment/order' ? 'fulfillment' : 'trading' })
  try {
    world.sandbox.addFault({
      vendor: 'ebay',
      kind: row.kind ?? 'status',
      match,
      times: 9,
      ...(row.kind === undefined ? { status: row.status ?? 200, body: row.body ?? '' } : {}),
      ...(row.headers === undefined ? {} : { headers: row.headers }),
    })

    const error = await failureOf(ask(world.connector))

    const operation = row.of === 'GetOrders by id' ? 'GetOrders' : row.of
    expect(error).toHaveProperty('message', `ebay-us ${operation}: ${row.reads}`)
    expect(error).toBeInstanceOf(classes[row.is])
    expect(error).toMatchObject({ kind: row.is, account: 'ebay-us', operation })
    if (row.wait !== undefined) expect(error).toHaveProperty('waitMs', row.wait)
    if (row.unknown !== undefined) expect(error).toHaveProperty('outcomeUnknown', row.unknown)
    expect(world.account.opened).toHaveLength(row.is === 'auth' ? 1 : 0)
    expect(world.sandbox.journal().filter(({ fault }) => fault !== undefined)).toHaveLength(row.calls ?? 1)
    expectNoCanary(error, world.account.opened, world.seen)
  } finally {
    await world.close()
  }
}

/** Neither secret nor person in anything that can come to be seen, hidden properties and causes of causes too. */
export function expectNoCanary(...what: readonly unknown[]): void {
  const visible = inspect(what, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null })
  for (const canary of canaries) expect(visible).not.toContain(canary)
}
