import type { SandboxClock, SandboxReply, SandboxRequest, StandIn, StandInFactory } from '../stand-in.ts'
import { authorize, type Caller, createRestrictedDataToken, isCaller } from './access.ts'
import { type Account, createAccounts } from './accounts.ts'
import { runAction } from './actions.ts'
import { type Tally, writeBooks } from './books.ts'
import { reader } from './compact.ts'
import { confirmShipment } from './confirm.ts'
import { CARRIERS } from './confirm-body.ts'
import { createDocuments } from './documents.ts'
import { FEED_DEFAULTS, readFeedSettings } from './feed.ts'
import { createFeeds, isListingsFeed } from './feeds.ts'
import { createForwarder } from './forwarder.ts'
import { createLater } from './later.ts'
import { createLimiter, type Plan } from './limits.ts'
import { readListings } from './listing-seed.ts'
import { createListingStore } from './listing-store.ts'
import { getListingsItem, isPreview, type ListingTarget, patchListingsItem, searchListingsItems } from './listings.ts'
import { exchangeToken } from './lwa.ts'
import { LATENCY_MS } from './order.ts'
import { getOrder2026, searchOrders } from './orders-2026.ts'
import { getOrderAddress, getOrderBuyerInfo, getOrderItems, getOrderItemsBuyerInfo, getOrders, getOrderV0 } from './orders-v0.ts'
import { REPORT_DEFAULTS, readReportSettings } from './report.ts'
import { createReports } from './reports.ts'
import { type Found, findRoute } from './routes.ts'
import { readOrder } from './seed.ts'
import { marketplaceParticipations } from './sellers.ts'
import { readStockSettings, STOCK_DEFAULTS, type Stock } from './stock.ts'
import { createOrderStore } from './store.ts'
import { errorReply, isRecord } from './wire.ts'

// biome-ignore format: a word list
const SEED_KEYS = ['accounts', 'rate_limits', 'roles', 'carriers', 'order_lag_ms', 'orders', 'stock', 'feeds', 'reports', 'listings']
/** A seeded order that gives no time is history, and so visible at once; one that is added later happens now. */
const SEEDED_AGO_MS = 3_600_000
/**
 * Amazon: Login with Amazon and the Selling Partner API on one port, whatever the Host header says, and what forwards its notifications.
 *
 * Seed: `{accounts?, rate_limits?: 'on' | 'off' | {operation: {rate, burst}}, roles?: {pii: boolean}, carriers?: 'any' | [code], order_lag_ms?,
 * orders?: [compact order], stock?: {live_after_ms, unknown_skus}, feeds?: {queue_ms, processing_ms, compress, ...}, reports?: {queue_ms, lag_ms,
 * charset, ...}, listings?: [compact listing]}`. An order or a listing that is known is replaced. The compact order is read in seed.ts, the listing
 * in listing-seed.ts, the settings in stock.ts, feed.ts and report.ts; the actions are in actions.ts and listing-actions.ts, the books in books.ts.
 */
export const createAmazon: StandInFactory = (clock) => createStandIn(clock)

function createStandIn(clock: SandboxClock): StandIn {
  const accounts = createAccounts(clock)
  const forwarder = createForwarder(clock)
  const store = createOrderStore(forwarder.changed)
  const limiter = createLimiter(clock)
  const tally: Tally = { calls: new Map(), throttled: 0 }
  const settings = { pii: true, carriers: new Set(CARRIERS) as ReadonlySet<string> | 'any', lagMs: LATENCY_MS }
  const later = createLater(clock)
  const stock: Stock = {
    clock,
    store: createListingStore(),
    later,
    failures: new Map(),
    ghosts: new Set(),
    settings: STOCK_DEFAULTS,
  }
  const documents = createDocuments(clock)
  const feeds = createFeeds(stock, documents, FEED_DEFAULTS)
  const reports = createReports({ later, documents, orders: () => ({ clock, store, lagMs: settings.lagMs }) }, REPORT_DEFAULTS)
  let requests = 0
  let numbered = 0
  let listed = 0

  function handle(request: SandboxRequest): SandboxReply {
    requests += 1
    later.settle()
    documents.hear(request)
    const stored = documents.serve(request)
    if (stored !== undefined) {
      count(request.method === 'PUT' ? 'upload' : 'download')
      return stored
    }
    const reply = answer(request)
    return { ...reply, headers: { ...reply.headers, 'x-amzn-requestid': requestId() } }
  }

  function requestId(): string {
    return `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`
  }

  function answer(request: SandboxRequest): SandboxReply {
    if (request.method === 'POST' && request.path === '/auth/o2/token') {
      count('lwaToken')
      return exchangeToken(accounts, request)
    }
    const found = findRoute(request)
    // The gateway knows no such resource and answers as it does without a signature.
    if (found === undefined) {
      return errorReply(
        403,
        'MissingAuthenticationToken',
        'Access to requested resource is denied.',
        `Not in the sandbox: ${request.method} ${request.path}`,
      )
    }
    count(found.operation)
    const caller = authorize(accounts, clock, request, settings.pii)
    if (!isCaller(caller)) return caller
    const plan = planOf(found, request)
    if (!limiter.take(plan, caller.account.sellerId)) {
      tally.throttled += 1
      return errorReply(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.')
    }
    const reply = perform(found, caller, request)
    // Present on 2xx, 400 and 404 in the models; the contract warns that errors may lack it.
    if (reply.status === 403 || reply.status === 415) return reply
    return { ...reply, headers: { ...reply.headers, 'x-amzn-ratelimit-limit': limiter.header(plan) } }
  }

  function count(operation: string): void {
    tally.calls.set(operation, (tally.calls.get(operation) ?? 0) + 1)
  }

  function perform(found: Found, caller: Caller, request: SandboxRequest): SandboxReply {
    const context = { clock, store, carriers: settings.carriers, lagMs: settings.lagMs }
    const orderId = found.named('orderId')
    const target: ListingTarget = { sellerId: found.named('sellerId'), sku: found.named('sku') }
    switch (found.operation) {
      case 'searchOrders':
        return searchOrders(context, caller, request)
      case 'getOrder':
        return getOrder2026(context, caller, request, orderId)
      case 'getOrders':
        return getOrders(context, caller, request)
      case 'getOrderV0':
        return getOrderV0(context, caller, orderId)
      case 'getOrderItems':
        return getOrderItems(context, caller, orderId, request)
      case 'getOrderAddress':
        return getOrderAddress(context, caller, orderId)
      case 'getOrderBuyerInfo':
        return getOrderBuyerInfo(context, caller, orderId)
      case 'getOrderItemsBuyerInfo':
        return getOrderItemsBuyerInfo(context, caller, orderId)
      case 'confirmShipment':
        return confirmShipment(context, caller, request, orderId)
      case 'createRestrictedDataToken':
        return createRestrictedDataToken(accounts, caller, request)
      case 'getMarketplaceParticipations':
        return marketplaceParticipations(caller)
      case 'searchListingsItems':
        return searchListingsItems(stock, caller, request, target)
      case 'getListingsItem':
        return getListingsItem(stock, caller, request, target)
      case 'patchListingsItem':
        return patchListingsItem(stock, caller, request, target, requestId())
      case 'createFeedDocument':
        return feeds.createDocument(caller, request)
      case 'createFeed':
        return feeds.create(caller, request)
      case 'getFeed':
        return feeds.get(caller, found.named('feedId'))
      case 'getFeedDocument':
        return feeds.getDocument(caller, found.named('documentId'), request)
      case 'createReport':
        return reports.create(caller, request)
      case 'getReport':
        return reports.get(caller, found.named('reportId'))
      case 'getReportDocument':
        return reports.getDocument(caller, found.named('documentId'), request)
    }
  }

  function seed(document: unknown): void {
    later.settle()
    const given = reader('amazon seed', document, SEED_KEYS)
    const added = list(given.raw('accounts'), 'accounts').map((account) => accounts.put(account))
    if (given.has('rate_limits')) limiter.configure(given.raw('rate_limits'))
    if (given.has('roles')) settings.pii = reader('roles', given.raw('roles'), ['pii']).flag('pii') ?? settings.pii
    if (given.has('carriers'))
      settings.carriers = given.raw('carriers') === 'any' ? 'any' : new Set([...CARRIERS, ...given.texts('carriers')])
    settings.lagMs = given.count('order_lag_ms') ?? settings.lagMs
    addOrders(list(given.raw('orders'), 'orders'), added[0], clock.now() - SEEDED_AGO_MS)
    if (given.has('stock')) stock.settings = readStockSettings(given.raw('stock'), stock.settings)
    if (given.has('feeds')) feeds.settings = readFeedSettings(given.raw('feeds'), feeds.settings)
    if (given.has('reports')) reports.settings = readReportSettings(given.raw('reports'), reports.settings)
    addListings(list(given.raw('listings'), 'listings'), added[0], clock.now() - SEEDED_AGO_MS)
  }

  function ownerOf(account: Account | undefined): Account {
    const owner = account ?? accounts.all()[0]
    if (owner === undefined) throw new Error('amazon seed: there is no account')
    return owner
  }

  function addListings(entries: readonly unknown[], account: Account | undefined, createdAt: number): readonly string[] {
    const defaults = { createdAt, now: clock.now(), accounts, account: ownerOf(account), next: () => ++listed }
    const skus: string[] = []
    for (const entry of entries) {
      for (const listing of readListings(entry, defaults)) {
        stock.store.put(listing)
        skus.push(listing.sku)
      }
    }
    return skus
  }

  function addOrders(documents: readonly unknown[], account: Account | undefined, createdAt: number): readonly string[] {
    const owner = ownerOf(account)
    return documents.map((document) => {
      const defaults = { createdAt, accounts, account: owner, lagMs: settings.lagMs, next: () => ++numbered }
      const order = readOrder(document, defaults)
      const known = store.get(order.id)
      store.put(order)
      // A replaced order has changed just now, unless the document says when.
      if (known !== undefined && !(isRecord(document) && document['updated_at'] !== undefined)) store.touch(order, clock.now())
      return order.id
    })
  }

  function reset(): void {
    accounts.reset()
    store.reset()
    forwarder.reset()
    limiter.reset()
    tally.calls.clear()
    tally.throttled = 0
    settings.pii = true
    settings.carriers = new Set(CARRIERS)
    settings.lagMs = LATENCY_MS
    stock.store.reset()
    stock.failures.clear()
    stock.ghosts.clear()
    stock.settings = STOCK_DEFAULTS
    later.reset()
    documents.reset()
    feeds.reset()
    reports.reset()
    requests = 0
    numbered = 0
    listed = 0
  }

  function act(action: string, argument: unknown): unknown {
    later.settle()
    const now = clock.now()
    const context = {
      clock,
      store,
      accounts,
      stock,
      feeds,
      reports,
      forwarder,
      addOrders: (entries: readonly unknown[]) => addOrders(entries, undefined, now),
      addListings: (entries: readonly unknown[]) => addListings(entries, undefined, now),
    }
    return runAction(context, action, argument)
  }

  return {
    vendor: 'amazon',
    handle,
    seed,
    act,
    books() {
      later.settle()
      return writeBooks({ store, accounts, stock, feeds: feeds.all(), reports: reports.all(), tally })
    },
    outgoing: forwarder.take,
    reset,
  }
}

/** The usage plan that a request spends from. */
function planOf({ operation }: Found, request: SandboxRequest): Plan {
  if (operation === 'patchListingsItem' && isPreview(request.query)) return 'previewListingsItem'
  if (operation === 'createFeed' && isListingsFeed(request)) return 'createListingsFeed'
  return operation
}

function list(value: unknown, name: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Error(`amazon seed: ${name} must be a list`)
  return value
}
