import { GENERIC_TYPE, type Issue, type Listing } from './listing.ts'
import { judgeAttributes, readPatches } from './listing-judge.ts'
import { noSuchSku, type Stock, type Submission, submit, submitPatches, type Verdict } from './stock.ts'
import { isRecord, isText, type Json } from './wire.ts'

const OPERATIONS = ['UPDATE', 'PARTIAL_UPDATE', 'PATCH', 'DELETE']
const REQUIREMENTS = ['LISTING', 'LISTING_PRODUCT_ONLY', 'LISTING_OFFER_ONLY']
const KEYS = ['messageId', 'sku', 'operationType', 'productType', 'requirements', 'attributes', 'patches']
/** What each operation must have, and what it must not (message schema). */
const SHAPES: Readonly<Record<string, { readonly needs: readonly string[]; readonly not: readonly string[] }>> = {
  UPDATE: { needs: ['productType', 'attributes'], not: ['patches'] },
  PARTIAL_UPDATE: { needs: ['productType', 'attributes'], not: ['requirements', 'patches'] },
  PATCH: { needs: ['productType', 'patches'], not: ['requirements', 'attributes'] },
  DELETE: { needs: [], not: ['requirements', 'attributes', 'productType', 'patches'] },
}

/** One line of the processing report. */
export interface ReportRow {
  readonly messageId?: number
  readonly sku?: string
  readonly code: string
  readonly severity: 'ERROR'
  readonly message: string
  readonly attributeName?: string
}

export interface FeedOutcome {
  readonly rows: readonly ReportRow[]
  readonly accepted: number
  readonly invalid: number
  /** Makes everything that was accepted live. */
  goLive(at: number): void
}

/** Judges every message of a feed on its own: one that is wrong stops no other. */
export function judgeMessages(
  stock: Stock,
  sellerId: string,
  marketplaceIds: readonly string[],
  messages: readonly unknown[],
): FeedOutcome {
  const rows: ReportRow[] = []
  const taken: Verdict[] = []
  const seen = new Set<unknown>()
  let invalid = 0
  for (const message of messages) {
    const read = readMessage(message, seen)
    const verdict = typeof read === 'string' ? read : judge(stock, sellerId, marketplaceIds, read)
    if (typeof verdict === 'string') rows.push({ ...nameOf(message), code: '4002008', severity: 'ERROR', message: verdict })
    else for (const issue of verdict.issues) rows.push(rowOf(message, issue))
    if (typeof verdict !== 'string' && verdict.issues.length === 0) taken.push(verdict)
    else invalid += 1
  }
  return {
    rows,
    accepted: taken.length,
    invalid,
    goLive(at) {
      for (const verdict of taken) verdict.goLive(at)
    },
  }
}

interface Message {
  readonly sku: string
  readonly operation: string
  readonly productType: string
  readonly document: Json
}

/** A message of the schema's form, or why it is none. */
function readMessage(message: unknown, seen: Set<unknown>): Message | string {
  const unfit = 'The provided message did not meet the schema validation requirements for a feed message.'
  if (!isRecord(message)) return unfit
  const { messageId, sku, operationType: operation, productType, requirements } = message
  if (!isText(sku) || typeof messageId !== 'number' || !Number.isInteger(messageId) || messageId < 1) return unfit
  if (seen.has(messageId)) return `The messageId ${messageId} is not unique within the feed.`
  seen.add(messageId)
  const shape = typeof operation === 'string' && OPERATIONS.includes(operation) ? SHAPES[operation] : undefined
  if (shape === undefined || Object.keys(message).some((key) => !KEYS.includes(key))) return unfit
  if (shape.needs.some((key) => message[key] === undefined) || shape.not.some((key) => message[key] !== undefined)) return unfit
  if (productType !== undefined && !isText(productType)) return unfit
  if (requirements !== undefined && !REQUIREMENTS.some((known) => known === requirements)) return unfit
  return { sku, operation: String(operation), productType: productType ?? GENERIC_TYPE, document: message }
}

function judge(stock: Stock, sellerId: string, marketplaceIds: readonly string[], message: Message): Verdict | string {
  const { sku, productType, document } = message
  const submission: Submission = { sellerId, sku, marketplaceIds, productType, by: 'feed' }
  if (message.operation === 'DELETE') return remove(stock, submission)
  if (message.operation === 'PATCH') {
    const patches = readPatches(document['patches'])
    return patches === undefined ? 'The patches are not valid JSON Patch operations.' : submitPatches(stock, submission, patches)
  }
  const { attributes } = document
  if (!isRecord(attributes) || Object.keys(attributes).length === 0) return 'The attributes are missing.'
  if (message.operation === 'PARTIAL_UPDATE') return submit(stock, submission, (listing) => judgeAttributes(listing, attributes))
  return submit(stock, submission, (listing) => judgeWhole(listing, attributes))
}

/** UPDATE says everything about a listing: what it does not name is gone, the quantity too. */
function judgeWhole(listing: Listing, attributes: Json): ReturnType<typeof judgeAttributes> {
  const judged = judgeAttributes(listing, attributes)
  return { ...judged, change: () => judged.change([]) }
}

function remove(stock: Stock, { sellerId, sku }: Submission): Verdict {
  const listing = stock.store.get(sellerId, sku)
  if (listing === undefined) return { issues: [noSuchSku()], goLive: () => undefined }
  return {
    issues: [],
    goLive(at) {
      listing.listed = false
      listing.history.push([at, null, 'feed'])
    },
  }
}

/** Rows about the form of a message are seen without its SKU, so that only the messageId is sure to be there. */
function rowOf(message: unknown, { code, message: text, attribute }: Issue): ReportRow {
  const sku = isRecord(message) && isText(message['sku']) ? { sku: message['sku'] } : {}
  // In a feed the missing selector has another code than in a call (contract section 3).
  if (code === '99022' && text.includes('fulfillment_channel_code')) {
    return { ...nameOf(message), code: 'BAD_REQUEST', severity: 'ERROR', message: 'Invalid parameters provided.' }
  }
  return {
    ...nameOf(message),
    ...sku,
    code,
    severity: 'ERROR',
    message: text,
    ...(attribute === undefined ? {} : { attributeName: attribute }),
  }
}

function nameOf(message: unknown): { readonly messageId?: number } {
  const id = isRecord(message) ? message['messageId'] : undefined
  return typeof id === 'number' && Number.isInteger(id) && id > 0 ? { messageId: id } : {}
}
