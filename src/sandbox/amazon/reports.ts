import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import type { Documents } from './documents.ts'
import type { Later } from './later.ts'
import type { Order } from './order.ts'
import { isShown, type OrdersContext } from './orders-2026.ts'
import { type Report, type ReportSettings, reportStatusOf, UNSHIPPED_REPORT } from './report.ts'
import { unshippedFile } from './report-rows.ts'
import { denied, errorReply, invalidInput, isoMs, isText, type Json, parseTime, readJsonBody } from './wire.ts'

const MAX_MARKETPLACES = 25
/** The report on unshipped orders goes back this far, whatever dates are given. */
const LOOK_BACK_MS = 38 * 86_400_000
/** Reports get numbers, as the vendor's do. */
const FIRST_REPORT = 70_000
const KNOWN_KEYS = ['reportType', 'marketplaceIds', 'dataStartTime', 'dataEndTime', 'reportOptions']

export interface Reports {
  create(caller: Caller, request: SandboxRequest): SandboxReply
  get(caller: Caller, reportId: string): SandboxReply
  /** Restricted: only a restricted data token for this very document opens it. */
  getDocument(caller: Caller, documentId: string, request: SandboxRequest): SandboxReply
  all(): readonly Report[]
  /** The next report that is created ends so, or never. */
  doom(how: NonNullable<Report['doomed']>): void
  settings: ReportSettings
  reset(): void
}

export interface ReportsContext {
  readonly later: Later
  readonly documents: Documents
  /** The orders as the other half of the stand-in keeps them. */
  orders(): OrdersContext
}

/** The Reports API, for the report on unshipped orders (contract section 2, bulk backlog). */
export function createReports({ later, documents, orders }: ReportsContext, settings: ReportSettings): Reports {
  const reports = new Map<string, Report>()
  let doomed: Report['doomed']

  function finish(report: Report, caller: Caller, at: number): void {
    if (report.doomed === 'STUCK') return
    const named = report.type === UNSHIPPED_REPORT ? unshipped(report, caller) : []
    // Without data there is no document: the report cancels itself.
    const status = report.doomed ?? (named.length === 0 ? 'CANCELLED' : 'DONE')
    if (status !== 'DONE') {
      report.end = { at, status, documentId: undefined }
      return
    }
    const { charset, compress } = self.settings
    const contentType = `text/plain; charset=${charset}`
    const content = unshippedFile(named, at, charset)
    report.orders = named.length
    report.end = { at, status, documentId: documents.keep(report.sellerId, { contentType, content, compressed: compress }).id }
  }

  function unshipped(report: Report, caller: Caller): readonly Order[] {
    const { store } = orders()
    const until = report.startsAt - self.settings.lagMs
    return store.all().filter((order) => {
      if (order.status !== 'UNSHIPPED' && order.status !== 'PARTIALLY_SHIPPED') return false
      if (order.fulfilledBy !== 'MERCHANT' || !isShown(order, caller, report.startsAt)) return false
      if (!self.settings.allChannels && !report.marketplaceIds.includes(order.marketplaceId)) return false
      return order.createdAt <= until && order.createdAt >= report.startsAt - LOOK_BACK_MS
    })
  }

  const self: Reports = {
    settings,
    create(caller, request) {
      const read = readJsonBody(request)
      if ('refused' in read) return read.refused
      const wanted = readWanted(read.body, caller, orders().clock.now())
      if ('status' in wanted) return wanted
      // The restricted types are refused to an app without the role, at once.
      if (wanted.type === UNSHIPPED_REPORT && !caller.role) return denied()
      const now = orders().clock.now()
      const report: Report = {
        id: String(FIRST_REPORT + reports.size + 1),
        sellerId: caller.account.sellerId,
        ...wanted,
        createdAt: now,
        startsAt: now + self.settings.queueMs,
        doomed,
        end: undefined,
        orders: 0,
      }
      doomed = undefined
      reports.set(report.id, report)
      later.at(report.startsAt + self.settings.processingMs, (at) => finish(report, caller, at))
      return { status: 202, body: { reportId: report.id } }
    },
    get(caller, reportId) {
      const report = reports.get(reportId)
      if (report === undefined || report.sellerId !== caller.account.sellerId) return noSuch(`reportId ${reportId}`)
      return { status: 200, body: reportForm(report, orders().clock.now()) }
    },
    getDocument(caller, documentId, request) {
      if (caller.elements === undefined) return errorReply(403, 'Unauthorized', 'Access to the resource is forbidden')
      const isReport = [...reports.values()].some(({ end }) => end?.documentId === documentId)
      const document = isReport ? documents.get(caller.account.sellerId, documentId) : undefined
      if (document === undefined) return invalidInput('', 'Invalid or unsupported document ID found')
      const asEncoding = request.query.get('enableContentEncodingUrlHeader') === 'true' && document.compressed
      return {
        status: 200,
        body: {
          reportDocumentId: document.id,
          url: documents.presign(document, 'GET', asEncoding ? 'gzip' : undefined),
          ...(document.compressed ? { compressionAlgorithm: 'GZIP' } : {}),
        },
      }
    },
    all: () => [...reports.values()],
    doom(how) {
      doomed = how
    },
    reset() {
      reports.clear()
      doomed = undefined
      self.settings = settings
    },
  }
  return self
}

function readWanted(body: Json, caller: Caller, now: number): Pick<Report, 'type' | 'marketplaceIds'> | SandboxReply {
  const unknown = Object.keys(body).find((key) => !KNOWN_KEYS.includes(key))
  if (unknown !== undefined) return invalidInput(`Unknown field ${unknown}.`)
  const { reportType: type, marketplaceIds: ids, dataStartTime: from } = body
  if (!isText(type) || !/^GET_[A-Z0-9_]+$/.test(type)) return invalidInput('reportType is missing or unknown.')
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_MARKETPLACES || !ids.every(isText))
    return invalidInput(`marketplaceIds must list 1 to ${MAX_MARKETPLACES} ids.`)
  const foreign = ids.find((id) => !caller.account.marketplaces.has(id))
  if (foreign !== undefined) return invalidInput(`marketplaceIds: '${foreign}' is not one of the seller's.`)
  const start = isText(from) ? parseTime(from) : undefined
  if (from !== undefined && (start === undefined || start > now)) return invalidInput('dataStartTime must be a time of the past.')
  return { type, marketplaceIds: ids }
}

function reportForm(report: Report, now: number): Json {
  const status = reportStatusOf(report, now)
  const { end } = report
  return {
    reportId: report.id,
    reportType: report.type,
    marketplaceIds: report.marketplaceIds,
    dataStartTime: isoMs(report.createdAt),
    dataEndTime: isoMs(report.createdAt),
    createdTime: isoMs(report.createdAt),
    processingStatus: status,
    ...(status === 'IN_QUEUE' ? {} : { processingStartTime: isoMs(report.startsAt) }),
    ...(end === undefined ? {} : { processingEndTime: isoMs(end.at) }),
    ...(end?.documentId === undefined ? {} : { reportDocumentId: end.documentId }),
  }
}

function noSuch(what: string): SandboxReply {
  return errorReply(404, 'NotFound', `Resource not found: ${what}`)
}
