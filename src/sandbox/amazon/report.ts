import { reader } from './compact.ts'

/** Orders that are not confirmed as shipped, a line for each item (contract section 2, bulk backlog). The only type that has data. */
export const UNSHIPPED_REPORT = 'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING'

export type ReportStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'DONE' | 'FATAL' | 'CANCELLED'

export interface Report {
  readonly id: string
  readonly sellerId: string
  readonly type: string
  readonly marketplaceIds: readonly string[]
  readonly createdAt: number
  readonly startsAt: number
  /** How it ends whatever its data are: what `end-next-report` asked for. */
  readonly doomed: 'FATAL' | 'CANCELLED' | 'STUCK' | undefined
  end:
    | { readonly at: number; readonly status: 'DONE' | 'FATAL' | 'CANCELLED'; readonly documentId: string | undefined }
    | undefined
  /** How many orders it names, for the books. */
  orders: number
}

export type Charset = 'UTF-8' | 'ISO-8859-1' | 'UTF-16LE'

export interface ReportSettings {
  readonly queueMs: number
  readonly processingMs: number
  /** Orders younger than this are not in it yet. */
  readonly lagMs: number
  readonly compress: boolean
  readonly charset: Charset
  /** It names the seller's orders of other marketplaces too. */
  readonly allChannels: boolean
}

/** Up to half an hour late (contract section 2). How long Amazon takes is not published: about a minute and a half here. */
export const REPORT_DEFAULTS: ReportSettings = {
  queueMs: 15_000,
  processingMs: 75_000,
  lagMs: 30 * 60_000,
  compress: true,
  charset: 'UTF-8',
  allChannels: false,
}

const KEYS = ['queue_ms', 'processing_ms', 'lag_ms', 'compress', 'charset', 'all_channels']

/** `{queue_ms?, processing_ms?, lag_ms?, compress?, charset?, all_channels?}` over what is set. */
export function readReportSettings(value: unknown, before: ReportSettings): ReportSettings {
  const given = reader('reports', value, KEYS)
  return {
    queueMs: given.count('queue_ms') ?? before.queueMs,
    processingMs: given.count('processing_ms') ?? before.processingMs,
    lagMs: given.count('lag_ms') ?? before.lagMs,
    compress: given.flag('compress') ?? before.compress,
    charset: readCharset(given.text('charset')) ?? before.charset,
    allChannels: given.flag('all_channels') ?? before.allChannels,
  }
}

function readCharset(text: string | undefined): Charset | undefined {
  if (text === undefined || text === 'UTF-8' || text === 'ISO-8859-1' || text === 'UTF-16LE') return text
  throw new Error(`reports.charset: must be UTF-8, ISO-8859-1 or UTF-16LE, got '${text}'`)
}

export function reportStatusOf(report: Report, now: number): ReportStatus {
  if (report.end !== undefined) return report.end.status
  return now < report.startsAt ? 'IN_QUEUE' : 'IN_PROGRESS'
}
