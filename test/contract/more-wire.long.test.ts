import { beforeAll, describe, expect, it } from 'vitest'
import { type Exchange, judge, loadModels, type Models } from './check.ts'
import { MODELS_FOUND, titleWithModels } from './models.ts'
import { playMoreChannels, playTheOtherWays } from './more-scenario.ts'
import { mutantsOf } from './mutations.ts'
import { unlikeOurs } from './ours.ts'
import { isObject, type Json } from './slips.ts'
import { tradingNamed } from './slips-trading.ts'

const VENDORS = ['ebay', 'dsco', 'channeladvisor'] as const

/** Every call that the program makes there. A new one belongs here, and its model into the contract. */
const EXPECTED: Readonly<Record<(typeof VENDORS)[number], readonly string[]>> = {
  ebay: [
    'GET /developer/analytics/v1_beta/user_rate_limit/',
    'GET /sell/fulfillment/v1/order',
    'GET /sell/fulfillment/v1/order/{orderId}/shipping_fulfillment',
    'GET /sell/inventory/v1/inventory_item',
    'GET /sell/inventory/v1/offer',
    'POST /identity/v1/oauth2/token',
    'POST /sell/fulfillment/v1/order/{orderId}/shipping_fulfillment',
    'POST /sell/inventory/v1/bulk_get_inventory_item',
    'POST /sell/inventory/v1/bulk_update_price_quantity',
    'POST /ws/api.dll/CompleteSale',
    'POST /ws/api.dll/GetMyeBaySelling',
    'POST /ws/api.dll/GetOrders',
    'POST /ws/api.dll/ReviseInventoryStatus',
  ],
  dsco: [
    'GET /api/v3/hello',
    'GET /api/v3/inventory/log',
    'GET /api/v3/order/',
    'GET /api/v3/order/log',
    'GET /api/v3/order/page',
    'GET /api/v3/warehouse/page',
    'POST /api/v3/inventory/batch/small',
    'POST /api/v3/oauth2/token',
    'POST /api/v3/order/acknowledge',
    'POST /api/v3/order/shipment/batch/small',
  ],
  channeladvisor: [
    'GET /v1/DistributionCenters',
    'GET /v1/Orders',
    'GET /v1/Orders({OrderID})',
    'GET /v1/Products',
    'POST /oauth2/token',
    'POST /v1/$batch',
    'POST /v1/Orders({OrderID})/Export',
    'POST /v1/Orders({OrderID})/Ship',
    'POST /v1/Products({ProductID})/UpdateQuantity',
  ],
}

const ALL = VENDORS.flatMap((vendor) => EXPECTED[vendor].map((operation) => [vendor, operation] as const))

/** Refusals in the stand-ins' own words, not injected ones: their form counts too. */
const REFUSALS = [
  'channeladvisor POST /oauth2/token 400',
  'channeladvisor POST /v1/Products({ProductID})/UpdateQuantity 400',
  'dsco POST /api/v3/oauth2/token 401',
  'ebay POST /identity/v1/oauth2/token 400',
  'ebay POST /sell/inventory/v1/bulk_update_price_quantity 207',
]

/** How each is asked for what is open: reconciliation's own question, which no pull puts. */
const OPEN_LISTS = [
  ['ebay', 'POST /ws/api.dll/GetOrders', '<CreateTimeFrom>', '<OrderStatus>Completed<'],
  ['ebay', 'GET /sell/fulfillment/v1/order', 'creationdate:[', ',orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}'],
  ['dsco', 'GET /api/v3/order/page', 'ordersCreatedSince=', 'until='],
  ['channeladvisor', 'GET /v1/Orders', "ShippingStatus eq 'Unshipped'", 'ImportDateUtc lt '],
] as const

const DAY = 86_400_000

interface SpanRule {
  /** Its beginning and its end. */
  readonly form: RegExp
  /** Days. */
  readonly longest?: number
  /** Days between the beginning and the question. */
  readonly oldest?: number
  /** What lies between the end and the question at least, ms. */
  readonly settled?: number
}

/** What no schema can say, from the prose. */
const SPANS = {
  createTime: { form: /<CreateTimeFrom>(.+?)<.*<CreateTimeTo>(.+?)</s, longest: 90, oldest: 90 },
  modTime: { form: /<ModTimeFrom>(.+?)<.*<ModTimeTo>(.+?)</s, longest: 30, oldest: 90 },
  creationDate: { form: /creationdate:\[(.+?)\.\.(.+?)\]/, oldest: 730 },
  lastModifiedDate: { form: /lastmodifieddate:\[(.+?)\.\.(.+?)\]/, oldest: 730 },
  created: { form: /ordersCreatedSince=(.+?)&until=(.+?)&/, settled: 5_000 },
  updated: { form: /ordersUpdatedSince=(.+?)&until=(.+?)&/, settled: 5_000 },
} satisfies Record<string, SpanRule>

/** Requests that are as good as the one that they were made from, or whose fault no model can see. */
const AS_GOOD: readonly string[] = []

describe.skipIf(!MODELS_FOUND)(titleWithModels('what eBay and Rithum are sent holds against the published models'), () => {
  let models: Models
  let wire: readonly Exchange[]

  beforeAll(async () => {
    models = loadModels()
    const played = [...(await playMoreChannels()), ...(await playTheOtherWays())]
    const own = played.filter(({ vendor }) => VENDORS.some((one) => one === vendor))
    wire = own.map(tradingNamed).flatMap((entry) => [entry, ...partsOf(entry)])
  }, 600_000)

  function told(entry: Exchange): readonly string[] {
    const { vendor, n, method, path, query, status } = entry
    const { operation = '', problems } = judge(models, entry)
    const all = [...problems, ...unlikeOurs(entry, operation)]
    return all.map((problem) => `${vendor} #${n} ${method} ${path}?${query} -> ${status}: ${problem}`)
  }

  function heard(vendor: string, operation: string): readonly Exchange[] {
    return wire.filter((entry) => entry.vendor === vendor && judge(models, entry).operation === operation)
  }

  it.each(ALL)('%s %s: every request and every reply', (vendor, operation) => {
    const own = heard(vendor, operation)
    expect(own.length, `no ${operation} was sent`).toBeGreaterThan(0)
    expect([...new Set(own.flatMap(told))]).toEqual([])
  })

  it.each(VENDORS)('the calls made to %s are the ones that are known, and nothing in them is off', (vendor) => {
    const own = wire.filter((entry) => entry.vendor === vendor)
    const operations = new Set(own.map((entry) => judge(models, entry).operation ?? `unknown: ${entry.method} ${entry.path}`))
    expect([...operations].sort()).toEqual([...EXPECTED[vendor]].sort())
    expect([...new Set(own.flatMap(told))]).toEqual([])
  })

  it('refusals are among the replies', () => {
    const undistorted = wire.filter(({ fault }) => fault === undefined)
    const answered = new Set(undistorted.map((entry) => `${entry.vendor} ${judge(models, entry).operation} ${entry.status}`))
    expect(REFUSALS.filter((refusal) => !answered.has(refusal))).toEqual([])
  })

  it('ChannelAdvisor is told quantities of both meanings, without open orders and with them', () => {
    const told = heard('channeladvisor', 'POST /v1/Products({ProductID})/UpdateQuantity')
    const meanings = told.map(({ requestBody }) => /"UpdateType":"(\w+)"/.exec(requestBody)?.[1])
    expect([...new Set(meanings)].sort()).toEqual(['Available', 'UnShipped'])
  })

  /** The smallest good request of every operation, of every set of parameters that it is sent with, and of every way to search. */
  function samples(): ReadonlyMap<string, Exchange> {
    const found = new Map<string, Exchange>()
    for (const [vendor, operation] of ALL) {
      const good = heard(vendor, operation).filter(({ fault, status }) => fault === undefined && status >= 200 && status < 300)
      for (const entry of good) {
        const key = `${vendor} ${operation} ${formOf(entry)}`
        const known = found.get(key)
        if (known === undefined || entry.requestBody.length < known.requestBody.length) found.set(key, entry)
      }
    }
    return found
  }

  it.each(OPEN_LISTS)('%s is asked for open orders, by what its model has for it', (vendor, operation, ...words) => {
    const asked = heard(vendor, operation).map(({ query, requestBody }) => wordsOf(query) + requestBody)
    const open = asked.filter((text) => words.every((word) => text.includes(word)))
    expect(open.length, `${vendor} was asked\n${asked.join('\n')}`).toBeGreaterThan(0)
  })

  it('spans of time lie within what each allows: not too long, not too old, over before the question', () => {
    const spans = wire.flatMap((entry) => spansOf(entry).map((span) => ({ ...span, entry })))
    const wrong = spans.filter(({ rule, from, to, entry: { at } }) => {
      const { longest = Infinity, oldest = Infinity, settled = 0 }: SpanRule = SPANS[rule]
      return !(from <= to && to - from <= longest * DAY && at - from <= oldest * DAY && to <= at - settled)
    })
    expect([...new Set(spans.map(({ rule }) => rule))].sort()).toEqual(Object.keys(SPANS).sort())
    expect(
      wrong.map(({ rule, entry }) => `${rule} at ${new Date(entry.at).toISOString()}: ${entry.query}${entry.requestBody}`),
    ).toEqual([])
  })

  it('a request with a single field changed does not hold, whichever field and whichever change', () => {
    const survivors: string[] = []
    let made = 0
    for (const [key, sample] of samples()) {
      const operation = judge(models, sample).operation ?? ''
      expect(told(sample), key).toEqual([])
      for (const { what, exchange } of mutantsOf(sample, operation.split(' ')[1] ?? '')) {
        made += 1
        if (told(exchange).length === 0) survivors.push(`${operation} ${what}`)
      }
    }
    expect([...new Set(survivors)].sort()).toEqual([...AS_GOOD].sort())
    expect(made).toBeGreaterThan(400)
  })
})

interface Span {
  readonly rule: keyof typeof SPANS
  readonly from: number
  readonly to: number
}

/** The spans of time that a request speaks of, by the rule that each is under. */
function spansOf({ query, requestBody }: Exchange): readonly Span[] {
  const text = `${wordsOf(query)}&${requestBody}`
  return (Object.keys(SPANS) as (keyof typeof SPANS)[]).flatMap((rule) => {
    const [, from, to] = SPANS[rule].form.exec(text) ?? []
    return from === undefined || to === undefined ? [] : [{ rule, from: Date.parse(from), to: Date.parse(to) }]
  })
}

/** `filter=lastmodifieddate:[..]&limit=200`: as it is meant, and not as it is sent. */
function wordsOf(query: string): string {
  return [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`).join('&')
}

/** Names of parameters, of what is searched by, and of the elements of a document. */
function formOf({ query, requestBody }: Exchange): string {
  const sent = new URLSearchParams(query)
  const filter = sent.get('filter') ?? sent.get('$filter') ?? ''
  const searched = [...filter.matchAll(/(\w+)(?=:[[{]| eq | ge )/g)].map(([, name = '']) => name)
  const elements = [...requestBody.matchAll(/<(\w+)/g)].map(([, name = '']) => name)
  return [[...sent.keys()], searched, elements].map((names) => [...new Set(names)].sort().join(',')).join(' ')
}

/** What lies in a ChannelAdvisor batch, as if each part were sent alone. */
function partsOf(entry: Exchange): readonly Exchange[] {
  if (entry.path !== '/v1/$batch' || entry.fault !== undefined) return []
  const sent = listAt(entry.requestBody, 'requests')
  const answers = new Map(listAt(entry.replyBody, 'responses').map((answer) => [answer['id'], answer]))
  return sent.map(({ id, method, url, headers, body }) => {
    const answer = answers.get(id)
    const reply = answer?.['body']
    return {
      ...entry,
      method: String(method),
      path: String(url),
      requestType: String(isObject(headers) ? headers['content-type'] : ''),
      requestBody: JSON.stringify(body),
      status: Number(answer?.['status'] ?? 0),
      replyBody: reply === undefined ? '' : JSON.stringify(reply),
      contentType: reply === undefined ? '' : 'application/json',
    }
  })
}

function listAt(text: string, key: string): readonly Json[] {
  const document: unknown = JSON.parse(text)
  const list = isObject(document) ? document[key] : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}
