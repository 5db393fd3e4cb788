import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere, joined, leftAlone, verdictOf } from '../channel-report.ts'
import type { ChannelSettings, Run, Verdict } from '../context.ts'
import { type FindingRow, findingsOf } from '../db/findings.ts'
import { type ChannelPause, loadPauses, logPaused } from '../inventory/settings-pauses.ts'
import { withLimitsInEffect } from '../limits/in-effect.ts'
import { pushAll } from '../orders/push-channels.ts'
import type { MarketplaceConnector, OrderWindow } from '../ports/marketplace.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { bookKinds, lateByOurBooks } from './books.ts'
import { doubledOrders } from './doubled.ts'
import type { Found } from './finding.ts'
import { type Compared, compareOpenOrders } from './open-orders.ts'
import { assertKnownSkus, type QuantityReport, reconcileQuantities } from './quantity-repair.ts'
import { askForPushes, readAgain } from './repair.ts'
import { type ChannelSummary, summaryOf, writeDown } from './results.ts'
import { compareShipStation, shipStationKinds } from './shipstation.ts'

export interface ReconcileRequest {
  /** Every configured and enabled channel's connector: packages of any of them may be found. */
  readonly connectors: readonly MarketplaceConnector[]
  readonly shipping: ShippingConnector
  /** Only these; undefined: all. */
  readonly channels?: readonly string[]
  /** How far back open orders are looked at, ms; undefined: as the settings say. */
  readonly windowMs?: number
  /** Pull and push what is missing, unless the settings say that it is only reported. */
  readonly remedy: boolean
  /** Also compare what channels show with what they were told: everything, or these SKUs. */
  readonly quantities?: { readonly skus?: readonly string[] }
  /** Told as lists are read. */
  readonly onProgress?: (what: string, read: number) => void
}

export interface ReconcileReport {
  readonly summary: readonly ChannelSummary[]
  /** Undefined where quantities were not to be compared. */
  readonly quantities?: QuantityReport
  readonly findings: readonly FindingRow[]
  /** Accounts that could not be compared, or are at work in another run. */
  readonly channels: readonly ChannelReport<object>[]
  readonly verdict: Verdict
}

/** Most findings that a report lists; the table has all. */
const MOST_LISTED = 5_000

/**
 * Finds what slipped, repairs it where told to, and writes down what is left. Every channel's open orders are read in another way than the
 * pull reads them, and held against what ShipStation has. One run at a time; a channel that fails stops none of the others.
 */
export async function reconcile(run: Run, request: ReconcileRequest): Promise<ReconcileReport> {
  const attempt = await exclusively(run, 'reconcile', async (signal) => {
    const limited = await withLimitsInEffect({ ...run, signal }, 'reconcile')
    const { windowMs, autoRemedy } = limited.settings.reconcile
    return reconcileNow(limited, { windowMs, ...request, remedy: request.remedy && autoRemedy })
  })
  if (attempt.ran) return attempt.result
  return { summary: [], findings: [], channels: [heldElsewhere('all channels', {}, attempt.holder)], verdict: 'done' }
}

async function reconcileNow(run: Run, request: ReconcileRequest & { readonly windowMs: number }): Promise<ReconcileReport> {
  const { connectors, shipping, windowMs, quantities } = request
  if (quantities?.skus !== undefined) await assertKnownSkus(run, quantities.skus)
  const now = run.clock.now()
  const window: OrderWindow = { from: now - windowMs, until: now - run.settings.reconcile.minAgeMs }
  const wanted = connectors.filter(({ channel }) => request.channels === undefined || request.channels.includes(channel))
  const names = wanted.map(({ channel }) => channel)

  const accounts = [...names, shipping.account]

  const pauses = await loadPauses(run)
  const sides = await Promise.all(
    wanted.map((connector) => compareChannel(run, request, connector, window, pauses.get(connector.channel))),
  )
  const read = sides.flatMap(({ compared }) => compared ?? [])
  if (request.remedy) await repair(run, request, read)
  const summary: ChannelSummary[] = []
  for (const side of read) summary.push(await summaryOf(run, side.connector.channel, side, request.remedy))
  const books = await lateByOurBooks(run, names, shipping.account, window)
  const doubled = await doubledOrders(run, names, window)
  const atShipStation = await compareWithShipStation(run, shipping, names, window)
  await writeDown(run, {
    channels: accounts,
    summary,
    compared: new Map(read.map(({ connector, found }) => [connector.channel, found])),
    books: [...books, ...doubled, ...atShipStation.found],
    // What could not be compared this time is neither there nor gone.
    kinds: [...bookKinds, ...(atShipStation.report.outcome === 'done' ? [...shipStationKinds, 'doubled' as const] : [])],
  })
  // After the orders: what was sold and had slipped is known by now.
  const shown = quantities === undefined ? undefined : await compareQuantities(run, request, wanted, pauses)
  const findings = await findingsOf(run.db, run.id, accounts, MOST_LISTED)
  const channels = joined([...sides.map(({ report }) => report), ...(shown?.reports ?? []), atShipStation.report])
  const left = findings.some(({ state }) => state === 'open')
  const verdict = verdictOf(channels)
  const report = { summary, findings, channels, verdict: verdict === 'done' && left ? ('partly' as const) : verdict }
  return shown === undefined ? report : { ...report, quantities: shown }
}

function compareQuantities(
  run: Run,
  { quantities, remedy, onProgress }: ReconcileRequest,
  connectors: readonly MarketplaceConnector[],
  pauses: ReadonlyMap<string, ChannelPause>,
): Promise<QuantityReport> {
  const progress = (channel: string, read: number) => onProgress?.(`${channel}, listings`, read)
  return reconcileQuantities(run, { connectors, pauses, remedy, onProgress: progress, ...quantities })
}

interface Side {
  /** Absent where the channel could not be read, or is left alone. */
  readonly compared?: ReadSide
  readonly report: ChannelReport<object>
}

/** A channel whose open orders were read and compared. */
interface ReadSide extends Compared {
  readonly connector: MarketplaceConnector
  readonly channel: ChannelSettings
}

async function compareChannel(
  run: Run,
  { onProgress }: ReconcileRequest,
  connector: MarketplaceConnector,
  window: OrderWindow,
  pause: ChannelPause | undefined,
): Promise<Side> {
  const { channel: code } = connector
  const channel = run.settings.channels.get(code)
  if (channel === undefined) throw new Error(`channel ${code} has no settings`)
  if (pause?.orders === true) {
    logPaused(run, 'reconcile', pause)
    return { report: leftAlone(code, {}, pause.text) }
  }
  const at = { account: code, step: 'reconcile', rule: 'open-orders-unread' } as const
  try {
    const compared = await compareOpenOrders(run, connector, window, (read) => onProgress?.(code, read))
    await accountWorked(run, at)
    const report = { channel: code, counts: {}, errors: [], outcome: 'done' } as const
    return { compared: { ...compared, connector, channel }, report }
  } catch (error) {
    const errors = [await accountFailed(run, at, error)]
    return { report: { channel: code, counts: {}, errors, outcome: isOnlyWaiting(error) ? 'partly' : 'down' } }
  }
}

/** Pulls what is missing by its ids, and has every order pushed that should be in ShipStation: everything at most once more. */
async function repair(run: Run, { shipping, connectors }: ReconcileRequest, sides: readonly ReadSide[]): Promise<void> {
  let any = false
  for (const { connector, channel, missing, doubtful, differing } of sides) {
    const ids = [...missing.map(({ externalOrderId }) => externalOrderId), ...doubtful, ...differing].slice(
      0,
      run.settings.reconcile.maxRepairs,
    )
    if (ids.length === 0) continue
    any = true
    await readAgain(run, connector, ids)
    await askForPushes(run, channel, ids)
  }
  if (any) await pushAll(run, shipping, connectors)
}

async function compareWithShipStation(
  run: Run,
  shipping: ShippingConnector,
  channels: readonly string[],
  window: OrderWindow,
): Promise<{ readonly found: readonly Found[]; readonly report: ChannelReport<object> }> {
  const { account } = shipping
  const at = { account, step: 'reconcile', rule: 'open-orders-unread' } as const
  try {
    const found = await compareShipStation(run, shipping, channels, window)
    await accountWorked(run, at)
    return { found, report: { channel: account, counts: {}, errors: [], outcome: 'done' } }
  } catch (error) {
    const errors = [await accountFailed(run, at, error)]
    return { found: [], report: { channel: account, counts: {}, errors, outcome: isOnlyWaiting(error) ? 'partly' : 'down' } }
  }
}
