import type { ChannelReport } from '../channel-report.ts'
import type { Run } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { readCursor } from '../db/cursors.ts'
import { closeLookedAt, countOpenFindings } from '../db/findings.ts'
import { settledSince, showAgain, type ToldRow, toldRows } from '../db/quantities.ts'
import { OperatorError } from '../errors.ts'
import { unknownSkus } from '../inventory/preview.ts'
import { publishStock } from '../inventory/publish.ts'
import { loadRuleBook } from '../inventory/rules.ts'
import type { ChannelPause } from '../inventory/settings-pauses.ts'
import type { ChannelCode } from '../model/channel.ts'
import { pullChannels } from '../orders/pull-channels.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type Found, recordFound } from './finding.ts'
import { lookAtListings, type QuantityCounts, type QuantitySide, type Shown } from './quantities.ts'
import { causeOf, causeText } from './quantity-cause.ts'

export interface QuantityRequest {
  readonly connectors: readonly MarketplaceConnector[]
  /** What is paused, by channel, as it was when the run began. */
  readonly pauses: ReadonlyMap<string, ChannelPause>
  /** Only these; undefined: as many as a run may look at. */
  readonly skus?: readonly string[]
  readonly remedy: boolean
  readonly onProgress: (channel: string, read: number) => void
}

/** How one channel's quantities stand. */
export interface QuantitySummary extends QuantityCounts {
  readonly channel: ChannelCode
}

export interface QuantityReport {
  readonly summary: readonly QuantitySummary[]
  /** Channels that do not tell what they show. */
  readonly silent: readonly ChannelCode[]
  readonly reports: readonly ChannelReport<object>[]
}

const ROWS = 2_000
const RULE = 'quantities-differ'

/**
 * What channels show held against what they were told. With `remedy` the orders are pulled before anything is judged, so that what was sold is
 * known, and what is still other than told is told again the way every quantity is. What would put more on show than there is waits until the
 * orders up to the moment at which it was first seen are known: it may have been sold.
 */
export async function reconcileQuantities(run: Run, request: QuantityRequest): Promise<QuantityReport> {
  const { connectors, pauses, skus, remedy } = request
  const looks = await Promise.all(
    connectors.map((connector) =>
      lookAtListings(run, connector, pauses.get(connector.channel), skus, (read) => request.onProgress(connector.channel, read)),
    ),
  )
  const sides = looks.filter((side) => side !== undefined)
  const reports: ChannelReport<object>[] = sides.map(({ report }) => report)
  if (remedy) reports.push(...(await pullFirst(run, sides)))
  const judged = await Promise.all(sides.map((side) => judge(run, side)))
  if (remedy) reports.push(...(await tellAgain(run, connectors, judged)))
  for (const side of judged) await writeDownQuantities(run, side, remedy)
  return {
    summary: judged.map(({ side: { connector, counts } }) => ({ channel: connector.channel, ...counts })),
    silent: connectors.filter((_, at) => looks[at] === undefined).map(({ channel }) => channel),
    reports,
  }
}

interface Difference extends Shown {
  readonly row: ToldRow
  readonly cause: 'late' | 'unchanged' | 'edited'
  readonly detail: string
}

interface Judged {
  readonly side: QuantitySide
  readonly differences: readonly Difference[]
  /** Told again and taken. */
  repaired: ReadonlySet<string>
  /** More than is on show, and perhaps sold: for a later run. */
  waiting: ReadonlySet<string>
}

async function pullFirst(run: Run, sides: readonly QuantitySide[]): Promise<readonly ChannelReport<object>[]> {
  const connectors = sides.filter(({ shown }) => shown.length > 0).map(({ connector }) => connector)
  return connectors.length === 0 ? [] : troubled((await pullChannels(run, { connectors })).channels)
}

function troubled(reports: readonly ChannelReport<object>[]): readonly ChannelReport<object>[] {
  return reports.filter(({ outcome }) => outcome === 'partly' || outcome === 'down')
}

async function judge(run: Run, side: QuantitySide): Promise<Judged> {
  const { connector, counts, shown } = side
  const now = run.clock.now()
  const differences: Difference[] = []
  for (let start = 0; start < shown.length; start += ROWS) {
    const some = shown.slice(start, start + ROWS)
    const told = await toldRows(
      run.db,
      connector.channel,
      some.map(({ sku }) => sku),
    )
    const rows = new Map(told.map((row) => [row.sku, row]))
    for (const one of some) {
      const row = rows.get(one.sku)
      const cause = row === undefined ? 'same' : causeOf(row, one.live, now)
      if (cause === 'late') counts.late += 1
      else if (cause === 'unchanged' || cause === 'edited') counts.different += 1
      else counts[cause] += 1
      if (row !== undefined && (cause === 'late' || cause === 'unchanged' || cause === 'edited'))
        differences.push({ ...one, row, cause, detail: causeText(row, one.live, cause, now) })
    }
  }
  return { side, differences, repaired: new Set(), waiting: new Set() }
}

async function tellAgain(
  run: Run,
  connectors: readonly MarketplaceConnector[],
  judged: readonly Judged[],
): Promise<readonly ChannelReport<object>[]> {
  const book = await loadRuleBook(run)
  const since = run.clock.now()
  const skus = new Set<string>()
  for (const one of judged) {
    const { channel } = one.side.connector
    const known = book.effective.raiseGuard === 'off' ? Number.POSITIVE_INFINITY : await ordersKnownTo(run, channel)
    const isLowering = ({ live, row }: Difference) => live > row.wanted
    const changed = one.differences.filter(({ row: { state } }) => state === 'settled')
    const waiting = changed.filter((each) => !isLowering(each) && known < each.since)
    one.waiting = new Set(waiting.map(({ sku }) => sku))
    for (const sku of await makeDue(
      run,
      channel,
      changed.filter(({ sku }) => !one.waiting.has(sku)),
    ))
      skus.add(sku)
    for (const { sku, row } of one.differences) if (row.state !== 'settled' && mayTryAgain(row)) skus.add(sku)
  }
  if (skus.size === 0) return []
  const { channels } = await publishStock(run, {
    book,
    connectors,
    what: [...skus],
    overrideBrake: false,
    // Named: what was refused for good is not among them.
    again: ['dead'],
    waitMs: book.effective.reportWaitMs,
  })
  for (const one of judged) {
    const { channel } = one.side.connector
    const told = one.differences.map(({ sku }) => sku).filter((sku) => skus.has(sku))
    one.repaired = await settledSince(run.db, channel, told, since)
    one.side.counts.repaired = one.repaired.size
  }
  return troubled(channels)
}

/** Every order up to this instant has been read; before all time where none was. A place that somebody put into the future proves nothing. */
async function ordersKnownTo(run: Run, channel: ChannelCode): Promise<number> {
  const [reached, pulled] = await Promise.all([readCursor(run.db, channel, 'orders'), readCursor(run.db, channel, 'pulled')])
  return Math.min(reached?.at ?? -1, pulled?.at ?? -1)
}

/** What was refused for good needs a person. */
function mayTryAgain({ state, last_error_kind: kind }: ToldRow): boolean {
  return state !== 'dead' || kind !== 'permanent'
}

async function makeDue(run: Run, channel: ChannelCode, differences: readonly Difference[]): Promise<readonly string[]> {
  const seen = differences.flatMap(({ sku, live, at, row: { accepted, accepted_at: acceptedAt } }) =>
    accepted === null || acceptedAt === null ? [] : [{ sku, live, seen_at: at, told: accepted, told_at: acceptedAt }],
  )
  const due: string[] = []
  for (let start = 0; start < seen.length; start += ROWS) {
    const some = seen.slice(start, start + ROWS)
    due.push(...(await run.db.transaction((tx) => showAgain(tx, channel, some, run.clock.now()))))
  }
  return due
}

async function writeDownQuantities(run: Run, judged: Judged, remedy: boolean): Promise<void> {
  const { side, differences, repaired } = judged
  const { channel } = side.connector
  await recordFound(
    run,
    differences.map((one) => foundOf(channel, one, judged, remedy)),
  )
  await run.db.transaction(async (tx) => {
    const now = run.clock.now()
    await closeLookedAt(tx, { kind: 'quantity', channel, skus: [...repaired], state: 'repaired' }, now)
    await closeLookedAt(tx, { kind: 'quantity', channel, skus: side.looked, state: 'gone', runId: run.id }, now)
    const open = (await countOpenFindings(tx)).find((one) => one.channel === channel && one.kind === 'quantity')?.count ?? 0
    if (open === 0) await resolveAlert(tx, RULE, channel, now)
    else await raiseAlert(tx, alertOf(run, channel, open), now)
  })
}

function alertOf(run: Run, channel: ChannelCode, open: number) {
  const message = `${open} SKU(s) show another quantity than ${channel} was told`
  return {
    id: run.ids.next(),
    rule: RULE,
    channel,
    severity: 'warning',
    message,
    next: `isync reconcile --inventory --channel ${channel}`,
  } as const
}

function foundOf(channel: ChannelCode, { sku, cause, detail, row }: Difference, { waiting }: Judged, remedy: boolean): Found {
  const named = `--sku ${JSON.stringify(sku)}`
  const base = { kind: 'quantity', channel, sku } as const
  if (cause === 'late' && (!remedy || !mayTryAgain(row))) return { ...base, detail, next: `isync inventory:rebalance ${named}` }
  const isSold = waiting.has(sku) ? '; it may have been sold a moment ago, so the next run decides' : ''
  return { ...base, detail: `${detail}${isSold}`, next: `isync reconcile --inventory ${named}` }
}

/** Throws OperatorError for a SKU that nobody knows. */
export async function assertKnownSkus(run: Run, skus: readonly string[]): Promise<void> {
  const [sku] = await unknownSkus(run, skus)
  if (sku === undefined) return
  throw new OperatorError({
    what: `unknown SKU '${sku}'`,
    where: 'stock',
    why: 'no reading of the stock has shown it; SKUs are compared letter by letter',
    next: 'isync alloc:preview lists the SKUs that are known',
  })
}
