import { RetryableError } from '../../../core/errors.ts'
import type { NormalizedOrder, PoisonOrder } from '../../../core/model/order.ts'
import type { Cursor, OrderPage } from '../../../core/ports/marketplace.ts'
import { inLanes } from '../../http/lanes.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { readOrder } from './orders.ts'
import { filled } from './values.ts'
import { type WireOrder, wireDocument, wireOrder, wireOrderPage } from './wire.ts'

const DAY_MS = 86_400_000
/** A search of a long time would have to be begun anew as a whole when one of its pages is lost. */
const LONGEST_WINDOW_MS = 7 * DAY_MS
/** `until` must be 5 s in the past by the vendor's clock (contract section 2); more, so that clocks may differ. */
export const LATENCY_MS = 30_000
const MOST_STARTS = 3
const PER_PAGE = 1000

export type Orders = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

interface Window {
  /** Both epoch ms; `from` is in it. */
  readonly from: number
  readonly to: number
}

/**
 * Everything updated since `since.at`, in windows of at most a week, page by page, whatever its status: a cancelled order matters as much
 * as an open one, and without a status filter all come (contract section 2). The search keeps its place at the vendor and a page is
 * given once only, so whatever goes wrong in the middle begins the window again: `resume` names the window, never a place in it.
 */
export async function* searchPages(client: DscoClient, since: Cursor, signal: AbortSignal): AsyncGenerator<OrderPage> {
  const end = Math.max(since.at + 1, client.gate.clock.now() - LATENCY_MS)
  const started = windowIn(since.resume)
  let from = started !== undefined && started > since.at && started < end ? started : since.at
  while (from < end) {
    const window = { from, to: Math.min(from + LONGEST_WINDOW_MS, end) }
    let reached = window.to
    for await (const { raws, answeredAt } of searchedPages(client, changedIn(window), signal)) {
      // A clock of ours that runs ahead must not move the cursor past changes that Dsco has yet to make.
      reached = Math.min(reached, answeredAt === undefined ? window.to : answeredAt - LATENCY_MS)
      if (raws.length > 0) yield { ...readAll(client, raws), next: { at: since.at, resume: resumeAt(window.from) } }
    }
    from = window.to
    const isLast = from >= end
    const next = isLast ? { at: Math.max(since.at, reached) } : { at: since.at, resume: resumeAt(from) }
    yield { orders: [], poison: [], skipped: 0, next }
  }
}

interface RawPage {
  readonly raws: readonly unknown[]
  readonly answeredAt: number | undefined
}

type Query = NonNullable<DscoRequest['query']>

/** Every page of one search. A scroll that has died begins it again; what comes twice is told twice. */
export async function* searchedPages(client: DscoClient, query: Query, signal: AbortSignal): AsyncGenerator<RawPage> {
  let scrollId: string | undefined
  let starts = 1
  for (;;) {
    const request = pageRequest(query, scrollId)
    const answer = await client.send(request, signal)
    if (answer.status === 404) {
      starts += 1
      if (starts > MOST_STARTS)
        throw new RetryableError('the search kept ending before its last page', client.factsOf(request, answer))
      scrollId = undefined
      continue
    }
    const page = client.parse(request, answer, wireOrderPage)
    const told = Date.parse(answer.headers['date'] ?? '')
    yield { raws: page.orders, answeredAt: Number.isNaN(told) ? undefined : told }
    scrollId = filled(page.scrollId) ?? scrollId
    // The end is an empty page; a page without a way on is one too.
    if (page.orders.length === 0 || scrollId === undefined) return
  }
}

function pageRequest(query: Query, scrollId: string | undefined): DscoRequest {
  const base = { operation: 'order/page', method: 'GET', path: '/order/page' } as const
  // All else would be ignored beside it.
  if (scrollId !== undefined) return { ...base, query: [['scrollId', scrollId]], expect: [404] }
  return { ...base, query: [...query, ['ordersPerPage', String(PER_PAGE)]] }
}

function changedIn({ from, to }: Window): Query {
  // What changed in the very millisecond would be left out: the bound is exclusive.
  return [
    ['ordersUpdatedSince', new Date(from - 1).toISOString()],
    ['until', new Date(to).toISOString()],
  ]
}

const resumeAt = (at: number) => `window ${new Date(at).toISOString()}`

function windowIn(resume: string | undefined): number | undefined {
  const at = Date.parse(/^window (.+)$/.exec(resume ?? '')?.[1] ?? '')
  return Number.isNaN(at) ? undefined : at
}

export function readAll(client: DscoClient, raws: readonly unknown[]): Orders {
  const orders: NormalizedOrder[] = []
  const poison: PoisonOrder[] = []
  let skipped = 0
  for (const raw of raws) {
    const reading = readOrder(raw, client.settings)
    if ('order' in reading) orders.push(reading.order)
    else if ('poison' in reading) poison.push(reading.poison)
    else skipped += 1
  }
  return { orders, poison, skipped }
}

/** These orders as they are now; one call each, since there is no list by ids (contract section 2). Unknown ones are absent. */
export async function getOrders(client: DscoClient, ids: readonly string[], signal: AbortSignal): Promise<Orders> {
  const found = await inLanes(
    [...new Set(ids)].filter((id) => id.trim() !== ''),
    (id) => readDocument(client, id, signal),
  )
  return readAll(
    client,
    found.filter((raw) => raw !== undefined),
  )
}

/** The document of one order with every number as text; undefined when Dsco does not know it. */
async function readDocument(client: DscoClient, orderId: string, signal: AbortSignal): Promise<unknown> {
  const request: DscoRequest = {
    operation: 'order',
    method: 'GET',
    // The slash belongs to it: without it the address is another call's.
    path: '/order/',
    query: [
      ['orderKey', 'dscoOrderId'],
      ['value', orderId],
    ],
    expect: [404],
  }
  const answer = await client.send(request, signal)
  return answer.status === 404 ? undefined : client.parse(request, answer, wireDocument)
}

/** An order as it is now, for telling its parcels; `unreadable` where its document makes no sense to us. */
export async function readWire(
  client: DscoClient,
  orderId: string,
  signal: AbortSignal,
): Promise<WireOrder | 'unknown' | 'unreadable'> {
  const raw = await readDocument(client, orderId, signal)
  if (raw === undefined) return 'unknown'
  return wireOrder.safeParse(raw).data ?? 'unreadable'
}
