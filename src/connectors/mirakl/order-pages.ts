import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest, MultiShipment } from './client.ts'
import { type Orders, readAll } from './order-reading.ts'
import { digestOf } from './orders.ts'
import { orderIdOf, wireOrderPage } from './wire.ts'

/** The most that OR11 gives at once, and the most ids it takes (contract section 3). */
export const PAGE = 100
/** Steps back without a new order in between, before the rest is read as it comes. */
const MOST_STEPS_BACK = 5

/** A frozen range of update time, epoch ms. */
export interface Window {
  readonly from: number
  readonly until: number
}

interface RawPage {
  readonly raws: readonly unknown[]
  readonly total: number | undefined
  /** The marketplace's own time when it answered, epoch ms. */
  readonly answeredAt: number | undefined
}

/** A page of a window, with the end up to which it can be trusted. */
interface WindowPage extends RawPage {
  readonly end: number
}

interface Reading {
  readonly client: MiraklClient
  readonly multiShipment: MultiShipment
  readonly signal: AbortSignal
}

/**
 * OR11 over one frozen window (contract section 3). `meanwhile` is the cursor of every page but the last, which moves it to the end of the
 * window.
 *
 * An order that changes while we read leaves the window, and everything behind it moves up by one place: plain offsets would step over
 * an order that then stays unseen, because its own update time is old. So every page begins with the last order of the page before; a
 * page whose first order we have not seen yet shows that places have moved, and we go back until the pages join again. The Link header
 * is not needed and never followed: our own parameters stay, and the key stays with our own host.
 */
export async function* pagesOfWindow(
  { client, multiShipment, signal }: Reading,
  window: Window,
  first: WindowPage,
  meanwhile: Cursor,
): AsyncGenerator<OrderPage> {
  const seen = new Set<string>()
  let page: RawPage = first
  let offset = 0
  let stepsBack = 0
  let isWhole = true
  for (;;) {
    if (offset > 0 && isWhole && !seen.has(keyOf(page.raws[0]))) {
      stepsBack += 1
      isWhole = stepsBack <= MOST_STEPS_BACK
      if (isWhole) {
        offset = Math.max(0, offset - PAGE + 1)
        page = await readWindowPage(client, window, offset, signal)
        continue
      }
      client.gate.log.warn(
        { channel: client.settings.channel, offset },
        'orders keep moving between pages: the cursor stays for this run',
      )
    }
    const fresh = page.raws.filter((raw) => !seen.has(keyOf(raw)))
    for (const raw of fresh) seen.add(keyOf(raw))
    if (fresh.length > 0) stepsBack = 0

    const end = offset + page.raws.length
    const isLast = page.raws.length === 0 || (page.total === undefined ? page.raws.length < PAGE : end >= page.total)
    const orders = await readAll(client, multiShipment, fresh, signal)
    yield { ...orders, next: isLast && isWhole ? { at: first.end } : meanwhile }
    if (isLast) return
    offset = Math.max(end - 1, offset + 1)
    page = await readWindowPage(client, window, offset, signal)
  }
}

/** OR11 by ids, 100 at a time. Ids that the marketplace does not know are absent. */
export async function getOrders(
  client: MiraklClient,
  multiShipment: MultiShipment,
  externalOrderIds: readonly string[],
  signal: AbortSignal,
): Promise<Orders> {
  const raws = await readOrdersById(client, externalOrderIds, signal)
  return readAll(client, multiShipment, raws, signal)
}

/** The marketplace's documents of these orders, as they are. */
export async function readOrdersById(
  client: MiraklClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const raws: unknown[] = []
  // A comma would be read as two ids; no order has one.
  const askable = [...new Set(ids)].filter((id) => id !== '' && !id.includes(','))
  for (let i = 0; i < askable.length; i += PAGE) {
    const batch = askable.slice(i, i + PAGE)
    const page = await readPage(
      client,
      [
        ['order_ids', batch.join(',')],
        ['max', String(PAGE)],
      ],
      signal,
    )
    raws.push(...page.raws)
  }
  return raws
}

export async function readWindowPage(
  client: MiraklClient,
  window: Window,
  offset: number,
  signal: AbortSignal,
): Promise<WindowPage> {
  const query = [...rangeOf(window), ['max', String(PAGE)], ['offset', String(offset)]] as const
  const page = await readPage(client, query, signal)
  return { ...page, end: Math.max(window.from, Math.min(window.until, page.answeredAt ?? window.until)) }
}

/** How many orders a window has now. */
export async function countOrders(client: MiraklClient, window: Window, signal: AbortSignal): Promise<number> {
  const page = await readPage(client, [...rangeOf(window), ['max', '1']], signal)
  return page.total ?? 0
}

function rangeOf({ from, until }: Window): readonly (readonly [string, string])[] {
  return [
    ['start_update_date', new Date(from).toISOString()],
    ['end_update_date', new Date(until).toISOString()],
    ['sort', 'dateCreated'],
    ['order', 'asc'],
  ]
}

export async function readPage(
  client: MiraklClient,
  query: NonNullable<MiraklRequest['query']>,
  signal: AbortSignal,
): Promise<RawPage> {
  const request: MiraklRequest = { operation: 'OR11', method: 'GET', path: '/api/orders', query }
  const answer = await client.send(request, signal)
  const page = readAnswer(client.gate.account, client.callOf(request), answer, wireOrderPage)
  const answeredAt = Date.parse(answer.headers['date'] ?? '')
  return {
    raws: page.orders,
    total: page.total_count ?? undefined,
    // A clock of ours that runs ahead must not move the cursor past changes that the marketplace has yet to make.
    answeredAt: Number.isNaN(answeredAt) ? undefined : answeredAt,
  }
}

export function keyOf(raw: unknown): string {
  if (raw === undefined) return ''
  return orderIdOf(raw) ?? digestOf(raw)
}
