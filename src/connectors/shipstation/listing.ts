import type { z } from 'zod'
import { RetryableError } from '../../core/errors.ts'
import type { Log, LogFields } from '../../core/ports/system.ts'
import { ACCOUNT, type ApiReply, type ShipStationClient } from './client.ts'

/** The vendor's largest page, and the steps down to a single row; each divides the one before, so that every step is a page. */
const PAGE_SIZES = [500, 250, 125, 25, 5, 1] as const
const PAGE_SIZE = PAGE_SIZES[0]
/** More broken rows than this is no broken row but a vendor in trouble. */
const MOST_BROKEN = 3
/** A listing this long is a filter that does not filter. */
const MOST_PAGES = 400

export interface RowPage {
  readonly rows: readonly unknown[]
  readonly total?: number | null | undefined
}

export interface Listing<Wire, Row> {
  readonly operation: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly page: z.ZodType<Wire>
  readonly rowsOf: (page: Wire) => RowPage
  readonly row: z.ZodType<Row>
  readonly idOf: (row: Row) => number
}

/** What is new on one page; `last` with the final one. `complete` is false when the vendor announced more rows than it gave. */
export interface Rows<Row> {
  readonly rows: readonly Row[]
  readonly last: boolean
  readonly complete: boolean
}

interface Deps {
  readonly client: ShipStationClient
  readonly log: Log
}

interface Walk<Wire, Row> extends Deps {
  readonly listing: Listing<Wire, Row>
  readonly signal: AbortSignal
  /** Offsets of rows that no page may hold without answering 500. */
  broken: number[]
  leftOut: number
  announced: number
}

interface Stretch {
  readonly rows: readonly unknown[]
  /** The list ends here. */
  readonly ended: boolean
}

/**
 * Every row of a listing, page by page, each page read when it is asked for. The vendor's `pages` is not believed (contract
 * section 7): the listing ends with a short page, unless `total` says that there is more, or with an empty one. Rows that have moved to a
 * later page are given once; a whole page of such rows means that the vendor gave a page twice (RetryableError). Rows without
 * a readable id are left out with a warning.
 */
export async function* readRows<Wire, Row>(
  deps: Deps,
  listing: Listing<Wire, Row>,
  signal: AbortSignal,
): AsyncGenerator<Rows<Row>> {
  const walk: Walk<Wire, Row> = { ...deps, listing, signal, broken: [], leftOut: 0, announced: 0 }
  const seen = new Set<number>()
  let received = 0
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const stretch = await readStretch(walk, page * PAGE_SIZE, PAGE_SIZE)
    const all = [...stretch.rows, ...(await retryBroken(walk))]
    const rows = readNew(walk, seen, all)
    const nothingNew = all.length > 0 && rows.length === 0
    received += all.length
    const complete = walk.announced <= received + walk.leftOut
    const last =
      all.length === 0 || (stretch.ended && complete) || (nothingNew && walk.announced > 0 && walk.announced <= seen.size)
    if (!last && nothingNew) throw trouble(listing, 'gave a whole page that brought nothing new')
    yield { rows, last, complete }
    if (last) return
  }
  throw trouble(listing, `did not end after ${MOST_PAGES} pages`)
}

/** One broken order makes every page that holds it answer 500: smaller pages, down to one row, leave only that row out. */
async function readStretch<Wire, Row>(walk: Walk<Wire, Row>, offset: number, size: number): Promise<Stretch> {
  const reply = await readPage(walk, offset, size)
  if (reply.ok) {
    const { rows, total } = walk.listing.rowsOf(reply.value)
    walk.announced = total ?? 0
    return { rows, ended: rows.length < size }
  }
  if (reply.status !== 500 || !reply.dataFault) throw reply.error
  const smaller = PAGE_SIZES.find((step) => step < size)
  if (smaller === undefined) {
    walk.broken.push(offset)
    if (walk.broken.length + walk.leftOut > MOST_BROKEN) throw reply.error
    return { rows: [], ended: false }
  }
  const rows: unknown[] = []
  for (let at = offset; at < offset + size; at += smaller) {
    const part = await readStretch(walk, at, smaller)
    rows.push(...part.rows)
    if (part.ended) return { rows, ended: true }
  }
  return { rows, ended: false }
}

/** A short spell of 500s must not cost a good row: what broke is asked for once more before it is left out. */
async function retryBroken<Wire, Row>(walk: Walk<Wire, Row>): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for (const offset of walk.broken) {
    const reply = await readPage(walk, offset, 1)
    if (reply.ok) rows.push(...walk.listing.rowsOf(reply.value).rows)
    else if (reply.status !== 500 || !reply.dataFault) throw reply.error
    else {
      walk.leftOut += 1
      warn(walk, { row: offset + 1 }, 'row left out: the vendor cannot read it')
    }
  }
  walk.broken = []
  return rows
}

function readPage<Wire, Row>(walk: Walk<Wire, Row>, offset: number, size: number): Promise<ApiReply<Wire>> {
  const { operation, path, query } = walk.listing
  const paged = { ...query, page: String(offset / size + 1), pageSize: String(size) }
  return walk.client.attempt({ operation, path, query: paged }, walk.listing.page, walk.signal)
}

function readNew<Wire, Row>(walk: Walk<Wire, Row>, seen: Set<number>, all: readonly unknown[]): readonly Row[] {
  const rows: Row[] = []
  for (const one of all) {
    const read = walk.listing.row.safeParse(one)
    if (!read.success) {
      warn(walk, { field: read.error.issues[0]?.path.join('.') ?? '' }, 'row left out: not what the vendor promises')
      continue
    }
    const id = walk.listing.idOf(read.data)
    if (!seen.has(id)) rows.push(read.data)
    seen.add(id)
  }
  return rows
}

function warn<Wire, Row>(walk: Walk<Wire, Row>, fields: LogFields, message: string): void {
  walk.log.warn({ account: ACCOUNT, operation: walk.listing.operation, ...fields }, message)
}

function trouble(listing: { readonly operation: string }, what: string): RetryableError {
  return new RetryableError(what, { account: ACCOUNT, operation: listing.operation })
}
