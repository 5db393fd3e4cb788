import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import type { Documents, FeedDocument } from './documents.ts'
import { type Feed, type FeedSettings, LISTINGS_FEED, statusOf } from './feed.ts'
import { type FeedOutcome, judgeMessages, type ReportRow } from './feed-messages.ts'
import type { Stock } from './stock.ts'
import { errorReply, invalidInput, isoMs, isRecord, isText, type Json, readJsonBody, tryJson } from './wire.ts'

const VERSION = '2.0'
const MAX_MARKETPLACES = 25
/** Feeds get numbers, as the vendor's do. */
const FIRST_FEED = 50_000

export interface Feeds {
  createDocument(caller: Caller, request: SandboxRequest): SandboxReply
  create(caller: Caller, request: SandboxRequest): SandboxReply
  get(caller: Caller, feedId: string): SandboxReply
  getDocument(caller: Caller, documentId: string, request: SandboxRequest): SandboxReply
  all(): readonly Feed[]
  /** One feed, or without an id the next one that is created, stays IN_PROGRESS; released, it ends at once. */
  stick(feedId: string | undefined, stuck: boolean): Feed | undefined
  settings: FeedSettings
  reset(): void
}

/** The Feeds API, for JSON_LISTINGS_FEED (contract section 3). */
export function createFeeds(stock: Stock, documents: Documents, settings: FeedSettings): Feeds {
  const feeds = new Map<string, Feed>()
  let stickNext = false

  function finish(feed: Feed, at: number): void {
    if (feed.stuck || feed.end !== undefined) return
    const document = documents.get(feed.sellerId, feed.documentId)
    if (feed.type !== LISTINGS_FEED || document === undefined) {
      feed.end = { at, status: 'FATAL', reportId: undefined, accepted: 0, invalid: 0 }
      return
    }
    const read = readFeed(feed, document, self.settings)
    const whole = 'messages' in read
    const outcome = whole ? judgeMessages(stock, feed.sellerId, feed.marketplaceIds, read.messages) : fatal(read)
    const report = documents.report(feed.sellerId, reportOf(feed, outcome), self.settings.compress)
    const { accepted, invalid } = outcome
    feed.end = { at, status: whole ? 'DONE' : 'FATAL', reportId: report.id, accepted, invalid }
    if (accepted > 0) stock.later.at(at + stock.settings.liveAfterMs, outcome.goLive)
  }

  const self: Feeds = {
    settings,
    createDocument(caller, request) {
      const read = readJsonBody(request)
      if ('refused' in read) return read.refused
      const { contentType } = read.body
      if (!isText(contentType)) return invalidInput('contentType is missing.')
      const document = documents.create(caller.account.sellerId, contentType)
      return { status: 201, body: { feedDocumentId: document.id, url: documents.presign(document, 'PUT') } }
    },
    create(caller, request) {
      const read = readJsonBody(request)
      if ('refused' in read) return read.refused
      const wanted = readWanted(read.body, caller, documents)
      if ('status' in wanted) return wanted
      const now = stock.clock.now()
      const feed: Feed = {
        id: String(FIRST_FEED + feeds.size + 1),
        sellerId: caller.account.sellerId,
        ...wanted,
        createdAt: now,
        startsAt: now + self.settings.queueMs,
        stuck: stickNext,
        end: undefined,
      }
      stickNext = false
      feeds.set(feed.id, feed)
      stock.later.at(feed.startsAt + self.settings.processingMs, (at) => finish(feed, at))
      return { status: 202, body: { feedId: feed.id } }
    },
    get(caller, feedId) {
      const feed = feeds.get(feedId)
      if (feed === undefined || feed.sellerId !== caller.account.sellerId) return noSuch(`feedId ${feedId}`)
      return { status: 200, body: feedForm(feed, stock.clock.now()) }
    },
    getDocument(caller, documentId, request) {
      const document = documents.get(caller.account.sellerId, documentId)
      if (document === undefined) return noSuch(`feedDocumentId ${documentId}`)
      const asEncoding = request.query.get('enableContentEncodingUrlHeader') === 'true' && document.compressed
      return {
        status: 200,
        body: {
          feedDocumentId: document.id,
          url: documents.presign(document, 'GET', asEncoding ? 'gzip' : undefined),
          ...(document.compressed ? { compressionAlgorithm: 'GZIP' } : {}),
        },
      }
    },
    all: () => [...feeds.values()],
    stick(feedId, stuck) {
      if (feedId === undefined) {
        stickNext = stuck
        return undefined
      }
      const feed = feeds.get(feedId)
      if (feed === undefined) throw new Error(`stick-feed: no feed '${feedId}'`)
      if (feed.end !== undefined) throw new Error(`stick-feed: feed ${feedId} has ended ${feed.end.status}`)
      feed.stuck = stuck
      const now = stock.clock.now()
      if (!stuck && feed.startsAt + self.settings.processingMs <= now) finish(feed, now)
      return feed
    },
    reset() {
      feeds.clear()
      stickNext = false
      self.settings = settings
    },
  }
  return self
}

/** Which feed type a request is for: the listings feed has a usage plan of its own. */
export function isListingsFeed(request: SandboxRequest): boolean {
  const body = tryJson(request.body.toString('utf8'))
  return isRecord(body) && body['feedType'] === LISTINGS_FEED
}

function readWanted(
  body: Json,
  caller: Caller,
  documents: Documents,
): Pick<Feed, 'type' | 'marketplaceIds' | 'documentId'> | SandboxReply {
  const { feedType: type, marketplaceIds: ids, inputFeedDocumentId: documentId } = body
  if (!isText(type) || !/^[A-Z0-9_]+$/.test(type)) return invalidInput('feedType is missing or unknown.')
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_MARKETPLACES || !ids.every(isText))
    return invalidInput(`marketplaceIds must list 1 to ${MAX_MARKETPLACES} ids.`)
  const foreign = ids.find((id) => !caller.account.marketplaces.has(id))
  if (foreign !== undefined) return invalidInput(`marketplaceIds: '${foreign}' is not one of the seller's.`)
  const document = isText(documentId) ? documents.get(caller.account.sellerId, documentId) : undefined
  if (document === undefined) return invalidInput('inputFeedDocumentId is missing or unknown.')
  if (document.body === undefined) return invalidInput('The feed document has not been uploaded.')
  return { type, marketplaceIds: ids, documentId: document.id }
}

/** The messages of a feed document, or the row about the whole of it. */
function readFeed(
  feed: Feed,
  document: FeedDocument,
  settings: FeedSettings,
): { readonly messages: readonly unknown[] } | ReportRow {
  const bytes = document.body ?? Buffer.alloc(0)
  if (bytes.length >= settings.maxBytes) return feedRow('4002010', `The feed must be smaller than ${settings.maxBytes} bytes.`)
  const content = tryJson(bytes.toString('utf8'))
  if (!isRecord(content)) return feedRow('4002001', "Item 'Feed' cannot be parsed.")
  const { header, messages } = content
  if (!isRecord(header) || header['sellerId'] !== feed.sellerId)
    return feedRow('4002005', "Attribute 'Merchant' is required, but not present.")
  if (header['version'] !== VERSION) return feedRow('4002006', "Attribute 'version' does not match the required value.")
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > settings.maxMessages)
    return feedRow('4002009', `The feed must hold 1 to ${settings.maxMessages} messages.`)
  return { messages }
}

function feedRow(code: string, message: string): ReportRow {
  return { code, severity: 'ERROR', message }
}

function fatal(row: ReportRow): FeedOutcome {
  return { rows: [row], accepted: 0, invalid: 0, goLive: () => undefined }
}

/** The processing report (listings feed processing report schema). */
function reportOf(feed: Feed, { rows, accepted, invalid }: FeedOutcome): object {
  return {
    header: { sellerId: feed.sellerId, version: VERSION, feedId: feed.id },
    issues: rows,
    summary: {
      errors: rows.length,
      warnings: 0,
      messagesProcessed: accepted + invalid,
      messagesAccepted: accepted,
      messagesInvalid: invalid,
    },
  }
}

function feedForm(feed: Feed, now: number): Json {
  const status = statusOf(feed, now)
  const { end } = feed
  return {
    feedId: feed.id,
    feedType: feed.type,
    marketplaceIds: feed.marketplaceIds,
    createdTime: isoMs(feed.createdAt),
    processingStatus: status,
    ...(status === 'IN_QUEUE' ? {} : { processingStartTime: isoMs(feed.startsAt) }),
    ...(end === undefined ? {} : { processingEndTime: isoMs(end.at) }),
    ...(end?.reportId === undefined ? {} : { resultFeedDocumentId: end.reportId }),
  }
}

/** Unknown ids are refused with 400 in the model's examples; 404 is the model's own status for them. */
function noSuch(what: string): SandboxReply {
  return errorReply(404, 'NotFound', `Resource not found: ${what}`)
}
