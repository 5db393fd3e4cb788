import type { Run } from '../context.ts'
import {
  listedOn,
  type PublicationRow,
  publicationsBetween,
  publicationsOf,
  type WantedRow,
  wantQuantities,
} from '../db/publications.ts'
import { type StockRow, stockAfter, stockOf } from '../db/stock.ts'
import type { SkuRules } from '../model/allocation.ts'
import type { ChannelCode } from '../model/channel.ts'
import { allocate, allocateInto } from './allocate.ts'
import { type ChannelFacts, channelBrake, type HeldBrake } from './brakes.ts'
import type { RuleBook } from './rules.ts'
import { whyOf } from './why.ts'

/** Stock rows that are looked at together. */
const CHUNK = 2_000
/** More changes than this are not kept in memory between judging and writing: the pass is made twice. */
const MOST_KEPT = 20_000

export interface Recomputed {
  /** SKUs looked at. */
  readonly skus: number
  /** Pairs of channel and SKU that should show something else than they were last told to. */
  readonly changed: number
  /** SKUs without a number that may be published. */
  readonly held: number
  /** SKUs that the source says there are some of and orders took the last of. */
  readonly soldOut: number
  /** Set: nothing was written. */
  readonly brakes: readonly HeldBrake[]
}

export interface RecomputeRequest {
  readonly book: RuleBook
  /** Only these; undefined: everything. */
  readonly skus?: readonly string[]
  readonly overrideBrake: boolean
}

/**
 * What every channel should show of every SKU (SPEC 5.1), from the shadow stock, and what of it differs from what it should show so far. Judged
 * as a whole first: a brake that bites leaves everything as it was.
 */
export async function recompute(run: Run, request: RecomputeRequest): Promise<Recomputed> {
  const facts = new Map<ChannelCode, { listed: number; zeroed: number }>(
    request.book.channels.map((channel) => [channel, { listed: 0, zeroed: 0 }]),
  )
  const kept: WantedRow[] = []
  let skus = 0
  let changed = 0
  let held = 0
  let soldOut = 0
  for await (const { rows, known } of chunks(run, request)) {
    skus += rows.length
    for (const row of rows) {
      if (row.state === 'duplicate') held += 1
      else if (row.available > 0 && row.available + row.moved <= 0) soldOut += 1
      for (const wanted of wantedOf(request.book, row, known.get(row.sku), facts)) {
        changed += 1
        if (changed <= MOST_KEPT) kept.push(wanted)
      }
    }
  }
  const { brakes: limits } = request.book.effective
  // A few SKUs say nothing about the whole channel: their share is taken of all that it lists.
  if (request.skus !== undefined && [...facts.values()].some(({ zeroed }) => zeroed > limits.zeroMin)) {
    const listed = await listedOn(run.db)
    for (const [channel, fact] of facts) fact.listed = Math.max(fact.listed, listed.get(channel) ?? 0)
  }
  const brakes = [...facts].flatMap(([channel, one]: [string, ChannelFacts]) => channelBrake(channel, one, limits) ?? [])
  if (brakes.length > 0 && !request.overrideBrake) return { skus, changed, held, soldOut, brakes }
  if (changed <= MOST_KEPT) {
    for (let start = 0; start < kept.length; start += CHUNK) await write(run, kept.slice(start, start + CHUNK))
    return { skus, changed, held, soldOut, brakes: [] }
  }
  for await (const { rows, known } of chunks(run, request)) {
    await write(
      run,
      rows.flatMap((row) => wantedOf(request.book, row, known.get(row.sku))),
    )
  }
  return { skus, changed, held, soldOut, brakes: [] }
}

async function write(run: Run, rows: readonly WantedRow[]): Promise<void> {
  if (rows.length > 0) await run.db.transaction((tx) => wantQuantities(tx, rows, run.id, run.clock.now()))
}

interface Chunk {
  readonly rows: readonly StockRow[]
  /** What channels should show of them so far, by SKU. */
  readonly known: ReadonlyMap<string, readonly PublicationRow[]>
}

async function* chunks(run: Run, { book, skus }: RecomputeRequest): AsyncIterable<Chunk> {
  const { carry } = book.effective
  if (skus !== undefined) {
    for (let start = 0; start < skus.length; start += CHUNK) {
      const some = skus.slice(start, start + CHUNK)
      yield { rows: await stockOf(run.db, carry, some), known: bySku(await publicationsOf(run.db, some)) }
    }
    return
  }
  for (let after = ''; ; ) {
    const rows = await stockAfter(run.db, carry, after, CHUNK)
    const to = rows.at(-1)?.sku
    if (to === undefined) return
    yield { rows, known: bySku(await publicationsBetween(run.db, after, to)) }
    after = to
  }
}

function bySku(rows: readonly PublicationRow[]): ReadonlyMap<string, readonly PublicationRow[]> {
  const map = new Map<string, PublicationRow[]>()
  for (const row of rows) {
    const list = map.get(row.sku)
    if (list === undefined) map.set(row.sku, [row])
    else list.push(row)
  }
  return map
}

/** The stock that may be allocated: what the source told, less what orders took since. Undefined: no number may be made of it. */
export function shadowOf(row: Pick<StockRow, 'state' | 'available' | 'moved'>, inactive: 'zero' | 'keep'): number | undefined {
  if (row.state === 'duplicate' || (row.state === 'inactive' && inactive === 'keep')) return undefined
  return row.state === 'inactive' ? 0 : row.available + row.moved
}

/** The numbers of one SKU that are not what they were. Counts for the brakes on the way. */
function wantedOf(
  book: RuleBook,
  row: StockRow,
  known: readonly PublicationRow[] = [],
  facts?: ReadonlyMap<ChannelCode, { listed: number; zeroed: number }>,
): WantedRow[] {
  const shadow = shadowOf(row, book.effective.inactiveItems)
  if (shadow === undefined) return []
  const rules = book.rulesFor(row.sku, row.brand, row.category)
  allocateInto(shadow, rules, finals)
  const changed: ChannelCode[] = []
  for (const [place, { channel }] of rules.channels.entries()) {
    const final = finals[place] ?? 0
    const before = known.find((one) => one.channel === channel)
    const fact = facts?.get(channel)
    if (fact !== undefined && before !== undefined) judge(fact, before, final, () => withoutOrders(row, rules, place))
    if (before?.wanted !== final) changed.push(channel)
  }
  if (changed.length === 0) return []
  return allocate(shadow, rules)
    .filter(({ channel }) => changed.includes(channel))
    .map((allocation) => ({
      channel: allocation.channel,
      sku: row.sku,
      wanted: allocation.final,
      why: JSON.stringify(whyOf(row, rules, allocation)),
    }))
}

/** Filled anew for each SKU: a million of them leave nothing behind. */
const finals: number[] = []

function judge(
  fact: { listed: number; zeroed: number },
  { accepted, state, wanted }: PublicationRow,
  final: number,
  finalWithoutOrders: () => number,
): void {
  if (accepted === null || state === 'unlisted' || state === 'not-ours') return
  fact.listed += 1
  if (final === 0 && accepted > 0 && wanted !== 0 && finalWithoutOrders() === 0) fact.zeroed += 1
}

/** Sold out is sold out: only what would be nothing without any order can be a mistake. */
function withoutOrders(row: StockRow, rules: SkuRules, place: number): number {
  return row.moved === 0 || row.state === 'inactive' ? 0 : (allocate(row.available, rules)[place]?.final ?? 0)
}
