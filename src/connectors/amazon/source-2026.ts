import { inLanes } from '../http/lanes.ts'
import type { AmazonClient } from './client.ts'
import { openOf } from './open-found.ts'
import { type FoundOrder, idOf } from './orders.ts'
import type { OrderSource } from './source.ts'
import { orderReply, searchReply, wireOrder } from './wire.ts'

/** Without FULFILLMENT there is neither status nor channel; the gift options come with it too. */
const includedData = 'BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,CANCELLATION'

/**
 * Orders v2026-01-01 (contract section 2). One search brings all that changes what we do: calls are the scarcest thing at Amazon.
 * PENDING reserves stock, CANCELLED would else just stop appearing. SHIPPED stays out: every order that we confirm ourselves
 * would come back as one, and each hundred of them costs three minutes of the search's rate.
 */
export function createSource2026(client: AmazonClient): OrderSource {
  async function one(orderId: string, signal: AbortSignal): Promise<FoundOrder | undefined> {
    const request = { operation: 'getOrder', path: { orderId }, query: { includedData } } as const
    const reply = await client.find(request, orderReply, signal)
    return reply === undefined ? undefined : { raw: reply.order, wire: reply.order }
  }

  /** Reports may tell of the seller's other marketplaces too, which a search would not. */
  async function oneOfOurs(orderId: string, signal: AbortSignal): Promise<FoundOrder | undefined> {
    const found = await one(orderId, signal)
    const place = wireOrder.pick({ salesChannel: true }).safeParse(found?.wire).data?.salesChannel?.marketplaceId
    return place === undefined || client.settings.marketplaceIds.includes(place) ? found : undefined
  }

  return {
    query: (from) => ({
      lastUpdatedAfter: from,
      fulfillmentStatuses: 'PENDING_AVAILABILITY,PENDING,UNSHIPPED,PARTIALLY_SHIPPED,CANCELLED',
      fulfilledBy: 'MERCHANT',
      marketplaceIds: client.settings.marketplaceIds.join(','),
      includedData,
      maxResultsPerPage: '100',
    }),

    async page(query, token, signal) {
      const full = token === undefined ? query : { ...query, paginationToken: token }
      const reply = await client.read({ operation: 'searchOrders', query: full }, searchReply, signal)
      const found = reply.orders.map((order) => ({ raw: order, wire: order }))
      return { found, nextToken: reply.pagination?.nextToken, lastUpdatedBefore: reply.lastUpdatedBefore }
    },

    openQuery: (from, until) => ({
      createdAfter: from,
      ...(until === undefined ? {} : { createdBefore: until }),
      fulfillmentStatuses: 'UNSHIPPED,PARTIALLY_SHIPPED',
      fulfilledBy: 'MERCHANT',
      marketplaceIds: client.settings.marketplaceIds.join(','),
      includedData: 'PROCEEDS,FULFILLMENT,CANCELLATION',
      maxResultsPerPage: '100',
    }),

    async openPage(query, token, window, signal) {
      const full = token === undefined ? query : { ...query, paginationToken: token }
      const reply = await client.read({ operation: 'searchOrders', query: full }, searchReply, signal)
      return {
        open: reply.orders.flatMap((wire) => openOf(client.settings.channel, wire, window)),
        seen: reply.orders.map(idOf),
        nextToken: reply.pagination?.nextToken,
      }
    },

    async backlog(wanted) {
      // For the few that are far behind: most starts never see it.
      const { createBacklog, isWorthIt } = await import('./backlog.ts')
      return isWorthIt(client) ? createBacklog(client, oneOfOurs, wanted) : undefined
    },

    async byId(externalOrderIds, signal) {
      const found = await inLanes(externalOrderIds, (orderId) => one(orderId, signal))
      return found.filter((order) => order !== undefined)
    },
  }
}
