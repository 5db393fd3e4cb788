import type { EbayClient, TradingCall } from './client.ts'
import type { OrderSource, SourcePage } from './order-source.ts'
import { readTradingOrder } from './trading-orders.ts'
import { parseTime } from './values.ts'
import { type Complaint, complaintsInXml } from './verdict.ts'
import { wireOrderPage } from './wire.ts'
import { showing } from './words.ts'

const DAY_MS = 86_400_000
/** Ids in one request; the page that answers holds more. */
const IDS = 50
const PAGE = 100
/** eBay's own time for the answer is over (contract section 7). */
const TOO_LONG = '219255'

/** GetOrders (contract section 2). */
export function createTradingSource(client: EbayClient): OrderSource {
  const { channel } = client.settings

  function callOf(fields: TradingCall['fields'], size: number, page: number): TradingCall {
    const Pagination = { EntriesPerPage: String(size), PageNumber: String(page + 1) }
    const all = { DetailLevel: 'ReturnAll', ...fields, Pagination }
    return { api: 'trading', call: 'GetOrders', fields: all, purse: 'orders', expect: [TOO_LONG], itemByItem: true }
  }

  async function ask(call: TradingCall, signal: AbortSignal): Promise<SourcePage | 'too-long'> {
    const { body, complaints, ack } = await client.trading(call, signal)
    if (ack === 'Failure' && complaints.some(({ code }) => code === TOO_LONG)) return 'too-long'
    const page = client.parse(call, body, wireOrderPage)
    const raws = page.OrderArray?.Order ?? []
    const inside = complaintsInXml({ Errors: page.OrderArray?.Errors }, showing(client.gate, call.fields))
    for (const one of [...inside, ...complaints.filter(({ isError }) => isError)]) warnOfOrder(client, one)
    const answeredAt = parseTime(page.Timestamp)
    return {
      raws,
      total: Number(page.PaginationResult?.TotalNumberOfEntries ?? raws.length),
      isLast: !page.HasMoreOrders,
      ...(answeredAt === undefined ? {} : { answeredAt }),
    }
  }

  return {
    operation: 'GetOrders',
    longestWindowMs: 30 * DAY_MS,
    // An hour inside the ninety days, so that a slow search does not fall out of them.
    reachMs: 90 * DAY_MS - 3_600_000,
    pageSizes: [PAGE, 50, 25],
    page(window, page, size, signal) {
      const [ModTimeFrom, ModTimeTo] = [window.from, window.to].map((at) => new Date(at).toISOString())
      const fields = {
        ModTimeFrom: ModTimeFrom ?? '',
        ModTimeTo: ModTimeTo ?? '',
        OrderRole: 'Seller',
        SortingOrder: 'Ascending',
      }
      return ask(callOf(fields, size, page), signal)
    },
    async byId(ids, signal) {
      const raws: unknown[] = []
      for (let at = 0; at < ids.length; at += IDS) {
        const fields = { OrderIDArray: { OrderID: ids.slice(at, at + IDS) }, OrderRole: 'Seller' }
        const page = await ask({ ...callOf(fields, PAGE, 0), expect: [] }, signal)
        if (page !== 'too-long') raws.push(...page.raws)
      }
      return raws
    },
    read: async (raws) => raws.map((raw) => readTradingOrder(channel, raw)),
  }
}

/** An order that eBay cannot show is an error beside the others: it comes with a later change, or is asked for by its id. */
function warnOfOrder({ gate }: EbayClient, { text, orderIds }: Complaint): void {
  const fields = { channel: gate.account, operation: 'GetOrders', text, order_ids: orderIds }
  gate.log.warn(fields, 'eBay could not show one order')
}
