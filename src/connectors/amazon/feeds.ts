import { type ConnectorError, isConnectorError, RetryableError } from '../../core/errors.ts'
import type { QuantityOutcome } from '../../core/ports/marketplace.ts'
import type { AmazonClient } from './client.ts'
import { putDocument } from './documents.ts'
import { messageIdOf, saltFor, textOf } from './message-ids.ts'
import type { Placed, Placement } from './places.ts'
import { plannedQuantity, quantityPatch } from './quantities.ts'
import { createFeedReply, feedDocumentReply } from './wire-stock.ts'

const CONTENT_TYPE = 'application/json'
/** Amazon takes files under 10 MiB (contract section 3); what stands around the messages fits into the rest. */
const MOST_BYTES = 10 * 1024 * 1024 - 64 * 1024

/** What one feed holds: messages as they are sent, all for the same marketplaces. */
interface Feed {
  readonly marketplaceIds: readonly string[]
  readonly items: readonly Placed[]
}

/**
 * Quantities as feeds of listings (contract section 3, bulk): one per set of marketplaces, and one more where a file would grow too
 * large. The report of each names its own feed. A feed that fails takes those after it along; throws where none was made.
 * RetryableError with `outcomeUnknown` where the last step got no answer: quantities are absolute, so a feed may be made again.
 */
export async function feedQuantities(
  client: AmazonClient,
  placements: readonly Placement[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const reports = new Map<string, string>()
  let broken: ConnectorError | undefined
  for (const feed of feedsOf(placements)) {
    try {
      const report = await submit(client, feed, signal)
      for (const { update } of feed.items) reports.set(update.sku, report)
    } catch (error) {
      if (!isConnectorError(error) || reports.size === 0) throw error
      broken = error
      break
    }
  }
  return placements.map((placement) => {
    if ('outcome' in placement) return placement.outcome
    const report = reports.get(placement.update.sku)
    if (report !== undefined) return { status: 'reported-later', report }
    if (broken === undefined) throw new Error(`no feed was made for ${placement.update.sku}`)
    return { status: 'failed', error: broken }
  })
}

/** The three steps. Only the last one tells Amazon a quantity. */
async function submit(client: AmazonClient, feed: Feed, signal: AbortSignal): Promise<string> {
  const salt = saltFor(feed.items.map(({ update }) => update.sku))
  const plan = feed.items.map(({ update }) => plannedQuantity(client.gate.account, 'createFeed', update))
  const content = Buffer.from(contentOf(client.settings.sellerId, feed, salt))
  const inputFeedDocumentId = await nothingTold(async () => {
    const request = { operation: 'createFeedDocument', body: { contentType: CONTENT_TYPE }, plan } as const
    const { feedDocumentId, url } = await client.read(request, feedDocumentReply, signal)
    await putDocument(client, url, { content, contentType: CONTENT_TYPE, plan }, signal)
    return feedDocumentId
  })
  const body = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: feed.marketplaceIds, inputFeedDocumentId }
  const { feedId } = await client.read({ operation: 'createFeed', body, plan }, createFeedReply, signal)
  return textOf({ feedId, salt })
}

/** Whatever became of such a write, no quantity depends on it. */
async function nothingTold<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RetryableError && error.outcomeUnknown)) throw error
    const { account, operation, status } = error
    const what = error.message.replace(`${account} ${operation}: `, '')
    throw new RetryableError(what, { account, operation, ...(status === undefined ? {} : { status }) }, { cause: error })
  }
}

function contentOf(sellerId: string, { items }: Feed, salt: number): string {
  const messages = items.map((placed) => ({ messageId: messageIdOf(placed.update.sku, salt), ...messageOf(placed) }))
  return JSON.stringify({ header: { sellerId, version: '2.0', issueLocale: 'en_US' }, messages })
}

function messageOf({ update, productType }: Placed): object {
  return { sku: update.sku, operationType: 'PATCH', productType, patches: [quantityPatch(update.quantity)] }
}

/** A SKU that is there twice goes once, with its last quantity: messages for one SKU in one feed have no order. */
function feedsOf(placements: readonly Placement[]): readonly Feed[] {
  const bySku = new Map(placements.flatMap((one) => ('outcome' in one ? [] : [[one.update.sku, one] as const])))
  const open = new Map<string, { readonly marketplaceIds: readonly string[]; readonly items: Placed[]; bytes: number }>()
  const feeds: Feed[] = []
  for (const placed of bySku.values()) {
    const key = placed.marketplaceIds.join(' ')
    // The number, its name and the comma come on top.
    const bytes = Buffer.byteLength(JSON.stringify(messageOf(placed))) + 32
    const feed = open.get(key)
    if (feed !== undefined && feed.bytes + bytes <= MOST_BYTES) {
      feed.items.push(placed)
      feed.bytes += bytes
      continue
    }
    const next = { marketplaceIds: placed.marketplaceIds, items: [placed], bytes }
    open.set(key, next)
    feeds.push(next)
  }
  return feeds
}
