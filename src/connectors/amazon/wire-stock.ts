import * as z from 'zod'
import { count, listOf, maybe, text } from './wire.ts'

/** Listings Items 2021-08-01 and Feeds 2021-06-30 as sent (contract section 3). */

const issue = z.object({ code: text, message: text, severity: text })

/** A remark of Amazon's about one SKU, the same in patches and in feeds. */
export type WireIssue = z.infer<typeof issue>

export const wireListing = z.object({
  sku: z.string().min(1),
  fulfillmentAvailability: listOf(
    // A quantity that cannot be read says nothing; the code beside it still does.
    z.object({ fulfillmentChannelCode: z.string().min(1), quantity: maybe(count).catch(undefined) }),
  ),
  productTypes: listOf(z.object({ marketplaceId: text, productType: text })),
  // What cannot be read of them is no reason not to know the listing.
  issues: listOf(issue.extend({ attributeNames: listOf(z.string()) })).catch([]),
})

export type WireListing = z.infer<typeof wireListing>

export const searchListingsReply = z.object({
  items: z.array(wireListing),
  pagination: maybe(z.object({ nextToken: text })),
})

export const patchReply = z.object({ status: z.string(), issues: listOf(issue) })

export const feedDocumentReply = z.object({ feedDocumentId: z.string().min(1), url: z.string().min(1) })

export const createFeedReply = z.object({ feedId: z.string().min(1) })

export const feedReply = z.object({ processingStatus: text, resultFeedDocumentId: text })

const reportIssue = issue.extend({ messageId: maybe(z.number()), sku: text })

export const processingReport = z.object({
  issues: listOf(reportIssue),
  summary: maybe(z.object({ messagesAccepted: maybe(count) })),
})

export type ProcessingReport = z.infer<typeof processingReport>
