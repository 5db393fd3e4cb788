import { PermanentError } from '../../core/errors.ts'
import { chunksOf } from '../http/lanes.ts'
import type { EbayClient, RestCall } from './client.ts'
import type { OrderSource, SourcePage } from './order-source.ts'
import { askAbout, readRestOrder, type ShippedUnits } from './rest-orders.ts'
import type { Reading } from './trading-orders.ts'
import { parseTime } from './values.ts'
import { type WireFulfillments, wireFulfillments, wireRestCreated, wireRestOrderPage } from './wire-rest.ts'

const DAY_MS = 86_400_000
/** The most that one page and one look-up by ids take; more is refused (contract section 3). */
const PAGE = 200
const IDS = 50

/** Sell Fulfillment getOrders (contract section 3). */
export function createRestSource(client: EbayClient): OrderSource {
  const { channel } = client.settings

  async function ask(query: Readonly<Record<string, string>>, offset: number, signal: AbortSignal): Promise<SourcePage> {
    const { orders, total } = await client.rest(callFor(query), wireRestOrderPage, signal)
    return { raws: orders, total, isLast: orders.length === 0 || offset + orders.length >= total }
  }

  return {
    operation: 'fulfillment/order',
    longestWindowMs: 30 * DAY_MS,
    reachMs: 2 * 365 * DAY_MS - DAY_MS,
    pageSizes: [PAGE],
    page(window, page, size, signal) {
      const [from, to] = [window.from, window.to].map((at) => new Date(at).toISOString())
      const query = { filter: `lastmodifieddate:[${from}..${to}]`, limit: String(size), offset: String(page * size) }
      return ask(query, page * size, signal)
    },
    openPage(created, page, size, signal) {
      const [from, to] = [created.from, created.to].map((at) => new Date(at).toISOString())
      const filter = `creationdate:[${from}..${to}],orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}`
      return ask({ filter, limit: String(size), offset: String(page * size) }, page * size, signal)
    },
    createdOf: (raw) => parseTime(wireRestCreated.safeParse(raw).data?.creationDate),
    byId: (ids, signal) => listByIds(client, ids, signal),
    async read(raws, signal) {
      const readings: Reading[] = []
      for (const raw of raws) {
        const doubtful = askAbout(raw)
        const shipped = doubtful === undefined ? undefined : unitsIn(await readFulfillments(client, doubtful, signal))
        readings.push(readRestOrder(channel, raw, shipped))
      }
      return readings
    },
  }
}

function callFor(query: Readonly<Record<string, string>>): RestCall {
  // Without it the totals lack the tax that eBay collects.
  return { api: 'fulfillment', method: 'get', path: '/order', query: { ...query, fieldGroups: 'TAX_BREAKDOWN' } }
}

/** The documents of these orders; those that eBay does not know are absent. */
export async function listByIds(client: EbayClient, ids: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
  // A comma would be read as two ids; no order has one.
  const askable = ids.filter((id) => id !== '' && !id.includes(','))
  const raws: unknown[] = []
  for (const chunk of chunksOf(askable, IDS)) {
    const call = callFor({ orderIds: chunk.join(','), limit: String(IDS) })
    raws.push(...(await client.rest(call, wireRestOrderPage, signal)).orders)
  }
  return raws
}

/** The packages of an order; undefined when eBay does not know the order. */
export async function readFulfillments(
  client: EbayClient,
  orderId: string,
  signal: AbortSignal,
): Promise<WireFulfillments | undefined> {
  const path = `/order/${encodeURIComponent(orderId)}/shipping_fulfillment`
  try {
    return await client.rest({ api: 'fulfillment', method: 'get', path }, wireFulfillments, signal)
  } catch (error) {
    if (error instanceof PermanentError && (error.status === 404 || error.status === 400)) return undefined
    throw error
  }
}

function unitsIn(packages: WireFulfillments | undefined): ShippedUnits {
  const units = new Map<string, number>()
  for (const { lineItems } of packages?.fulfillments ?? []) {
    for (const { lineItemId = '', quantity } of lineItems) units.set(lineItemId, (units.get(lineItemId) ?? 0) + (quantity ?? 1))
  }
  return units
}
