import { beforeAll, describe, expect, it } from 'vitest'
import type { Vendor } from '../../src/sandbox/stand-in.ts'
import { playABadDay } from './bad-day.ts'
import { type Exchange, judge, loadModels, type Models } from './check.ts'
import { playWebhooks } from './hooks.ts'
import { MODELS_FOUND, titleWithModels } from './models.ts'
import { playEverything, playTheOldWay } from './scenario.ts'

/** Every call the program makes for orders. A new one belongs here, and its model into the contract. */
const EXPECTED: Readonly<Record<(typeof VENDORS)[number], readonly string[]>> = {
  amazon: [
    // Asked by doctor, like the participations: whether the role for listings is there.
    'GET /listings/2021-08-01/items/{sellerId}/{sku}',
    'GET /orders/2026-01-01/orders',
    'GET /orders/2026-01-01/orders/{orderId}',
    'GET /orders/v0/orders',
    'GET /orders/v0/orders/{orderId}/orderItems',
    'GET /sellers/v1/marketplaceParticipations',
    'POST /auth/o2/token',
    'POST /orders/v0/orders/{orderId}/shipmentConfirmation',
    'POST /tokens/2021-03-01/restrictedDataToken',
  ],
  mirakl: [
    'GET /api/account',
    'GET /api/offers',
    'GET /api/orders',
    'GET /api/platform/configuration',
    'GET /api/shipments',
    'GET /api/shipments/items_to_ship',
    'GET /api/shipping/carriers',
    'POST /api/shipments',
    'PUT /api/orders/{order_id}/accept',
    'PUT /api/orders/{order_id}/ship',
    'PUT /api/orders/{order_id}/tracking',
  ],
  shipstation: [
    'DELETE /webhooks/{webhookId}',
    'GET /fulfillments',
    'GET /orders',
    'GET /orders/{orderId}',
    'GET /shipments',
    'GET /stores',
    'GET /webhooks',
    'POST /orders/createorders',
    'POST /orders/holduntil',
    'POST /webhooks/subscribe',
  ],
  // Asked by doctor; what stock needs of it is told in stock-wire.test.ts.
  zoho: ['GET /inventory/v1/items', 'GET /inventory/v1/organizations', 'POST /oauth/v2/token'],
}

const VENDORS = ['amazon', 'mirakl', 'shipstation', 'zoho'] as const
const ALL = VENDORS.flatMap((vendor) => EXPECTED[vendor].map((operation) => [vendor, operation] as const))

/** Refusals in the stand-ins' own words, not injected ones: their form counts too. */
const REFUSALS = [
  'amazon GET /orders/2026-01-01/orders 403',
  'amazon GET /orders/2026-01-01/orders 429',
  'amazon GET /orders/2026-01-01/orders/{orderId} 404',
  'amazon POST /auth/o2/token 400',
  'amazon POST /orders/v0/orders/{orderId}/shipmentConfirmation 400',
  'amazon POST /orders/v0/orders/{orderId}/shipmentConfirmation 429',
  'amazon POST /tokens/2021-03-01/restrictedDataToken 400',
  'amazon POST /tokens/2021-03-01/restrictedDataToken 403',
  'mirakl GET /api/account 401',
  'mirakl GET /api/orders 429',
  'mirakl GET /api/shipments/items_to_ship 404',
  'mirakl PUT /api/orders/{order_id}/accept 400',
  'mirakl PUT /api/orders/{order_id}/ship 400',
  'shipstation GET /orders/{orderId} 404',
  'shipstation GET /shipments 429',
  'shipstation GET /stores 401',
  'shipstation POST /orders/createorders 500',
]

describe.skipIf(!MODELS_FOUND)(titleWithModels('what goes over the wire holds against the published models'), () => {
  let models: Models
  let wire: readonly Exchange[]

  beforeAll(async () => {
    models = loadModels()
    wire = (await Promise.all([playEverything(), playTheOldWay(), playABadDay(), playWebhooks()])).flat()
  }, 120_000)

  function problemsOf(entry: Exchange): string[] {
    const { vendor, n, method, path, query, status } = entry
    return judge(models, entry).problems.map((problem) => `${vendor} #${n} ${method} ${path}?${query} -> ${status}: ${problem}`)
  }

  /** How often each operation was called. */
  function seen(vendor: Vendor): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const entry of wire.filter((one) => one.vendor === vendor)) {
      const name = judge(models, entry).operation ?? `unknown: ${entry.method} ${entry.path}`
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return counts
  }

  it.each(ALL)('%s %s: every request and every reply', (vendor, operation) => {
    const own = wire.filter((entry) => entry.vendor === vendor && judge(models, entry).operation === operation)
    expect(own.length, `no ${operation} was sent`).toBeGreaterThan(0)
    expect([...new Set(own.flatMap(problemsOf))]).toEqual([])
  })

  it.each(VENDORS)('the calls made to %s are the ones that are known, and nothing in them is off', (vendor) => {
    const own = wire.filter((entry) => entry.vendor === vendor)
    expect(own.length).toBeGreaterThan(EXPECTED[vendor].length)
    expect([...seen(vendor).keys()].sort()).toEqual(EXPECTED[vendor])
    expect([...new Set(own.flatMap(problemsOf))]).toEqual([])
  })

  it('refusals are among the replies', () => {
    const undistorted = wire.filter(({ fault }) => fault === undefined)
    const told = new Set(undistorted.map((entry) => `${entry.vendor} ${judge(models, entry).operation} ${entry.status}`))
    expect(REFUSALS.filter((refusal) => !told.has(refusal))).toEqual([])
  })

  it('a request is checked though its reply is distorted by a fault', () => {
    const hurt = wire.find(({ fault, path }) => fault !== undefined && path === '/orders/createorders')
    expect(hurt).toBeDefined()
    if (hurt === undefined) return
    expect(problemsOf({ ...hurt, replyBody: 'nonsense', status: 999 })).toEqual([])
    expect(problemsOf({ ...hurt, requestBody: '[]' })).not.toEqual([])
  })

  it('a list of states separated by commas holds, as it is documented and not as the enum has it', () => {
    const entry = wire.find(({ vendor, path }) => vendor === 'mirakl' && path === '/api/orders')
    if (entry === undefined) throw new Error('no list of orders on the wire')
    expect(problemsOf({ ...entry, query: 'order_state_codes=SHIPPING,RECEIVED' })).toEqual([])
  })

  describe('and what is off does not hold:', () => {
    const a = (call: string, status?: number): Exchange => {
      const [method, path = ''] = call.split(' ')
      const good = (entry: Exchange) => entry.fault === undefined && entry.status === (status ?? 200)
      const entry = wire.find((one) => one.method === method && new RegExp(path).test(one.path) && good(one))
      if (entry === undefined) throw new Error(`no ${call} on the wire`)
      expect(problemsOf(entry)).toEqual([])
      return entry
    }
    const edited = (text: string, change: (body: never) => void): string => {
      const body: unknown = JSON.parse(text)
      change(body as never)
      return JSON.stringify(body)
    }
    type Row = Record<string, unknown>

    it.each<[string, () => Exchange, string]>([
      ['a path that the vendor does not have', () => ({ ...a('GET /stores$'), path: '/shops' }), 'no model has'],
      ['a method that the path does not have', () => ({ ...a('GET /stores$'), method: 'PATCH' }), 'no model has'],
      [
        'a query parameter nobody knows',
        () => ({ ...a('GET /fulfillments$'), query: 'createdSince=1' }),
        'query createdSince is in no model',
      ],
      ['a number that is a word', () => ({ ...a('GET /fulfillments$'), query: 'pageSize=many' }), 'pageSize must be integer'],
      [
        'a value outside its list',
        () => ({ ...a('GET /fulfillments$'), query: 'sortBy=Mood' }),
        'sortBy must be equal to one of the allowed values',
      ],
      [
        'a list of too many',
        () => ({ ...a('GET /orders/2026-01-01/orders$'), query: 'maxResultsPerPage=1000' }),
        'maxResultsPerPage',
      ],
      [
        'a search that begins twice',
        () => ({
          ...a('GET /orders/2026-01-01/orders$'),
          query: 'createdAfter=2026-01-01T00:00:00Z&lastUpdatedAfter=2026-01-01T00:00:00Z',
        }),
        'exclude each other',
      ],
      [
        'a date that is none',
        () => ({ ...a('GET /orders/2026-01-01/orders$'), query: 'lastUpdatedAfter=yesterday' }),
        'lastUpdatedAfter must match format "date-time"',
      ],
      [
        'a state nobody knows',
        () => ({ ...a('GET /api/orders$'), query: 'order_state_codes=SHIPPING,LOST' }),
        'order_state_codes',
      ],
      ['a parameter sent twice', () => ({ ...a('GET /api/orders$'), query: 'max=10&max=20' }), 'max is sent 2 times'],
      ['a page longer than allowed', () => ({ ...a('GET /api/shipments$'), query: 'limit=101' }), 'limit must be <= 100'],
      ['a required parameter left out', () => ({ ...a('GET /orders/v0/orders$'), query: '' }), 'MarketplaceIds is missing'],
      ['an order id that is no number', () => ({ ...a('GET /orders/\\d+$'), path: '/orders/none' }), 'orderId must be integer'],
      [
        'an unknown key in an order sent',
        () => {
          const entry = a('POST /orders/createorders$')
          return { ...entry, requestBody: edited(entry.requestBody, ([row]: Row[]) => Object.assign(row!, { ordernumber: 1 })) }
        },
        'request',
      ],
      [
        'a package without its carrier',
        () => {
          const entry = a('POST shipmentConfirmation$', 204)
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { packageDetail: Row }) => delete body.packageDetail['carrierCode']),
          }
        },
        "must have required property 'carrierCode'",
      ],
      [
        'a package whose reference is a word',
        () => {
          const entry = a('POST shipmentConfirmation$', 204)
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { packageDetail: Row }) =>
              Object.assign(body.packageDetail, { packageReferenceId: 'P-1' }),
            ),
          }
        },
        'must match pattern',
      ],
      [
        'a restricted token for data that there are none of',
        () => {
          const entry = a('POST restrictedDataToken$')
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { restrictedResources: Row[] }) =>
              Object.assign(body.restrictedResources[0]!, { dataElements: ['shoeSize'] }),
            ),
          }
        },
        'must be equal to one of the allowed values',
      ],
      [
        'a restricted token that is asked for with a misspelt key',
        () => {
          const entry = a('POST restrictedDataToken$')
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { restrictedResources: Row[] }) =>
              Object.assign(body.restrictedResources[0]!, { data_elements: [] }),
            ),
          }
        },
        'must NOT have unevaluated properties',
      ],
      [
        'a login without its secret',
        () => ({ ...a('POST /auth/o2/token$'), requestBody: 'grant_type=refresh_token&refresh_token=r&client_id=c' }),
        "must have required property 'client_secret'",
      ],
      [
        'a body sent as something else',
        () => ({ ...a('POST /api/shipments$', 201), requestType: 'text/plain' }),
        'the body is sent as text/plain',
      ],
      [
        'a key that only ShipStation may set',
        () => {
          const entry = a('POST /orders/createorders$')
          return {
            ...entry,
            requestBody: edited(entry.requestBody, ([row]: { items: Row[] }[]) =>
              Object.assign(row!.items[0]!, { orderItemId: 1 }),
            ),
          }
        },
        'orderItemId',
      ],
      [
        'a decision about acceptance that is a word',
        () => {
          const entry = a('PUT accept$', 204)
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { order_lines: Row[] }) =>
              Object.assign(body.order_lines[0]!, { accepted: 'yes' }),
            ),
          }
        },
        'must be boolean',
      ],
      [
        'a shipment of half a unit',
        () => {
          const entry = a('POST /api/shipments$', 201)
          return {
            ...entry,
            requestBody: edited(entry.requestBody, (body: { shipments: { shipment_lines: Row[] }[] }) =>
              Object.assign(body.shipments[0]!.shipment_lines[0]!, { quantity: 0.5 }),
            ),
          }
        },
        'must be integer',
      ],
      ['a request without its body', () => ({ ...a('POST /orders/createorders$'), requestBody: '' }), 'the body is missing'],
      ['a body that is no JSON', () => ({ ...a('POST /orders/createorders$'), requestBody: '[{' }), 'the body is not JSON'],
      ['a body where none belongs', () => ({ ...a('GET /stores$'), requestBody: '{}' }), 'a body is sent where no model has one'],
      [
        'a reply with a status the vendor does not give',
        () => ({ ...a('GET /stores$'), status: 418 }),
        'no model has a reply 418',
      ],
      [
        'a reply of another type',
        () => ({ ...a('GET /shipments$'), replyBody: '{"shipments":[],"total":"none","page":1,"pages":1}' }),
        'must be integer',
      ],
      [
        'a reply with a key that the vendor does not have',
        () => {
          const entry = a('GET /api/orders$')
          return {
            ...entry,
            replyBody: edited(entry.replyBody, (body: { orders: Row[] }) => Object.assign(body.orders[0]!, { colour: 'red' })),
          }
        },
        'must NOT have additional properties',
      ],
      [
        'a reply that lacks what the vendor always tells',
        () => {
          const entry = a('GET /orders/2026-01-01/orders$')
          return { ...entry, replyBody: edited(entry.replyBody, (body: { orders: Row[] }) => delete body.orders[0]!['orderId']) }
        },
        "must have required property 'orderId'",
      ],
      [
        'a reply that is a page of HTML',
        () => ({ ...a('GET /stores$'), contentType: 'text/html', replyBody: '<p>' }),
        "sent as 'text/html'",
      ],
      ['a reply without its body', () => ({ ...a('GET /stores$'), replyBody: '' }), 'reply 200 is not JSON'],
    ])('%s', (_, spoil, told) => {
      expect(problemsOf(spoil()).join('\n')).toContain(told)
    })
  })
})
