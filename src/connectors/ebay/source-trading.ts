import type { EbayClient, TradingCall } from './client.ts'
import type { OrderSource, SourcePage } from './order-source.ts'
import { readTradingOrder } from './trading-orders.ts'
import { parseTime, poisonOf } from './values.ts'
import { type Complaint, complaintsInXml } from './verdict.ts'
import { wireOrderId, wireOrderPage, wireOrderTimes } from './wire.ts'
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

  async function ask(call: TradingCall, signal: AbortSignal): Promise<Answer | 'too-long'> {
    const { body, complaints, ack } = await client.trading(call, signal)
    if (ack === 'Failure' && complaints.some(({ code }) => code === TOO_LONG)) return 'too-long'
    const page = client.parse(call, body, wireOrderPage)
    const raws = page.OrderArray?.Order ?? []
    const inside = complaintsInXml({ Errors: page.OrderArray?.Errors }, showing(client.gate, call.fields))
    const answeredAt = parseTime(page.Timestamp)
    return {
      raws,
      total: Number(page.PaginationResult?.TotalNumberOfEntries ?? raws.length),
      isLast: !page.HasMoreOrders,
      ...(answeredAt === undefined ? {} : { answeredAt }),
      complaints: [...inside, ...complaints.filter(({ isError }) => isError)],
    }
  }

  /** An order that cannot be shown is an error beside the others. It may be shown alone; else it is kept by its id, so that somebody looks. */
  async function withUnshown(page: Answer, signal: AbortSignal): Promise<SourcePage> {
    for (const one of page.complaints) warnOfOrder(client, one)
    const shown = new Set(page.raws.map((raw) => wireOrderId.safeParse(raw).data?.OrderID))
    const unshown = new Map(
      page.complaints.flatMap(({ text, orderIds }) => orderIds.filter((id) => !shown.has(id)).map((id) => [id, text] as const)),
    )
    if (unshown.size === 0) return page
    const alone = await byId([...unshown.keys()], signal)
    for (const raw of alone) unshown.delete(wireOrderId.safeParse(raw).data?.OrderID ?? '')
    return { ...page, raws: [...page.raws, ...alone, ...[...unshown].map(([id, text]) => new Unshown(id, text))] }
  }

  async function byId(ids: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    const raws: unknown[] = []
    for (let at = 0; at < ids.length; at += IDS) {
      const fields = { OrderIDArray: { OrderID: ids.slice(at, at + IDS) }, OrderRole: 'Seller' }
      const page = await ask({ ...callOf(fields, PAGE, 0), expect: [] }, signal)
      if (page !== 'too-long') raws.push(...page.raws)
    }
    return raws
  }

  return {
    operation: 'GetOrders',
    longestWindowMs: 30 * DAY_MS,
    // An hour inside the ninety days, so that a slow search does not fall out of them.
    reachMs: 90 * DAY_MS - 3_600_000,
    pageSizes: [PAGE, 50, 25],
    async page(window, page, size, signal) {
      const [ModTimeFrom, ModTimeTo] = [window.from, window.to].map((at) => new Date(at).toISOString())
      const fields = {
        ModTimeFrom: ModTimeFrom ?? '',
        ModTimeTo: ModTimeTo ?? '',
        OrderRole: 'Seller',
        SortingOrder: 'Ascending',
      }
      const answer = await ask(callOf(fields, size, page), signal)
      return answer === 'too-long' ? answer : withUnshown(answer, signal)
    },
    async openPage(created, number, size, signal) {
      const [CreateTimeFrom, CreateTimeTo] = [created.from, created.to].map((at) => new Date(at).toISOString())
      const fields = {
        CreateTimeFrom: CreateTimeFrom ?? '',
        CreateTimeTo: CreateTimeTo ?? '',
        OrderRole: 'Seller',
        OrderStatus: 'Completed',
        SortingOrder: 'Ascending',
      }
      const answer = await ask(callOf(fields, size, number), signal)
      if (answer === 'too-long') return answer
      const page = await withUnshown(answer, signal)
      // There is no filter for what is not shipped yet.
      return { ...page, raws: page.raws.filter((raw) => wireOrderTimes.safeParse(raw).data?.ShippedTime === undefined) }
    },
    createdOf: (raw) => parseTime(wireOrderTimes.safeParse(raw).data?.CreatedTime),
    byId,
    read: async (raws) =>
      raws.map((raw) => {
        if (!(raw instanceof Unshown)) return readTradingOrder(channel, raw)
        return { kind: 'poison', poison: poisonOf(channel, raw.OrderID, `eBay could not show it: ${raw.reason}`, raw) }
      }),
  }
}

interface Answer extends SourcePage {
  /** Errors, and whatever was said beside single orders. */
  readonly complaints: readonly Complaint[]
}

/** In the place of a document that eBay did not give. */
class Unshown {
  readonly OrderID: string
  readonly reason: string

  constructor(id: string, reason: string) {
    this.OrderID = id
    this.reason = reason
  }
}

function warnOfOrder({ gate }: EbayClient, { text, orderIds }: Complaint): void {
  const fields = { channel: gate.account, operation: 'GetOrders', text, order_ids: orderIds }
  gate.log.warn(fields, 'eBay could not show one order')
}
