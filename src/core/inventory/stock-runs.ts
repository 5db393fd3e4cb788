import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import type { ChannelReport } from '../channel-report.ts'
import type { Run, RunProblem, Verdict } from '../context.ts'
import { readCursor, writeCursor } from '../db/cursors.ts'
import type { LeaseHolder } from '../db/leases.ts'
import type { PublicationState } from '../db/publications.ts'
import type { ReadingKind } from '../db/readings.ts'
import { settingsChangedSince } from '../db/settings.ts'
import { hasStock } from '../db/stock.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { StockPage, StockSource } from '../ports/stock-source.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { type PublishReport, publishStock } from './publish.ts'
import { type Reading, readStock } from './read-stock.ts'
import { loadRuleBook, type RuleBook } from './rules.ts'
import { alertStale } from './stale.ts'
import { assertKnown, configured, noReadingYet, unknownSku } from './stock-refusals.ts'

/** Reads the channels' orders. Its report is passed on. */
export type PullOrders = () => Promise<{ readonly channels: readonly ChannelReport<object>[]; readonly verdict: Verdict }>

export interface StockRunRequest {
  readonly connectors: readonly MarketplaceConnector[]
  readonly pullOrders: PullOrders
  readonly overrideBrake: boolean
  /** Told after each page of the stock source. */
  readonly onPage?: (items: number) => void
}

export interface StockRunReport {
  readonly reading?: Reading
  readonly pulled?: Awaited<ReturnType<PullOrders>>
  readonly published?: PublishReport
  readonly problems: readonly RunProblem[]
  /** Another run is at it. */
  readonly heldBy?: LeaseHolder | 'another run'
  /** Nothing was to be done, and why. */
  readonly idle?: string
  readonly verdict: Verdict
}

/**
 * Reads all stock, then the orders (so that what was sold meanwhile is known before anything goes up), recomputes everything and publishes
 * the differences. `force` sends every quantity, changed or not. A reading that a brake holds publishes nothing: verdict `held`.
 */
export async function fullStockRun(
  run: Run,
  request: StockRunRequest & { readonly source: StockSource | undefined; readonly force: boolean },
): Promise<StockRunReport> {
  const source = configured(request.source)
  return alone(run, async (aloneRun) => {
    const book = await loadRuleBook(aloneRun)
    const read = await readFrom(aloneRun, request, book, 'full', source.listItems(aloneRun.signal))
    if (read.reading === undefined || read.verdict === 'held') return read
    return recomputeAll(aloneRun, request, read, request.force ? ['settled', 'dead'] : [])
  })
}

export interface DeltaRequest extends StockRunRequest {
  readonly source: StockSource | undefined
  /** Epoch ms, instead of the last complete reading. */
  readonly since?: number
  /** Only these, as they are now. */
  readonly skus?: readonly string[]
  /** How long before the last reading a change may have been made and not been shown yet. */
  readonly overlapMs: number
}

/**
 * Reads what changed at the stock source since the last complete reading, or the named SKUs as they are now, and publishes it. Orders are not
 * pulled: what goes up waits for them. Throws OperatorError when there has been no complete reading, or for a SKU that the source does not have.
 */
export async function deltaStockRun(run: Run, request: DeltaRequest): Promise<StockRunReport> {
  const source = configured(request.source)
  return alone(run, async (aloneRun) => {
    const book = await loadRuleBook(aloneRun)
    const read =
      request.skus === undefined
        ? await readFrom(aloneRun, request, book, 'delta', source.changedSince(await sinceOf(aloneRun, request), aloneRun.signal))
        : await readFrom(aloneRun, request, book, 'items', named(source, request.skus, aloneRun.signal))
    if (read.reading === undefined || read.verdict === 'held') return read
    const published = await publishStock(aloneRun, {
      book,
      connectors: request.connectors,
      what: read.reading.skus,
      overrideBrake: request.overrideBrake,
      waitMs: book.effective.reportWaitMs,
    })
    return { ...read, published, verdict: published.verdict }
  })
}

/**
 * Reads items that somebody says have changed, and publishes them. Beside other readings: of two that show an item the younger counts, whatever
 * comes last. An item that the source does not have changes nothing.
 */
export async function namedStockRun(
  run: Run,
  request: Omit<StockRunRequest, 'pullOrders'> & { readonly pages: AsyncIterable<StockPage> },
): Promise<StockRunReport> {
  const book = await loadRuleBook(run)
  const read = await readFrom(run, request, book, 'items', request.pages)
  if (read.reading === undefined || read.verdict === 'held' || read.reading.skus.length === 0) return read
  const { connectors, overrideBrake } = request
  const published = await publishStock(run, { book, connectors, what: read.reading.skus, overrideBrake, waitMs: 0 })
  return { ...read, published, verdict: published.verdict }
}

async function sinceOf(run: Run, { since, overlapMs }: DeltaRequest): Promise<number> {
  const last = await readCursor(run.db, 'zoho', 'stock')
  const from = since ?? (last === undefined ? undefined : last.at - overlapMs)
  if (from === undefined) throw noReadingYet()
  return from
}

async function* named(source: StockSource, skus: readonly string[], signal: AbortSignal): AsyncIterable<StockPage> {
  const page = await source.itemsBySku(skus, signal)
  const shown = new Set(page.items.map(({ sku }) => sku))
  const absent = skus.find((sku) => !shown.has(sku))
  if (absent !== undefined)
    throw unknownSku(absent, 'Zoho shows no item with it', 'look it up in Zoho: the spelling counts, letter by letter')
  yield page
}

export interface RebalanceRequest extends StockRunRequest {
  readonly all: boolean
  readonly skus?: readonly string[]
  /** Also try again every quantity that was given up. */
  readonly givenUp?: boolean
}

/**
 * Recomputes from the shadow stock and publishes: everything when the interval is over or a setting was changed, or `all` is
 * asked for (then orders are pulled first), else the SKUs that were marked, or those named. Quantities that were given up are tried again where they are named.
 */
export async function rebalanceRun(run: Run, request: RebalanceRequest): Promise<StockRunReport> {
  if (!(await hasStock(run.db)))
    return { problems: [], verdict: 'done', idle: 'no stock is known yet: isync inventory:full reads it' }
  if (request.skus !== undefined) await assertKnown(run, request.skus)
  const book = await loadRuleBook(run)
  const report = await rebalance(run, request, book)
  await alertStale(run, book.effective)
  return report
}

async function rebalance(run: Run, request: RebalanceRequest, book: RuleBook): Promise<StockRunReport> {
  const last = await readCursor(run.db, 'inventory', 'rebalance')
  const isDue =
    last === undefined ||
    run.clock.now() - last.at >= book.effective.rebalanceIntervalMs ||
    // An operator who sets a ratio to nothing does not wait for hours; a channel that comes back knows nothing of what changed.
    (book.backAt ?? 0) >= last.at ||
    (await settingsChangedSince(run.db, last.at))
  if (request.skus === undefined && (request.all || isDue)) {
    return alone(run, (aloneRun) =>
      recomputeAll(aloneRun, request, { problems: [], verdict: 'done' }, request.givenUp === true ? ['dead'] : []),
    )
  }
  const published = await publishStock(run, {
    book,
    connectors: request.connectors,
    what: request.skus ?? 'marked',
    overrideBrake: request.overrideBrake,
    ...(request.skus === undefined && request.givenUp !== true ? {} : { again: ['dead'] as const }),
    waitMs: book.effective.reportWaitMs,
  })
  return { published, problems: [], verdict: published.verdict }
}

async function recomputeAll(
  run: Run,
  request: StockRunRequest,
  before: StockRunReport,
  again: readonly PublicationState[],
): Promise<StockRunReport> {
  const pulled = await request.pullOrders()
  const beganAt = run.clock.now()
  // Read after this instant: what is set later makes the next run recompute everything again.
  const book = await loadRuleBook(run)
  const published = await publishStock(run, {
    book,
    connectors: request.connectors,
    what: 'all',
    overrideBrake: request.overrideBrake,
    again,
    waitMs: book.effective.reportWaitMs,
  })
  if (published.verdict !== 'held') await writeCursor(run.db, 'inventory', 'rebalance', { at: beganAt }, run.clock.now())
  return { ...before, pulled, published, verdict: worse(pulled.verdict, published.verdict) }
}

/** One reading, and one recomputation of everything, at a time: of two, the older would undo the younger. */
async function alone(run: Run, work: (run: Run) => Promise<StockRunReport>): Promise<StockRunReport> {
  const attempt = await exclusively(run, 'inventory stock', (signal) => work({ ...run, signal }))
  return attempt.ran ? attempt.result : { problems: [], heldBy: attempt.holder ?? 'another run', verdict: 'done' }
}

async function readFrom(
  run: Run,
  request: Pick<StockRunRequest, 'onPage' | 'overrideBrake'>,
  book: RuleBook,
  kind: ReadingKind,
  pages: ReturnType<StockSource['listItems']>,
): Promise<StockRunReport> {
  const at = { account: 'zoho', step: kind === 'full' ? 'inventory:full' : 'inventory:delta', rule: 'stock-unread' } as const
  try {
    const { onPage, overrideBrake } = request
    const inventory = book.effective
    const reading = await readStock(run, { kind, pages, inventory, overrideBrake, ...(onPage === undefined ? {} : { onPage }) })
    await accountWorked(run, at)
    return { reading, problems: [], verdict: reading.brake === undefined ? 'done' : 'held' }
  } catch (error) {
    const problem = await accountFailed(run, at, error)
    return { problems: [problem], verdict: isOnlyWaiting(error) ? 'partly' : 'vendor-down' }
  }
}

/** Held beats down beats partly beats done. */
function worse(a: Verdict, b: Verdict): Verdict {
  const order: readonly Verdict[] = ['done', 'partly', 'vendor-down', 'held']
  if (a === b) return a
  const worst = order.indexOf(a) > order.indexOf(b) ? a : b
  // One half down and the other not: done in part.
  return worst === 'vendor-down' ? 'partly' : worst
}
