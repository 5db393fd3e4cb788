import { beforeAll, describe, expect, it } from 'vitest'
import type { JournalEntry, Vendor } from '../../src/sandbox/stand-in.ts'
import { contracts, found, loadModel, type Model, operationOf, replyProblems, requestProblems } from './models.ts'
import { playEverything, playTheOldWay } from './scenario.ts'

const TITLE = found
  ? 'what goes over the wire holds against the published models'
  : `NOT CHECKED: the published models are not at ${contracts}`

/** Every call the program makes. A new one belongs here, and its model into the contract. */
const EXPECTED: Readonly<Record<Vendor, readonly string[]>> = {
  amazon: [
    'GET /orders/2026-01-01/orders',
    'GET /orders/2026-01-01/orders/{orderId}',
    'GET /orders/v0/orders',
    'GET /orders/v0/orders/{orderId}/orderItems',
    'GET /sellers/v1/marketplaceParticipations',
    'POST /orders/v0/orders/{orderId}/shipmentConfirmation',
    'POST /tokens/2021-03-01/restrictedDataToken',
  ],
  mirakl: [
    'GET /api/account',
    'GET /api/orders',
    'GET /api/shipments',
    'GET /api/shipments/items_to_ship',
    'GET /api/shipping/carriers',
    'POST /api/shipments',
    'PUT /api/orders/{order_id}/accept',
    'PUT /api/orders/{order_id}/ship',
    'PUT /api/orders/{order_id}/tracking',
  ],
  shipstation: [
    'GET /fulfillments',
    'GET /orders',
    'GET /orders/{orderId}',
    'GET /shipments',
    'GET /stores',
    'POST /orders/createorders',
    'POST /orders/holduntil',
  ],
}

const VENDORS = ['amazon', 'mirakl', 'shipstation'] as const

/** Login with Amazon is not among the models of the selling partner API. */
const isLogin = ({ vendor, path }: JournalEntry) => vendor === 'amazon' && path === '/auth/o2/token'
/** The journal keeps no body of a call that hands out a credential. */
const isWithheld = ({ path }: JournalEntry) => path.endsWith('restrictedDataToken')

describe.skipIf(!found)(TITLE, () => {
  const models = new Map<Vendor, Model>()
  let journal: readonly JournalEntry[]

  beforeAll(async () => {
    for (const vendor of VENDORS) models.set(vendor, loadModel(vendor))
    const [now, before] = await Promise.all([playEverything(), playTheOldWay()])
    journal = [...now, ...before].filter((entry) => !isLogin(entry))
  }, 120_000)

  function problemsOf(entry: JournalEntry): string[] {
    const operation = operationOf(models.get(entry.vendor) ?? new Map(), entry)
    const call = `#${entry.n} ${entry.method} ${entry.path}?${entry.query} -> ${entry.status}`
    if (operation === undefined) return [`${call}: in no model`]
    const bodies = isWithheld(entry)
    const request = requestProblems(operation, entry).filter((problem) => !(bodies && problem.includes('request has no body')))
    // A fault is the sandbox's doing, not the vendor's words.
    const told = entry.fault !== undefined && entry.fault !== 'slow'
    const reply = told ? [] : replyProblems(operation, entry).filter((problem) => !(bodies && problem.includes('has no body')))
    return [...request, ...reply].map((problem) => `${call}: ${problem}`)
  }

  it.each(VENDORS)('every request to %s and every reply of its stand-in', (vendor) => {
    const own = journal.filter((entry) => entry.vendor === vendor)
    expect(own.length).toBeGreaterThan(10)
    expect([...new Set(own.flatMap(problemsOf))]).toEqual([])
  })

  it.each(VENDORS)('the calls made to %s are the ones that are known', (vendor) => {
    const own = journal.filter((entry) => entry.vendor === vendor)
    const seen = new Set(
      own.map((entry) => operationOf(models.get(vendor) ?? new Map(), entry)?.name ?? `unknown: ${entry.path}`),
    )
    expect([...seen].sort()).toEqual(EXPECTED[vendor])
  })

  it('hands out no credential through the journal', () => {
    expect(journal.filter(isWithheld).every(({ requestBody, replyBody }) => requestBody + replyBody === '')).toBe(true)
  })

  describe('and what is off does not hold:', () => {
    const a = (call: string, status?: number): JournalEntry => {
      const [method, path = ''] = call.split(' ')
      const good = (entry: JournalEntry) => entry.fault === undefined && entry.status === (status ?? 200)
      const entry = journal.find((one) => one.method === method && new RegExp(path).test(one.path) && good(one))
      if (entry === undefined) throw new Error(`no ${call} in the journal`)
      expect(problemsOf(entry)).toEqual([])
      return entry
    }
    const edited = (text: string, change: (body: never) => void): string => {
      const body: unknown = JSON.parse(text)
      change(body as never)
      return JSON.stringify(body)
    }
    type Row = Record<string, unknown>

    it.each<[string, () => JournalEntry, string]>([
      ['a path that the vendor does not have', () => ({ ...a('GET /stores$'), path: '/shops' }), 'in no model'],
      ['a method that the path does not have', () => ({ ...a('GET /stores$'), method: 'PATCH' }), 'in no model'],
      [
        'a query parameter nobody knows',
        () => ({ ...a('GET /fulfillments$'), query: 'createdSince=1' }),
        'query createdSince: no model knows it',
      ],
      ['a number that is a word', () => ({ ...a('GET /fulfillments$'), query: 'pageSize=many' }), 'query pageSize'],
      ['a value outside its list', () => ({ ...a('GET /fulfillments$'), query: 'sortBy=Mood' }), 'query sortBy'],
      [
        'a list of too many',
        () => ({ ...a('GET /orders/2026-01-01/orders$'), query: 'maxResultsPerPage=1000' }),
        'maxResultsPerPage',
      ],
      ['a required parameter left out', () => ({ ...a('GET /orders/v0/orders$'), query: '' }), 'MarketplaceIds is missing'],
      ['an order id that is no number', () => ({ ...a('GET /orders/\\d+$'), path: '/orders/none' }), 'path orderId'],
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
      ['a request without its body', () => ({ ...a('POST /orders/createorders$'), requestBody: '' }), 'request has no body'],
      ['a body that is no JSON', () => ({ ...a('POST /orders/createorders$'), requestBody: '[{' }), 'request is no JSON'],
      ['a body where none belongs', () => ({ ...a('GET /stores$'), requestBody: '{}' }), 'request has a body'],
      [
        'a reply with a status the vendor does not give',
        () => ({ ...a('GET /stores$'), status: 418 }),
        'reply 418 is in no model',
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
        'is text/html',
      ],
      ['a reply without its body', () => ({ ...a('GET /stores$'), replyBody: '' }), 'has no body'],
    ])('%s', (_, spoil, told) => {
      expect(problemsOf(spoil()).join('\n')).toContain(told)
    })
  })
})
