import type { NormalizedOrder, PoisonOrder } from '../../core/model/order.ts'
import type { Cursor, OrderPage } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { readAnswer } from '../http/json.ts'
import { limitOf, type MiraklClient, type MiraklRequest, type MultiShipment, orderIdParameter, readSeekPages } from './client.ts'
import { DONE, ENDED, needsCrossCheck, type Remaining } from './lines.ts'
import { digestOf, isShippedByOthers, readOrder, toOrder } from './orders.ts'
import { orderIdOf, type WireOrder, wireItemsToShip, wireOrderPage } from './wire.ts'

/** The most that OR11 gives at once, and the most ids it takes (contract section 3). */
const PAGE = 100
/** Ids per ST12 call: its answers hold at most 100 orders, and the ids stand in the address line. */
const CROSS_CHECK_IDS = 50
/** Steps back without a new order in between, before the rest is read as it comes. */
const MOST_STEPS_BACK = 5

const KNOWN: ReadonlySet<string> = new Set([
  ...DONE,
  ...ENDED,
  'STAGING',
  'WAITING_ACCEPTANCE',
  'WAITING_DEBIT',
  'WAITING_DEBIT_PAYMENT',
  'SHIPPING',
])

type Orders = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

interface RawPage {
  readonly raws: readonly unknown[]
  readonly total: number | undefined
  /** The marketplace's own time when it answered, epoch ms. */
  readonly answeredAt: number | undefined
}

/**
 * OR11 over one frozen window of update time (contract section 3): all states in one pass, since a cancelled order matters as much as an
 * open one. No resume: offsets of a half-read window mean nothing to a later one, so after a crash the window is read again, and
 * `next.at` moves only with the last page, to the end of the window.
 *
 * An order that changes while we read leaves the window, and everything behind it moves up by one place: plain offsets would step over
 * an order that then stays unseen, because its own update time is old. So every page begins with the last order of the page before; a
 * page whose first order we have not seen yet shows that places have moved, and we go back until the pages join again. The Link header
 * is not needed and never followed: our own parameters stay, and the key stays with our own host.
 */
export async function* listOrderPages(
  client: MiraklClient,
  multiShipment: MultiShipment,
  since: Cursor,
  signal: AbortSignal,
): AsyncIterable<OrderPage> {
  const { clock, log } = client.gate
  const until = Math.max(clock.now(), since.at)
  const seen = new Set<string>()
  let windowEnd: number | undefined
  let offset = 0
  let stepsBack = 0
  let isWhole = true
  for (;;) {
    const page = await readWindowPage(client, { from: since.at, until, offset }, signal)
    windowEnd ??= Math.max(since.at, Math.min(until, page.answeredAt ?? until))
    if (offset > 0 && isWhole && !seen.has(keyOf(page.raws[0]))) {
      stepsBack += 1
      isWhole = stepsBack <= MOST_STEPS_BACK
      if (isWhole) {
        offset = Math.max(0, offset - PAGE + 1)
        continue
      }
      log.warn({ channel: client.settings.channel, offset }, 'orders keep moving between pages: the cursor stays for this run')
    }
    const fresh = page.raws.filter((raw) => !seen.has(keyOf(raw)))
    for (const raw of fresh) seen.add(keyOf(raw))
    if (fresh.length > 0) stepsBack = 0

    const end = offset + page.raws.length
    const isLast = page.raws.length === 0 || (page.total === undefined ? page.raws.length < PAGE : end >= page.total)
    const orders = await readAll(client, multiShipment, fresh, signal)
    yield { ...orders, next: { at: isLast && isWhole ? windowEnd : since.at } }
    if (isLast) return
    offset = Math.max(end - 1, offset + 1)
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

function readWindowPage(
  client: MiraklClient,
  window: { readonly from: number; readonly until: number; readonly offset: number },
  signal: AbortSignal,
): Promise<RawPage> {
  const query: readonly (readonly [string, string])[] = [
    ['start_update_date', new Date(window.from).toISOString()],
    ['end_update_date', new Date(window.until).toISOString()],
    ['sort', 'dateCreated'],
    ['order', 'asc'],
    ['max', String(PAGE)],
    ['offset', String(window.offset)],
  ]
  return readPage(client, query, signal)
}

async function readPage(client: MiraklClient, query: NonNullable<MiraklRequest['query']>, signal: AbortSignal): Promise<RawPage> {
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

function keyOf(raw: unknown): string {
  if (raw === undefined) return ''
  return orderIdOf(raw) ?? digestOf(raw)
}

async function readAll(
  client: MiraklClient,
  multiShipment: MultiShipment,
  raws: readonly unknown[],
  signal: AbortSignal,
): Promise<Orders> {
  const { settings } = client
  const poison: PoisonOrder[] = []
  const found: { readonly wire: WireOrder; readonly raw: unknown }[] = []
  let skipped = 0
  for (const raw of raws) {
    const read = readOrder(raw, settings.channel)
    if ('poison' in read) poison.push(read.poison)
    else if (isShippedByOthers(read.wire)) skipped += 1
    // Fraud checks: may never become an order, and comes back by update date when it does (contract section 4).
    else if (read.wire.order_state !== 'STAGING') found.push({ wire: read.wire, raw })
  }
  const doubtful = found.filter(({ wire }) => needsCrossCheck(wire)).map(({ wire }) => wire.order_id)
  const remaining = await readRemaining(client, multiShipment, doubtful, signal)
  const orders: NormalizedOrder[] = []
  for (const { wire, raw } of found) {
    if (!KNOWN.has(wire.order_state)) warnOfState(client, wire)
    const result = toOrder(wire, raw, remaining.get(wire.order_id), settings)
    if ('order' in result) orders.push(result.order)
    else poison.push(result.poison)
  }
  return { orders, poison, skipped }
}

function warnOfState(client: MiraklClient, wire: WireOrder): void {
  const fields = { channel: client.settings.channel, order_id: wire.order_id, state: safeText(wire.order_state) }
  client.gate.log.warn(fields, 'unknown order state: held for a person')
}

/**
 * ST12 for these orders only (contract section 4). An asked order that is not in the answer has nothing left and gets an empty map.
 * Where multi-shipment is off nothing is known, and the lines' own states have to do.
 */
async function readRemaining(
  client: MiraklClient,
  multiShipment: MultiShipment,
  orderIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Remaining>> {
  const byOrder = new Map<string, Map<string, number>>()
  for (let i = 0; i < orderIds.length && !(await multiShipment.isOff()); i += CROSS_CHECK_IDS) {
    const ids = orderIds.slice(i, i + CROSS_CHECK_IDS)
    const query = [limitOf(PAGE), ...ids.map(orderIdParameter)]
    const items = await readSeekPages(client, { operation: 'ST12', path: '/api/shipments/items_to_ship', query }, signal)
    if (items === undefined) {
      await multiShipment.switchOff()
      return byOrder
    }
    for (const id of ids) byOrder.set(id, new Map())
    for (const item of items) addRemaining(byOrder, item)
  }
  return byOrder
}

/**
 * A line stands here once per package that its article consists of, each with the number of articles: the largest number counts. The same
 * package named twice adds up.
 */
function addRemaining(byOrder: Map<string, Map<string, number>>, item: unknown): void {
  const parsed = wireItemsToShip.safeParse(item)
  if (!parsed.success) return
  const byPackage = new Map<string, Map<string, number>>()
  for (const line of parsed.data.shipment_lines) {
    const packages = byPackage.get(line.order_line_id) ?? new Map<string, number>()
    const reference = line.package_reference ?? ''
    packages.set(reference, (packages.get(reference) ?? 0) + line.quantity)
    byPackage.set(line.order_line_id, packages)
  }
  const lines = byOrder.get(parsed.data.order_id)
  for (const [id, packages] of byPackage) lines?.set(id, Math.max(lines.get(id) ?? 0, ...packages.values()))
}
