import type { AmazonClient } from './client.ts'
import type { FoundOrder } from './orders.ts'
import type { OrderSource } from './source.ts'
import { orderReply, searchReply } from './wire.ts'

/** Without FULFILLMENT there is neither status nor channel; the gift options come with it too. */
const includedData = 'BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,CANCELLATION'

/**
 * Orders v2026-01-01 (contract section 2). One search brings all that changes what we do: calls are the scarcest thing at Amazon.
 * PENDING reserves stock, CANCELLED would else just stop appearing. SHIPPED stays out: every order that we confirm ourselves
 * would come back as one, and each hundred of them costs three minutes of the search's rate.
 */
export function createSource2026(client: AmazonClient): OrderSource {
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

    async byId(externalOrderIds, signal) {
      const found: FoundOrder[] = []
      for (const orderId of externalOrderIds) {
        const request = { operation: 'getOrder', path: { orderId }, query: { includedData } } as const
        const reply = await client.find(request, orderReply, signal)
        if (reply !== undefined) found.push({ raw: reply.order, wire: reply.order })
      }
      return found
    },
  }
}
