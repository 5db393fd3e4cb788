import { beforeAll, describe, expect, it } from 'vitest'
import type { Vendor } from '../../src/sandbox/stand-in.ts'
import { readBody } from './bodies.ts'
import { type Exchange, judge, loadModels, type Models } from './check.ts'
import { MODELS_FOUND, titleWithModels } from './models.ts'
import { mutantsOf } from './mutations.ts'
import { type Named, namedIn } from './named.ts'
import { playABadStockDay } from './stock-bad-day.ts'
import { hardSkus, notOurs, nowhere, playALargeAssortment, playAStockDay } from './stock-scenario.ts'

/** Every call that the stock loop makes. A new one belongs here, and its model into the contract. */
const STOCK: Readonly<Record<(typeof VENDORS)[number], readonly string[]>> = {
  amazon: [
    'GET /feed-documents/{feedDocumentId}',
    'GET /feeds/2021-06-30/documents/{feedDocumentId}',
    'GET /feeds/2021-06-30/feeds/{feedId}',
    'GET /listings/2021-08-01/items/{sellerId}',
    'GET /listings/2021-08-01/items/{sellerId}/{sku}',
    'PATCH /listings/2021-08-01/items/{sellerId}/{sku}',
    'POST /feeds/2021-06-30/documents',
    'POST /feeds/2021-06-30/feeds',
    'PUT /feed-documents/{feedDocumentId}',
  ],
  mirakl: [
    'GET /api/offers',
    'GET /api/offers/stock/imports/{import_id}/error_report',
    'GET /api/offers/stock/imports/{import_id}/status',
    'POST /api/offers/stock/imports',
  ],
  zoho: ['GET /inventory/v1/itemdetails', 'GET /inventory/v1/items', 'GET /inventory/v1/organizations', 'POST /oauth/v2/token'],
}

/** What these stories call besides: doctor, and orders, which are pulled before a quantity goes up. Their own test holds them in full. */
const BESIDES: Readonly<Record<(typeof VENDORS)[number] | 'shipstation', readonly string[]>> = {
  amazon: [
    'GET /orders/2026-01-01/orders',
    'GET /orders/2026-01-01/orders/{orderId}',
    'GET /sellers/v1/marketplaceParticipations',
    'POST /auth/o2/token',
    'POST /tokens/2021-03-01/restrictedDataToken',
  ],
  mirakl: [
    'GET /api/account',
    'GET /api/orders',
    'GET /api/platform/configuration',
    'GET /api/shipments/items_to_ship',
    'GET /api/shipping/carriers',
  ],
  shipstation: ['GET /stores'],
  zoho: [],
}

const VENDORS = ['amazon', 'mirakl', 'zoho'] as const
const ALL = VENDORS.flatMap((vendor) => STOCK[vendor].map((operation) => [vendor, operation] as const))

/**
 * The vendor can do without; isync cannot: which of several shops, the words by which refusals are told apart, the rows and fields by which
 * a listing is known to be the seller's, an order of items that does not move while they are read. `|`: one of them.
 */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  'GET /listings/2021-08-01/items/{sellerId}': ['includedData', 'identifiers', 'pageSize'],
  'GET /listings/2021-08-01/items/{sellerId}/{sku}': ['includedData'],
  'PATCH /listings/2021-08-01/items/{sellerId}/{sku}': ['issueLocale'],
  'GET /api/offers': ['shop_id', 'max', 'sku|offset'],
  'GET /api/offers/stock/imports/{import_id}/error_report': ['shop_id'],
  'GET /api/offers/stock/imports/{import_id}/status': ['shop_id'],
  'POST /api/offers/stock/imports': ['shop_id'],
  'GET /inventory/v1/items': ['page', 'per_page', 'filter_by', 'sort_column', 'sort_order'],
  'GET /inventory/v1/itemdetails': ['organization_id'],
}

/** Refusals in the stand-ins' own words, not injected ones: their form counts too. */
const REFUSALS = [
  'amazon GET /feed-documents/{feedDocumentId} 403',
  'amazon GET /feeds/2021-06-30/feeds/{feedId} 429',
  'amazon GET /listings/2021-08-01/items/{sellerId} 429',
  'amazon GET /listings/2021-08-01/items/{sellerId}/{sku} 404',
  'amazon PATCH /listings/2021-08-01/items/{sellerId}/{sku} 429',
  'amazon POST /feeds/2021-06-30/documents 403',
  'amazon PUT /feed-documents/{feedDocumentId} 403',
  'mirakl GET /api/offers/stock/imports/{import_id}/status 404',
  'mirakl POST /api/offers/stock/imports 401',
  'mirakl POST /api/offers/stock/imports 429',
  'zoho GET /inventory/v1/items 401',
  'zoho GET /inventory/v1/items 429',
  'zoho POST /oauth/v2/token 400',
]

/** Requests that are as good as the one they were made from: other things to ask, all of them in order. */
const AS_GOOD = [
  // Without its time a list of what changed is the list of everything.
  'GET /inventory/v1/items query last_modified_time: dropped',
]

describe.skipIf(!MODELS_FOUND)(titleWithModels('what stock sends over the wire holds against the published models'), () => {
  let models: Models
  let wire: readonly Exchange[]
  let named: Named

  beforeAll(async () => {
    models = loadModels()
    wire = (await Promise.all([playAStockDay(), playALargeAssortment(), playABadStockDay()])).flat()
    named = namedIn(wire)
  }, 180_000)

  function problemsOf(entry: Exchange): readonly string[] {
    const { operation = '', problems } = judge(models, entry)
    const sent = new URLSearchParams(entry.query)
    const unsaid = (ALWAYS[operation] ?? []).filter((names) => !names.split('|').some((name) => sent.has(name)))
    return [...problems, ...named.strangersIn(entry, operation), ...unsaid.map((names) => `${names} is left out`)]
  }

  function told(entry: Exchange): readonly string[] {
    const { vendor, n, method, path, query, status } = entry
    return problemsOf(entry).map((problem) => `${vendor} #${n} ${method} ${path}?${query} -> ${status}: ${problem}`)
  }

  function heard(vendor: Vendor, operation: string): readonly Exchange[] {
    return wire.filter((entry) => entry.vendor === vendor && judge(models, entry).operation === operation)
  }

  it.each(ALL)('%s %s: every request and every reply', (vendor, operation) => {
    const own = heard(vendor, operation)
    expect(own.length, `no ${operation} was sent`).toBeGreaterThan(0)
    expect([...new Set(own.flatMap(told))]).toEqual([])
  })

  it.each(['amazon', 'mirakl', 'shipstation', 'zoho'] as const)('the calls made to %s are the ones that are known', (vendor) => {
    const own = wire.filter((entry) => entry.vendor === vendor)
    const operations = new Set(own.map((entry) => judge(models, entry).operation ?? `unknown: ${entry.method} ${entry.path}`))
    const known = vendor === 'shipstation' ? [] : STOCK[vendor]
    expect([...operations].sort()).toEqual([...known, ...BESIDES[vendor]].sort())
    expect([...new Set(own.flatMap(told))]).toEqual([])
  })

  it('refusals are among the replies', () => {
    const undistorted = wire.filter(({ fault }) => fault === undefined)
    const answered = new Set(undistorted.map((entry) => `${entry.vendor} ${judge(models, entry).operation} ${entry.status}`))
    expect(REFUSALS.filter((refusal) => !answered.has(refusal))).toEqual([])
  })

  it('feeds end done and fatal, with and without rows; imports end complete and failed, with and without refused lines', () => {
    const reports = heard('amazon', 'GET /feed-documents/{feedDocumentId}').filter((entry) => isGood(entry))
    expect(new Set(reports.map(({ replyBody }) => JSON.parse(replyBody).issues.length > 0))).toEqual(new Set([true, false]))
    const feeds = heard('amazon', 'GET /feeds/2021-06-30/feeds/{feedId}').filter((entry) => isGood(entry))
    const ends = new Set(feeds.map(({ replyBody }) => JSON.parse(replyBody).processingStatus as string))
    expect([...ends]).toEqual(expect.arrayContaining(['IN_PROGRESS', 'DONE', 'FATAL']))
    const imports = heard('mirakl', 'GET /api/offers/stock/imports/{import_id}/status').filter((entry) => isGood(entry))
    const states = new Set(
      imports.map(({ replyBody }) => `${JSON.parse(replyBody).status} ${JSON.parse(replyBody).has_error_report}`),
    )
    expect([...states]).toEqual(expect.arrayContaining(['COMPLETE false', 'COMPLETE true', 'FAILED false']))
  })

  /** Every SKU that a quantity was sent for, by the way it went. */
  function written(): ReadonlyMap<string, ReadonlySet<string>> {
    const patched = heard('amazon', 'PATCH /listings/2021-08-01/items/{sellerId}/{sku}').map(
      ({ path }) => path.split('/').at(-1) ?? '',
    )
    const fed = heard('amazon', 'PUT /feed-documents/{feedDocumentId}').flatMap(({ requestBody }) =>
      [...requestBody.matchAll(/"sku":("(?:[^"\\]|\\.)*")/g)].map(([, sku = '""']) => JSON.parse(sku) as string),
    )
    const imported = heard('mirakl', 'POST /api/offers/stock/imports').flatMap(({ requestType = '', requestBody }) => {
      const { file } = readBody(requestType, requestBody) as { readonly file: readonly (readonly string[])[] }
      return file.slice(1).map(([sku = '']) => sku)
    })
    return new Map([
      ['patch', new Set(patched.map(decodeURIComponent))],
      ['feed', new Set(fed)],
      ['import', new Set(imported)],
    ])
  }

  it('SKUs that are hard to send go every way as they are', () => {
    for (const [way, skus] of written()) expect([way, hardSkus.filter((sku) => !skus.has(sku))]).toEqual([way, []])
    const asked = heard('amazon', 'GET /listings/2021-08-01/items/{sellerId}').flatMap(({ query }) =>
      (new URLSearchParams(query).get('identifiers') ?? '').split(','),
    )
    expect(hardSkus.filter((sku) => !asked.includes(sku))).toEqual(['RIBBON,RED'])
  })

  it('nothing is written to what Amazon ships itself, keeps by location, or does not list', () => {
    const ways = written()
    for (const sku of [...notOurs, nowhere])
      expect([...ways].filter(([, skus]) => skus.has(sku)).map(([way]) => way)).toEqual(['import'])
    expect(ways.get('import')).not.toContain('KETTLE/1.7L')
    expect(ways.get('patch')).toContain('KETTLE/1.7L')
  })

  /** The smallest good request of every operation, and of every set of parameters that it is sent with; a feed has two messages at least. */
  function samples(): ReadonlyMap<string, Exchange> {
    const found = new Map<string, Exchange>()
    for (const [vendor, operation] of ALL) {
      const least = operation.startsWith('PUT') ? 2 : 0
      const good = heard(vendor, operation).filter(
        (entry) => isGood(entry) && entry.requestBody.split('"messageId"').length > least,
      )
      for (const entry of good) {
        const key = `${operation} ${[...new URLSearchParams(entry.query).keys()].sort()}`
        const known = found.get(key)
        if (known === undefined || entry.requestBody.length < known.requestBody.length) found.set(key, entry)
      }
    }
    return found
  }

  it('a request with a single field changed does not hold, whichever field and whichever change', () => {
    const survivors: string[] = []
    let made = 0
    for (const sample of samples().values()) {
      const operation = judge(models, sample).operation ?? ''
      expect(told(sample)).toEqual([])
      for (const { what, exchange } of mutantsOf(sample, operation.split(' ')[1] ?? '')) {
        made += 1
        if (problemsOf(exchange).length === 0) survivors.push(`${operation} ${what}`)
      }
    }
    expect([...new Set(survivors)].sort()).toEqual([...AS_GOOD].sort())
    expect(made).toBeGreaterThan(400)
  })
})

function isGood({ fault, status }: Exchange): boolean {
  return fault === undefined && status >= 200 && status < 300
}
