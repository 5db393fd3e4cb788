import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, leftAlone } from '../channel-report.ts'
import type { Run } from '../context.ts'
import { followListings, saveListings } from '../db/listings.ts'
import { comparableAmong, comparableSample, comparableSkus, countComparable, type ToldRow, toldRows } from '../db/quantities.ts'
import { StoppedError } from '../errors.ts'
import { type ChannelPause, logPaused } from '../inventory/settings-pauses.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { causeOf } from './quantity-cause.ts'

/** Calls that a look at one channel's listings may take, about: what it would take more for is looked at in turns, run by run. */
const MOST_CALLS = 1_000
/** SKUs that are looked at, and written down, together. */
const CHUNK = 200
/** Rows of our books that are read together. */
const ROWS = 2_000

/** How what a channel shows compares with what it was told, in SKUs. */
export interface QuantityCounts {
  /** SKUs that the channel was told of, or is to be. */
  listed: number
  /** Of these, how many were looked at in this run. */
  compared: number
  same: number
  /** Less, by what its own orders took since. */
  sold: number
  /** Told so short a while ago that it need not be on show. */
  processing: number
  /** Not on sale there any more. */
  absent: number
  /** The channel does not tell how many it shows, or the stock is not the seller's to write. */
  untold: number
  /** Not told in time what it should show. */
  late: number
  /** Something else than it was told, without a reason that we know. */
  different: number
  /** Of the last two: told again, and taken, in this run. */
  repaired: number
}

/** What a channel shows of a SKU, which is not what it was told. */
export interface Shown {
  readonly sku: string
  readonly live: number
  /** When it was looked at, epoch ms: anything sold after that is not in it. */
  readonly at: number
  /** Since when it is known to show this, epoch ms: an earlier look may have seen the same. */
  readonly since: number
}

/** One channel's side of the comparison, before the causes are known. */
export interface QuantitySide {
  readonly connector: MarketplaceConnector
  readonly counts: QuantityCounts
  readonly looked: readonly string[]
  readonly shown: readonly Shown[]
  readonly report: ChannelReport<object>
}

/** Looks at what a channel shows of its SKUs, or of these, and keeps what is other than told. Never throws what a connector throws. */
export async function lookAtListings(
  run: Run,
  connector: MarketplaceConnector,
  pause: ChannelPause | undefined,
  named: readonly string[] | undefined,
  onProgress: (read: number) => void,
): Promise<QuantitySide | undefined> {
  const { channel } = connector
  // Taken as a method: a connector may need its `this`.
  const describe = connector.describeListings?.bind(connector)
  if (describe === undefined) return undefined
  const counts = noCounts()
  const looked: string[] = []
  const shown: Shown[] = []
  const side = (report: ChannelReport<object>): QuantitySide => ({ connector, counts, looked, shown, report })
  if (pause?.inventory === true) {
    logPaused(run, 'reconcile', pause)
    return side(leftAlone(channel, {}, pause.text))
  }
  const at = { account: channel, step: 'reconcile', rule: 'listings-unread' } as const
  try {
    counts.listed = await countComparable(run.db, channel)
    const skus = named === undefined ? await chosen(run, connector, counts.listed) : await comparableAmong(run.db, channel, named)
    const size = connector.listingLook?.whole === true ? Math.max(skus.length, 1) : CHUNK
    for (let start = 0; start < skus.length; start += size) {
      if (run.signal.aborted) throw new StoppedError('told to stop before the next listings')
      const some = skus.slice(start, start + size)
      const beganAt = run.clock.now()
      const listings = await describe(some, run.signal)
      if (listings.length !== some.length)
        throw new Error(`${channel}: asked about ${some.length} listings, told of ${listings.length}`)
      for (let from = 0; from < listings.length; from += ROWS)
        shown.push(...(await keep(run, channel, listings.slice(from, from + ROWS), beganAt, counts)))
      looked.push(...some)
      onProgress(looked.length)
    }
    await accountWorked(run, at)
    return side({ channel, counts: {}, errors: [], outcome: 'done' })
  } catch (error) {
    const errors = [await accountFailed(run, at, error)]
    return side({ channel, counts: {}, errors, outcome: isOnlyWaiting(error) || looked.length > 0 ? 'partly' : 'down' })
  }
}

/** Everything where that takes few enough calls, else a part. */
async function chosen(run: Run, { channel, listingLook }: MarketplaceConnector, listed: number): Promise<readonly string[]> {
  const { skusPerCall, whole } = listingLook ?? { skusPerCall: 1, whole: false }
  if (listed <= MOST_CALLS * skusPerCall) return comparableSkus(run.db, channel)
  return comparableSample(run.db, channel, Math.floor(MOST_CALLS * (whole ? 1 : skusPerCall)))
}

type Listings = Awaited<ReturnType<NonNullable<MarketplaceConnector['describeListings']>>>

/** Writes down what was seen, and gives what is not as told. What an earlier look saw is read first. */
async function keep(
  run: Run,
  channel: ChannelCode,
  listings: Listings,
  at: number,
  counts: QuantityCounts,
): Promise<readonly Shown[]> {
  const skus = listings.map(({ sku }) => sku)
  const rows = new Map((await toldRows(run.db, channel, skus)).map((row) => [row.sku, row]))
  await run.db.transaction(async (tx) => {
    await saveListings(tx, channel, listings, run.clock.now())
    await followListings(tx, channel, skus, run.clock.now())
  })
  const shown: Shown[] = []
  for (const listing of listings) {
    const row = rows.get(listing.sku)
    // Taken away by another run meanwhile.
    if (row === undefined) continue
    counts.compared += 1
    if (!listing.listed) counts.absent += 1
    else if (listing.quantity === undefined || listing.fulfilment !== 'seller') counts.untold += 1
    else if (causeOf(row, listing.quantity, at) === 'same') counts.same += 1
    else shown.push({ sku: listing.sku, live: listing.quantity, at, since: seenSince(row, listing.quantity, at) })
  }
  return shown
}

function seenSince({ seen, seen_at: seenAt, accepted_at: acceptedAt }: ToldRow, live: number, at: number): number {
  const isSame = seen === live && seenAt !== null && acceptedAt !== null && seenAt > acceptedAt
  return isSame ? seenAt : at
}

function noCounts(): QuantityCounts {
  return {
    listed: 0,
    compared: 0,
    same: 0,
    sold: 0,
    processing: 0,
    absent: 0,
    untold: 0,
    late: 0,
    different: 0,
    repaired: 0,
  }
}
