import { PermanentError } from '../../core/errors.ts'
import type { AmazonClient } from './client.ts'
import { getDocument } from './documents.ts'
import { restricted } from './restricted.ts'
import { readUnshipped } from './unshipped-file.ts'
import { createReportReply, reportDocumentReply, reportReply } from './wire.ts'

const UNSHIPPED = 'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING'
const DOCUMENTS = '/reports/2021-06-30/documents'

/** What became of a report that was asked for. */
export type UnshippedReport =
  | { readonly state: 'running' }
  /** Numbers of orders, the latest first. */
  | { readonly state: 'done'; readonly ids: readonly string[] }
  /** It will never be there: it failed, or is not known any more. */
  | { readonly state: 'lost'; readonly why: string }

/** Asks for the report on unshipped orders (contract section 2, bulk backlog), and gives its number. A dry run does not: it would leave one behind. */
export async function askForUnshipped(client: AmazonClient, signal: AbortSignal): Promise<string> {
  const { marketplaceIds } = client.settings
  const plan = [{ account: client.gate.account, operation: 'createReport', target: UNSHIPPED, detail: 'to catch up faster' }]
  const body = { reportType: UNSHIPPED, marketplaceIds }
  return (await client.read({ operation: 'createReport', body, plan }, createReportReply, signal)).reportId
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
  if (processingStatus === 'CANCELLED') return { state: 'done', ids: [] }
  if (processingStatus === 'FATAL') return { state: 'lost', why: 'it ended FATAL' }
  if (processingStatus !== 'DONE') return { state: 'running' }
  if (reportDocumentId === undefined) return { state: 'lost', why: 'it is DONE without a document' }
  return { state: 'done', ids: await download(client, reportDocumentId, from, signal) }
}

async function download(
  client: AmazonClient,
  reportDocumentId: string,
  from: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
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
