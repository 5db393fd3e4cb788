import { PermanentError, RetryableError } from '../../core/errors.ts'
import { chunksOf, inLanes } from '../http/lanes.ts'
import type { AmazonClient, TokenSource } from './client.ts'
import { openWholeOf } from './open-found.ts'
import type { FoundOrder } from './orders.ts'
import { toOrder2026 } from './orders-v0.ts'
import { indispensable } from './restricted.ts'
import type { OrderSource } from './source.ts'
import { issuesOf } from './values.ts'
import { getOrderItemsReply, getOrdersReply, type ItemV0, itemV0, type OrderV0, orderV0 } from './wire-v0.ts'

export const V0_ENDS_AT = Date.UTC(2027, 2, 27)

const BULK_PATH = '/orders/v0/orders'
const MAX_IDS = 50
const MAX_RESOURCES = 50

/**
 * Orders v0, for as long as it exists (contract sections 1 and 2). Personal data need a restricted data token: one for all lists,
 * and one per fifty orders for their items' gift messages. Items cost a call per order.
 */
export function createSourceV0(client: AmazonClient): OrderSource {
  const listToken = indispensable(client, [{ path: BULK_PATH, dataElements: ['buyerInfo', 'shippingAddress'] }])
  let warned = false

  function warnOnce(): void {
    if (warned) return
    warned = true
    client.gate.log.warn({ channel: client.settings.channel, ends: '2027-03-27' }, 'Orders v0 ends; set orders_api to 2026-01-01')
  }

  async function list(query: Readonly<Record<string, string>>, signal: AbortSignal) {
    warnOnce()
    const { payload } = await client.read({ operation: 'getOrders', query, token: listToken }, getOrdersReply, signal)
    const found = await withItems(client, payload.Orders, signal)
    return { found, nextToken: payload.NextToken, lastUpdatedBefore: payload.LastUpdatedBefore }
  }

  const MarketplaceIds = client.settings.marketplaceIds.join(',')
  return {
    query: (from) => ({
      LastUpdatedAfter: from,
      OrderStatuses: 'PendingAvailability,Pending,Unshipped,PartiallyShipped,Canceled',
      FulfillmentChannels: 'MFN',
      MarketplaceIds,
      MaxResultsPerPage: '100',
    }),
    page: (query, token, signal) =>
      list(token === undefined ? query : { MarketplaceIds: query['MarketplaceIds'] ?? MarketplaceIds, NextToken: token }, signal),
    openQuery: (from, until) => ({
      CreatedAfter: from,
      ...(until === undefined ? {} : { CreatedBefore: until }),
      OrderStatuses: 'Unshipped,PartiallyShipped',
      FulfillmentChannels: 'MFN',
      MarketplaceIds,
      MaxResultsPerPage: '100',
    }),

    // Nothing personal is asked for, so the seller's own token does; and lines would cost a call each.
    async openPage(query, token, window, signal) {
      warnOnce()
      const full = token === undefined ? query : { MarketplaceIds: query['MarketplaceIds'] ?? MarketplaceIds, NextToken: token }
      const { payload } = await client.read({ operation: 'getOrders', query: full }, getOrdersReply, signal)
      const found = payload.Orders.map((raw) => ({ raw, order: orderV0.safeParse(raw).data }))
      return {
        open: found.flatMap(({ raw, order }) => {
          const wire = order === undefined ? { orderId: idOf(raw) } : toOrder2026(order, [])
          return openWholeOf(wire, window)
        }),
        seen: found.map(({ raw, order }) => order?.AmazonOrderId ?? String(idOf(raw))),
        nextToken: payload.NextToken,
      }
    },

    async byId(externalOrderIds, signal) {
      const found: FoundOrder[] = []
      for (const ids of chunksOf(externalOrderIds, MAX_IDS)) {
        found.push(...(await list({ MarketplaceIds, AmazonOrderIds: ids.join(',') }, signal)).found)
      }
      return found
    },
  }
}

/** Each order with its items. Only the seller's own orders are worth the call. */
async function withItems(
  client: AmazonClient,
  documents: readonly unknown[],
  signal: AbortSignal,
): Promise<readonly FoundOrder[]> {
  const read = documents.map((raw) => ({ raw, order: orderV0.safeParse(raw).data }))
  const own = read.flatMap(({ order }) => (order?.FulfillmentChannel === 'MFN' ? [order.AmazonOrderId] : []))
  const tokens = new Map<string, TokenSource>()
  for (const ids of chunksOf(own, MAX_RESOURCES)) {
    const resources = ids.map((id) => ({ path: `${BULK_PATH}/${id}/orderItems`, dataElements: ['buyerInfo'] }))
    const token = indispensable(client, resources)
    for (const id of ids) tokens.set(id, token)
  }
  const refusals: PermanentError[] = []
  const found = await inLanes(read, async ({ raw, order }) => {
    const token = order === undefined ? undefined : tokens.get(order.AmazonOrderId)
    if (order === undefined || token === undefined) return shaped(raw, [])
    try {
      return shaped(raw, await itemsOf(client, order, token, signal))
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error
      refusals.push(error)
      return { raw: { order: raw }, wire: { orderId: order.AmazonOrderId }, fault: `OrderItems: ${error.message}` }
    }
  })
  // One order whose items are refused must not cost the page; where all are, it is not about orders.
  if (refusals.length > 1 && refusals.length === own.length) throw refusals[0]
  return found
}

function shaped(order: unknown, items: readonly unknown[]): FoundOrder {
  const raw = { order, items }
  const known = orderV0.safeParse(order)
  if (!known.success) return { raw, wire: { orderId: idOf(order) }, fault: issuesOf(known.error) }
  const knownItems: ItemV0[] = []
  for (const [index, item] of items.entries()) {
    const one = itemV0.safeParse(item)
    if (!one.success) return { raw, wire: { orderId: idOf(order) }, fault: issuesOf(one.error, `OrderItems.${index}`) }
    knownItems.push(one.data)
  }
  return { raw, wire: toOrder2026(known.data, knownItems) }
}

/** An order that cannot be read keeps its id, so that the poison it becomes has a name. */
function idOf(order: unknown): unknown {
  return typeof order === 'object' && order !== null && 'AmazonOrderId' in order ? order.AmazonOrderId : undefined
}

async function itemsOf(
  client: AmazonClient,
  order: OrderV0,
  token: TokenSource,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const items: unknown[] = []
  const seen = new Set<string>()
  let next: string | undefined
  do {
    const query = next === undefined ? {} : { NextToken: next }
    const request = { operation: 'getOrderItems', path: { orderId: order.AmazonOrderId }, query, token } as const
    const { payload } = await client.read(request, getOrderItemsReply, signal)
    items.push(...payload.OrderItems)
    next = payload.NextToken
    if (next !== undefined && seen.has(next)) {
      throw new RetryableError('gave the same page of items twice', { account: client.gate.account, operation: 'getOrderItems' })
    }
    if (next !== undefined) seen.add(next)
  } while (next !== undefined)
  return items
}
