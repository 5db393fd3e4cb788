import type { Vendor } from '../../src/sandbox/stand-in.ts'
import type { Exchange } from './check.ts'
import { isObject, type Json } from './slips.ts'

/** What replies have named. A request that names something else has made it up, and no model can see that. */
export interface Named {
  /** What a request of this operation names that no reply has, in words. */
  strangersIn(exchange: Exchange, operation: string): readonly string[]
}

/** As every world of these stories is configured. */
const credentials: Json = { refresh_token: 'sandbox-refresh', client_id: 'sandbox-client', client_secret: 'sandbox-secret' }
/** The doctor reads a listing that nobody has: that there is none tells that it may ask. */
const PROBE = 'isync-doctor'
const accounts: Json = { shop_id: '2001', organization_id: '10234695', marketplaceIds: 'ATVPDKIKX0DER' }

export function namedIn(wire: readonly Exchange[]): Named {
  const named = new Set(Object.keys({ ...credentials, ...accounts }).map((name) => `${name} as configured`))
  for (const { vendor, replyBody, contentType } of wire) {
    if (contentType.startsWith('application/json')) collect(jsonOf(replyBody), kinds[vendor] ?? [], named)
  }
  return {
    strangersIn(exchange, operation) {
      const template = operation.split(' ')[1] ?? ''
      return [...mentioned(exchange, template), ...accountsOf(exchange)].flatMap(({ what, value }) =>
        named.has(`${what} ${value}`) ? [] : [`${what} '${value}' is named by no reply`],
      )
    },
  }
}

interface Mention {
  readonly what: string
  readonly value: string
}

/** SKUs are Zoho's; documents, feeds and imports are named by who made them, and documents are reached at the address that was told. */
function mentioned(exchange: Exchange, template: string): readonly Mention[] {
  const { path, query, requestBody } = exchange
  const at = (name: string) => decodeURIComponent(path.split('/')[template.split('/').indexOf(`{${name}}`)] ?? '')
  const skus = (...values: readonly unknown[]) => values.map((value) => ({ what: 'sku', value: String(value) }))
  const sent = new URLSearchParams(query)
  switch (template) {
    case '/listings/2021-08-01/items/{sellerId}':
      return skus(...(sent.get('identifiers') ?? '').split(','))
    case '/listings/2021-08-01/items/{sellerId}/{sku}':
      return exchange.method === 'GET' && at('sku') === PROBE ? [] : skus(at('sku'))
    case '/feeds/2021-06-30/feeds/{feedId}':
      return [{ what: 'feedId', value: at('feedId') }]
    case '/feeds/2021-06-30/documents/{feedDocumentId}':
      return [{ what: 'feedDocumentId', value: at('feedDocumentId') }]
    case '/feeds/2021-06-30/feeds':
      return [{ what: 'feedDocumentId', value: String(within(jsonOf(requestBody), 'inputFeedDocumentId')) }]
    case '/feed-documents/{feedDocumentId}':
      return [
        { what: 'url', value: `${path}?${sent}` },
        ...listOf(within(jsonOf(requestBody), 'messages')).flatMap((message) => skus(within(message, 'sku'))),
      ]
    case '/api/offers':
      return sent.has('sku') ? skus(sent.get('sku')) : []
    case '/api/offers/stock/imports':
      return skus(...[...requestBody.matchAll(/^"((?:[^"]|"")+)";"\d+";/gm)].map(([, cell = '']) => cell.replaceAll('""', '"')))
    case '/api/offers/stock/imports/{import_id}/status':
    case '/api/offers/stock/imports/{import_id}/error_report':
      return [{ what: 'import_id', value: at('import_id') }]
    case '/inventory/v1/itemdetails':
      return (sent.get('item_ids') ?? '').split(',').map((value) => ({ what: 'item_id', value }))
    case '/auth/o2/token':
    case '/oauth/v2/token':
      return Object.keys(credentials).map((what) => compared(what, credentials, new URLSearchParams(requestBody).get(what)))
    default:
      return []
  }
}

function accountsOf({ query }: Exchange): readonly Mention[] {
  return [...new URLSearchParams(query)].flatMap(([name, value]) => (name in accounts ? [compared(name, accounts, value)] : []))
}

function compared(what: string, configured: Json, value: string | null): Mention {
  return { what, value: configured[what] === value ? 'as configured' : 'made up' }
}

/** Amazon repeats a SKU that it is told: only Zoho knows which there are. */
const kinds: Readonly<Partial<Record<Vendor, readonly string[]>>> = {
  amazon: ['feedId', 'feedDocumentId', 'url'],
  mirakl: ['import_id'],
  zoho: ['sku', 'item_id'],
}

function collect(node: unknown, names: readonly string[], named: Set<string>): void {
  if (Array.isArray(node)) for (const each of node) collect(each, names, named)
  if (!isObject(node)) return
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string' && value !== '' && names.includes(key))
      named.add(`${key} ${key === 'url' ? toldAddress(value) : value.trim()}`)
    else collect(value, names, named)
  }
}

/** As the journal has it once it is used: it hides signatures. */
function toldAddress(told: string): string {
  const { pathname, searchParams } = new URL(told)
  searchParams.set('X-Amz-Signature', '[hidden]')
  return `${pathname}?${searchParams}`
}

function within(node: unknown, key: string): unknown {
  return isObject(node) ? node[key] : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
