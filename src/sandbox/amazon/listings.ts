import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import type { Listing } from './listing.ts'
import { asinOf, DATA_SETS, type DataSet, issueForm, listingsItem } from './listing-form.ts'
import { readPatches } from './listing-judge.ts'
import type { ListingOrder } from './listing-store.ts'
import { type Stock, submitPatches } from './stock.ts'
import { denied, errorReply, invalidInput, isRecord, isText, listOf, readJsonBody, tryJson } from './wire.ts'

const MAX_PAGE = 20
const DEFAULT_PAGE = 10
/** No search can be paged through further than this (contract section 3). */
const MAX_REACH = 1000
const MAX_IDENTIFIERS = 20
const ITEM_PARAMETERS = ['marketplaceIds', 'issueLocale', 'includedData']
// biome-ignore format: a word list
const SEARCH_PARAMETERS = [
  ...ITEM_PARAMETERS, 'identifiers', 'identifiersType', 'sortBy', 'sortOrder', 'pageSize', 'pageToken',
]
const ORDERS: readonly ListingOrder[] = ['sku', 'createdDate', 'lastUpdatedDate']
const UNREADABLE = 'Request has missing or invalid parameters and cannot be parsed.'

/** What the path names. */
export interface ListingTarget {
  readonly sellerId: string
  readonly sku: string
}

interface Wanted {
  readonly marketplaceIds: readonly string[]
  readonly sets: ReadonlySet<DataSet>
}

/** GET /listings/2021-08-01/items/{sellerId}/{sku} (contract section 3). */
export function getListingsItem(stock: Stock, caller: Caller, request: SandboxRequest, target: ListingTarget): SandboxReply {
  const wanted = readWanted(request.query, caller, target, ITEM_PARAMETERS)
  if ('status' in wanted) return wanted
  const listing = stock.store.get(target.sellerId, target.sku)
  if (listing === undefined || !isIn(listing, wanted.marketplaceIds)) {
    return errorReply(404, 'NOT_FOUND', `SKU '${target.sku}' not found in marketplace ${wanted.marketplaceIds.join(', ')}`)
  }
  return { status: 200, body: listingsItem(listing, wanted.sets, wanted.marketplaceIds) }
}

/** GET /listings/2021-08-01/items/{sellerId}: by up to 20 SKUs, or all, page by page (contract section 3). */
export function searchListingsItems(stock: Stock, caller: Caller, request: SandboxRequest, target: ListingTarget): SandboxReply {
  const { query } = request
  const wanted = readWanted(query, caller, target, SEARCH_PARAMETERS)
  if ('status' in wanted) return wanted
  const pageSize = readWhole(query.get('pageSize') ?? String(DEFAULT_PAGE), MAX_PAGE)
  if (pageSize === undefined) return invalidInput('pageSize must be 1 to 20.')
  const found = find(stock, target.sellerId, query)
  if ('status' in found) return found
  const listings = found.filter((listing) => listing.listed && isIn(listing, wanted.marketplaceIds))
  const from = readPageToken(query)
  if (from === undefined) return invalidInput('The pageToken is not valid for this search.')
  const to = Math.min(from + pageSize, listings.length, MAX_REACH)
  const pagination = {
    ...(to < Math.min(listings.length, MAX_REACH) ? { nextToken: pageToken(query, to) } : {}),
    ...(from > 0 ? { previousToken: pageToken(query, Math.max(0, from - pageSize)) } : {}),
  }
  return {
    status: 200,
    body: {
      numberOfResults: listings.length,
      ...(Object.keys(pagination).length === 0 ? {} : { pagination }),
      items: listings.slice(from, to).map((listing) => listingsItem(listing, wanted.sets, wanted.marketplaceIds)),
    },
  }
}

/**
 * PATCH /listings/2021-08-01/items/{sellerId}/{sku}. A refusal is HTTP 200 with the status INVALID; ACCEPTED goes live later, and a
 * preview does nothing at all (contract section 3).
 */
export function patchListingsItem(
  stock: Stock,
  caller: Caller,
  request: SandboxRequest,
  target: ListingTarget,
  submissionId: string,
): SandboxReply {
  const { query } = request
  const known = ['marketplaceIds', 'issueLocale', 'includedData', 'mode']
  const refused = refuseTarget(query, caller, target, known)
  if (refused !== undefined) return refused
  const marketplaceIds = listOf(query, 'marketplaceIds')
  if (marketplaceIds.length !== 1) return invalidInput('marketplaceIds must name exactly one marketplace.')
  if (listOf(query, 'includedData').some((set) => set !== 'identifiers' && set !== 'issues'))
    return invalidInput('includedData holds an unknown value.')
  const preview = isPreview(query)
  if (query.has('mode') && !preview) return invalidInput('mode must be VALIDATION_PREVIEW.')
  const read = readJsonBody(request)
  if ('refused' in read) return read.refused
  const patches = readPatches(read.body['patches'])
  const { productType } = read.body
  if (patches === undefined || !isText(productType)) return invalidInput('', UNREADABLE)

  const verdict = submitPatches(stock, { ...target, marketplaceIds, productType, by: 'patch' }, patches)
  const taken = verdict.issues.length === 0
  if (taken && !preview) stock.later.at(stock.clock.now() + stock.settings.liveAfterMs, verdict.goLive)
  const listing = stock.store.get(target.sellerId, target.sku)
  return {
    status: 200,
    body: {
      sku: target.sku,
      status: taken ? (preview ? 'VALID' : 'ACCEPTED') : 'INVALID',
      submissionId,
      issues: verdict.issues.map(issueForm),
      ...(listOf(query, 'includedData').includes('identifiers') ? { identifiers: identifiers(listing, marketplaceIds) } : {}),
    },
  }
}

/** A preview has a usage plan of its own. */
export function isPreview(query: URLSearchParams): boolean {
  return query.get('mode') === 'VALIDATION_PREVIEW'
}

function identifiers(listing: Listing | undefined, marketplaceIds: readonly string[]): readonly object[] {
  if (listing === undefined) return []
  return marketplaceIds.map((marketplaceId) => ({ marketplaceId, asin: asinOf(listing) }))
}

/** Without identifiers: everything, in the order asked for. A comma always parts two SKUs. */
function find(stock: Stock, sellerId: string, query: URLSearchParams): readonly Listing[] | SandboxReply {
  const skus = listOf(query, 'identifiers')
  const type = query.get('identifiersType')
  if (skus.length > 0 !== (type !== null)) return invalidInput('identifiers and identifiersType go together.')
  if (skus.length > MAX_IDENTIFIERS) return invalidInput(`identifiers holds more than ${MAX_IDENTIFIERS} values.`)
  if (type !== null && type !== 'SKU') return invalidInput(`Not in the sandbox: identifiersType ${type}.`)
  if (skus.length > 0) return [...new Set(skus)].flatMap((sku) => stock.store.get(sellerId, sku) ?? [])
  const by = ORDERS.find((known) => known === (query.get('sortBy') ?? 'lastUpdatedDate'))
  const direction = query.get('sortOrder') ?? 'DESC'
  if (by === undefined || (direction !== 'ASC' && direction !== 'DESC')) return invalidInput('sortBy or sortOrder is unknown.')
  const sorted = stock.store.sorted(sellerId, by)
  return direction === 'ASC' ? sorted : sorted.toReversed()
}

function readWanted(
  query: URLSearchParams,
  caller: Caller,
  target: ListingTarget,
  known: readonly string[],
): Wanted | SandboxReply {
  const refused = refuseTarget(query, caller, target, known)
  if (refused !== undefined) return refused
  const marketplaceIds = listOf(query, 'marketplaceIds')
  if (marketplaceIds.length === 0) return invalidInput('marketplaceIds is missing.')
  const sets = new Set<DataSet>()
  for (const name of query.has('includedData') ? listOf(query, 'includedData') : ['summaries']) {
    const set = DATA_SETS.find((one) => one === name)
    if (set === undefined) return invalidInput(`includedData holds an unknown value: ${name}.`)
    sets.add(set)
  }
  return { marketplaceIds, sets }
}

/** Stricter than the vendor is known to be about unknown names: a misspelt parameter must not pass for none. */
function refuseTarget(
  query: URLSearchParams,
  caller: Caller,
  target: ListingTarget,
  known: readonly string[],
): SandboxReply | undefined {
  if (target.sellerId !== caller.account.sellerId) return denied()
  const strange = [...query.keys()].find((name) => !known.includes(name) || query.getAll(name).length > 1)
  if (strange !== undefined) return invalidInput(`The parameter ${strange} is unknown, or given more than once.`)
  const foreign = listOf(query, 'marketplaceIds').find((id) => !caller.account.marketplaces.has(id))
  return foreign === undefined ? undefined : errorReply(400, 'BAD_REQUEST', 'Invalid input', `marketplaceIds: '${foreign}'`)
}

function isIn(listing: Listing, marketplaceIds: readonly string[]): boolean {
  return listing.marketplaces.some((id) => marketplaceIds.includes(id))
}

function readWhole(text: string, most: number): number | undefined {
  const value = Number(text)
  return /^\d+$/.test(text) && value >= 1 && value <= most ? value : undefined
}

/** A token is bound to everything of its search but the size of a page. */
function boundOf(query: URLSearchParams): string {
  const free = ['pageToken', 'pageSize', 'includedData']
  const pairs = [...query].filter(([name]) => !free.includes(name))
  return pairs
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
}

function pageToken(query: URLSearchParams, from: number): string {
  return Buffer.from(JSON.stringify({ from, bound: boundOf(query) })).toString('base64url')
}

function readPageToken(query: URLSearchParams): number | undefined {
  const text = query.get('pageToken')
  if (text === null) return 0
  const token = tryJson(Buffer.from(text, 'base64url').toString('utf8'))
  if (!isRecord(token) || token['bound'] !== boundOf(query)) return undefined
  return typeof token['from'] === 'number' ? token['from'] : undefined
}
