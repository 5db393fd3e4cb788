import type { SandboxClock } from '../stand-in.ts'
import { reader } from './compact.ts'
import type { Later } from './later.ts'
import { type Issue, type Listing, setRecords, type Writer } from './listing.ts'
import { type Judgement, judgePatches, judgeType, type Patch } from './listing-judge.ts'
import type { ListingStore } from './listing-store.ts'

const SETTING_KEYS = ['live_after_ms', 'unknown_skus']
/** The contract says minutes; a few seconds keep stories short and still show that accepted is not live. */
const LIVE_AFTER_MS = 5_000

export interface Failure {
  readonly issue: Issue
  /** The submission is accepted, and the issue appears when it should go live. */
  readonly late: boolean
}

/** All that the listings half of the stand-in keeps. */
export interface Stock {
  readonly clock: SandboxClock
  readonly store: ListingStore
  readonly later: Later
  /** SKUs that are refused whatever is sent, by {@link failureKey}. */
  readonly failures: Map<string, Failure>
  /** SKUs without a listing that were written to, where such writes are taken. */
  readonly ghosts: Set<string>
  settings: StockSettings
}

export interface StockSettings {
  /** From a submission's acceptance to the listing that buyers see. */
  readonly liveAfterMs: number
  /** Amazon has been seen to accept writes to SKUs that do not exist, to no effect. */
  readonly unknownSkus: 'refused' | 'accepted'
}

export const STOCK_DEFAULTS: StockSettings = { liveAfterMs: LIVE_AFTER_MS, unknownSkus: 'refused' }

/** `{live_after_ms?, unknown_skus?: 'refused' | 'accepted'}` over what is set. */
export function readStockSettings(value: unknown, before: StockSettings): StockSettings {
  const given = reader('stock', value, SETTING_KEYS)
  const unknownSkus = given.text('unknown_skus') ?? before.unknownSkus
  if (unknownSkus !== 'refused' && unknownSkus !== 'accepted')
    throw new Error(`stock.unknown_skus: must be refused or accepted, got '${unknownSkus}'`)
  return { liveAfterMs: given.count('live_after_ms') ?? before.liveAfterMs, unknownSkus }
}

export function failureKey(sellerId: string, sku: string): string {
  return `${sellerId} ${sku}`
}

export interface Submission {
  readonly sellerId: string
  readonly sku: string
  readonly marketplaceIds: readonly string[]
  readonly productType: string
  readonly by: Writer
}

/** A submission's verdict: refused for the issues, or taken, and `goLive` is what it does later. */
export interface Verdict {
  readonly issues: readonly Issue[]
  readonly goLive: (at: number) => void
}

const NOTHING = (): void => undefined

/** A listing's quantity submitted as patches: the same rules for one call and for a message of a feed. */
export function submitPatches(stock: Stock, submission: Submission, patches: readonly Patch[]): Verdict {
  return submit(stock, submission, (listing) => judgePatches(listing, patches))
}

export function submit(stock: Stock, submission: Submission, judge: (listing: Listing) => Judgement): Verdict {
  const { sellerId, sku, marketplaceIds, by } = submission
  const listing = stock.store.get(sellerId, sku)
  const failure = stock.failures.get(failureKey(sellerId, sku))
  if (failure?.late === false) return refused([failure.issue])
  if (listing === undefined || !marketplaceIds.some((id) => listing.marketplaces.includes(id))) {
    if (stock.settings.unknownSkus === 'refused') return refused([noSuchSku()])
    return { issues: [], goLive: () => stock.ghosts.add(sku) }
  }
  const wrongType = judgeType(listing, submission.productType)
  if (wrongType.length > 0) return refused(wrongType)
  const { issues, change, others } = judge(listing)
  if (issues.length > 0) return refused(issues)
  return {
    issues: [],
    goLive(at) {
      // Taken off in the meantime: there is nothing left to write to.
      if (!listing.listed) return
      listing.issues = failure === undefined ? [] : [failure.issue]
      if (failure !== undefined) return
      const records = change(listing.records)
      if (records !== listing.records) setRecords(listing, records, at, by)
      for (const name of others) if (!listing.alsoWritten.includes(name)) listing.alsoWritten.push(name)
      stock.store.touched()
    },
  }
}

function refused(issues: readonly Issue[]): Verdict {
  return { issues, goLive: NOTHING }
}

/** The code and words of the inventory feeds; what the Listings Items API answers is not documented. */
export function noSuchSku(): Issue {
  return {
    code: '13013',
    message: 'This SKU does not exist in the Amazon.com catalog. Your inventory data was not processed.',
    attribute: undefined,
    category: 'INVALID_ATTRIBUTE',
  }
}
