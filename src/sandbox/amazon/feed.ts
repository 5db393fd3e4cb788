import { reader } from './compact.ts'

/** The only type that is processed; the older ones for stock end FATAL (contract section 3). */
export const LISTINGS_FEED = 'JSON_LISTINGS_FEED'

export type FeedStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'DONE' | 'FATAL'

export interface Feed {
  readonly id: string
  readonly sellerId: string
  readonly type: string
  readonly marketplaceIds: readonly string[]
  readonly documentId: string
  readonly createdAt: number
  readonly startsAt: number
  /** Never ends while it is stuck. */
  stuck: boolean
  end: FeedEnd | undefined
}

export interface FeedEnd {
  readonly at: number
  readonly status: 'DONE' | 'FATAL'
  readonly reportId: string | undefined
  readonly accepted: number
  readonly invalid: number
}

export interface FeedSettings {
  readonly queueMs: number
  readonly processingMs: number
  readonly compress: boolean
  readonly maxMessages: number
  readonly maxBytes: number
}

/** Contract section 3. How long Amazon takes is not published: about a minute here. */
export const FEED_DEFAULTS: FeedSettings = {
  queueMs: 15_000,
  processingMs: 45_000,
  compress: true,
  maxMessages: 25_000,
  maxBytes: 10 * 1024 * 1024,
}

/** `{queue_ms?, processing_ms?, compress?, max_messages?, max_bytes?}` over what is set. */
export function readFeedSettings(value: unknown, before: FeedSettings): FeedSettings {
  const given = reader('feeds', value, ['queue_ms', 'processing_ms', 'compress', 'max_messages', 'max_bytes'])
  return {
    queueMs: given.count('queue_ms') ?? before.queueMs,
    processingMs: given.count('processing_ms') ?? before.processingMs,
    compress: given.flag('compress') ?? before.compress,
    maxMessages: given.count('max_messages') ?? before.maxMessages,
    maxBytes: given.count('max_bytes') ?? before.maxBytes,
  }
}

export function statusOf(feed: Feed, now: number): FeedStatus {
  if (feed.end !== undefined) return feed.end.status
  return now < feed.startsAt ? 'IN_QUEUE' : 'IN_PROGRESS'
}
