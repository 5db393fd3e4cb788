import * as z from 'zod'
import { PermanentError } from '../../core/errors.ts'
import type { AmazonClient } from './client.ts'
import { getDocument } from './documents.ts'
import { restricted } from './restricted.ts'
import { readUnshipped, type Unshipped } from './unshipped-file.ts'
import { parseJson } from './values.ts'
import { createReportReply, reportDocumentReply, reportReply } from './wire.ts'

const UNSHIPPED = 'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING'
const MEMO = 'unshipped-report'
/** Amazon keeps reports for weeks, but a page token, and so a search, is over in a day. */
const KEPT_MS = 24 * 60 * 60_000
const DOCUMENTS = '/reports/2021-06-30/documents'

const askedSchema = z.object({ id: z.string().min(1), at: z.number() })

/** A report that was asked for: its number, and when (epoch ms). */
export type Asked = z.infer<typeof askedSchema>

/** What became of a report that was asked for. */
export type UnshippedReport =
  | { readonly state: 'running' }
  /** The latest first. */
  | { readonly state: 'done'; readonly orders: readonly Unshipped[] }
  /** It will never be there: it failed, or is not known any more. */
  | { readonly state: 'lost'; readonly why: string }

/**
 * The report on unshipped orders (contract section 2, bulk backlog) that was asked for at or after `notBefore` (epoch ms), or else one that is
 * asked for now; all processes share them. A dry run asks for none: it would leave it behind.
 */
export async function askedForUnshipped(client: AmazonClient, notBefore: number, signal: AbortSignal): Promise<Asked> {
  const { gate, settings } = client
  const kept = askedSchema.safeParse(parseJson(await gate.shared.recall(MEMO))).data
  if (kept !== undefined && kept.at >= notBefore) return kept
  const plan = [{ account: gate.account, operation: 'createReport', target: UNSHIPPED, detail: 'open orders in one file' }]
  const body = { reportType: UNSHIPPED, marketplaceIds: settings.marketplaceIds }
  const { reportId } = await client.read({ operation: 'createReport', body, plan }, createReportReply, signal)
  const fresh = { id: reportId, at: gate.clock.now() }
  await gate.shared.remember(MEMO, JSON.stringify(fresh), fresh.at + KEPT_MS)
  gate.log.info({ channel: gate.account, report: fresh.id }, 'the report on unshipped orders was asked for')
  return fresh
}

/**
 * How far the report is, and the orders in it that were placed at or after `from` (epoch ms). Without data Amazon cancels it: no orders.
 * Throws ConnectorError.
 */
export async function readUnshippedReport(
  client: AmazonClient,
  reportId: string,
  from: number,
  signal: AbortSignal,
): Promise<UnshippedReport> {
  const found = await client.find({ operation: 'getReport', path: { reportId } }, reportReply, signal)
  if (found === undefined) return { state: 'lost', why: 'Amazon does not know it' }
  const { processingStatus, reportDocumentId } = found
  if (processingStatus === 'CANCELLED') return { state: 'done', orders: [] }
  if (processingStatus === 'FATAL') return { state: 'lost', why: 'it ended FATAL' }
  if (processingStatus !== 'DONE') return { state: 'running' }
  if (reportDocumentId === undefined) return { state: 'lost', why: 'it is DONE without a document' }
  return { state: 'done', orders: await download(client, reportDocumentId, from, signal) }
}

async function download(
  client: AmazonClient,
  reportDocumentId: string,
  from: number,
  signal: AbortSignal,
): Promise<readonly Unshipped[]> {
  const token = restricted(client, [{ path: `${DOCUMENTS}/${reportDocumentId}`, dataElements: [] }], true)
  const request = { operation: 'getReportDocument', path: { reportDocumentId }, token } as const
  const { url } = await client.read(request, reportDocumentReply, signal)
  const { call, answer } = await getDocument(client, url, 'downloadReportDocument', signal)
  try {
    return readUnshipped(answer.body, answer.headers['content-type'], from)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PermanentError(error.message, { account: client.gate.account, operation: call.operation })
  }
}
