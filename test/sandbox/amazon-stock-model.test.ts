import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { amazonDefinitions, MODELS_FOLDER, MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { type Answer, MINUTE, US } from './amazon-client.ts'
import { FEEDS, LISTINGS, merge, message, openStock, quantityBody, SELLER, type StockClient } from './amazon-stock-client.ts'

const EVERYTHING = 'summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes'
const GIVEN = {
  productType: 'PRODUCT',
  attributes: { fulfillment_availability: [{ fulfillment_channel_code: 'DEFAULT', quantity: 1 }] },
}

/** Messages, good and bad by the vendor's schema; both sides must agree on every one. */
const MESSAGES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['a patch', message(1, 'MUG-1', 5)],
  ['a patch that names requirements', message(1, 'MUG-1', 5, { requirements: 'LISTING' })],
  ['a patch that has attributes', message(1, 'MUG-1', 5, { attributes: {} })],
  ['a patch of nothing', message(1, 'MUG-1', 5, { patches: [] })],
  ['a patch without a path', message(1, 'MUG-1', 5, { patches: [{ op: 'merge', value: [{}] }] })],
  ['a patch that moves', message(1, 'MUG-1', 5, { patches: [{ op: 'move', path: '/attributes/list_price', value: [{}] }] })],
  ['a patch of one object', message(1, 'MUG-1', 5, { patches: [{ op: 'merge', path: '/attributes/list_price', value: {} }] })],
  ['a patch without a product type', message(1, 'MUG-1', 5, { productType: undefined })],
  ['a message numbered zero', message(0, 'MUG-1', 5)],
  ['a message numbered in text', message(1, 'MUG-1', 5, { messageId: '1' })],
  ['a message without a SKU', message(1, '', 5)],
  ['an unknown operation', message(1, 'MUG-1', 5, { operationType: 'UPSERT' })],
  ['an update', { messageId: 1, sku: 'MUG-1', operationType: 'UPDATE', requirements: 'LISTING', ...GIVEN }],
  ['an update of unknown requirements', { messageId: 1, sku: 'MUG-1', operationType: 'UPDATE', requirements: 'OFFER', ...GIVEN }],
  ['an update of nothing', { messageId: 1, sku: 'MUG-1', operationType: 'UPDATE', productType: 'PRODUCT', attributes: {} }],
  ['a partial update', { messageId: 1, sku: 'MUG-1', operationType: 'PARTIAL_UPDATE', ...GIVEN }],
  [
    'a partial update by requirements',
    { messageId: 1, sku: 'MUG-1', operationType: 'PARTIAL_UPDATE', requirements: 'LISTING', ...GIVEN },
  ],
  ['a deletion', { messageId: 1, sku: 'MUG-1', operationType: 'DELETE' }],
  ['a deletion of a product type', { messageId: 1, sku: 'MUG-1', operationType: 'DELETE', productType: 'PRODUCT' }],
]

function schema(file: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  return ajv.compile(JSON.parse(readFileSync(`${MODELS_FOLDER}amazon/specs/${file}`, 'utf8')))
}

function holds(validate: ValidateFunction, answer: Answer, status: number): void {
  expect(answer.status).toBe(status)
  good(validate, answer.body)
}

function good(validate: ValidateFunction, value: unknown): void {
  validate(value)
  expect(validate.errors ?? []).toEqual([])
}

describe.skipIf(!MODELS_FOUND)(titleWithModels('amazon stock: replies hold against the published models'), () => {
  let client: StockClient
  let listings: (name: string) => ValidateFunction
  let feeds: (name: string) => ValidateFunction

  beforeAll(async () => {
    listings = amazonDefinitions('listingsItems_2021-08-01.json')
    feeds = amazonDefinitions('feeds_2021-06-30.json')
    client = await openStock({
      rate_limits: 'off',
      listings: [
        { sku: 'MUG-1', quantity: 7, lead_time: 3, restock_date: '2027-01-15', price: '14.50', title: 'Mug' },
        { sku: 'FBA', channel: 'FBA' },
        { sku: 'SHOPS', channel: 'LOCATIONS', quantity: 2 },
        { sku: 'FAILED', quantity: 1 },
        { sku: 'S-{n}', count: 30 },
      ],
    })
    client.sandbox.act('amazon', 'fail-sku', { sku: 'FAILED', late: true })
    expect((await client.patch('FAILED', merge(2))).body.status).toBe('ACCEPTED')
    expect((await client.patch('FBA', merge(2))).body.status).toBe('ACCEPTED')
    client.sandbox.clock.advance(MINUTE)
  })

  afterAll(async () => {
    await client.sandbox.close()
  })

  it.each(['', EVERYTHING, ...EVERYTHING.split(',')])('searchListingsItems with includedData %j', async (includedData) => {
    const query = { marketplaceIds: US, pageSize: '20', ...(includedData === '' ? {} : { includedData }) }
    const first = await client.get(LISTINGS, query)
    holds(listings('ItemSearchResults'), first, 200)
    expect(first.body.items).toHaveLength(20)
    const second = await client.get(LISTINGS, { ...query, pageToken: first.body.pagination.nextToken })
    holds(listings('ItemSearchResults'), second, 200)
    expect(second.body.items).toHaveLength(14)
  })

  it.each(['MUG-1', 'FBA', 'SHOPS', 'FAILED'])('getListingsItem of %s with everything', async (sku) => {
    const answer = await client.item(sku, EVERYTHING)
    holds(listings('Item'), answer, 200)
    expect(answer.body.issues).toHaveLength(sku === 'FAILED' ? 1 : 0)
  })

  it('patchListingsItem: accepted, refused, and in preview', async () => {
    const mode = { mode: 'VALIDATION_PREVIEW', includedData: 'identifiers,issues' }
    for (const answer of [
      await client.patch('MUG-1', merge(4)),
      await client.patch('MUG-1', merge(-4)),
      await client.patch('NOBODY', merge(4)),
      await client.patch('MUG-1', merge(4), mode),
      await client.patch('NOBODY', merge(4), mode),
    ]) {
      holds(listings('ListingsItemSubmissionResponse'), answer, 200)
    }
    good(listings('ListingsItemPatchRequest'), merge(4))
    good(listings('ListingsItemPatchRequest'), quantityBody('replace', 4))
  })

  it('errors of the listings operations', async () => {
    holds(listings('ErrorList'), await client.item('NOBODY'), 404)
    holds(listings('ErrorList'), await client.get(LISTINGS, { marketplaceIds: 'invalid' }), 400)
    holds(listings('ErrorList'), await client.patch('MUG-1', {}), 400)
    holds(listings('ErrorList'), await client.get(LISTINGS, { marketplaceIds: US }, 'nonsense'), 403)
  })

  it('the documents, the feed in each of its states, and its report', async () => {
    const document = await client.post(`${FEEDS}/documents`, { contentType: 'application/json' })
    holds(feeds('CreateFeedDocumentResponse'), document, 201)
    const id = await client.feed([message(1, 'MUG-1', 5), message(2, 'NOBODY', 5), message(3, 'MUG-1', -5)])
    const fatal = await client.feedOf('no JSON')
    for (const [advanceMs, state] of [
      [0, 'IN_QUEUE'],
      [20_000, 'IN_PROGRESS'],
      [MINUTE, 'DONE'],
    ] as const) {
      client.sandbox.clock.advance(advanceMs)
      const answer = await client.get(`${FEEDS}/feeds/${id}`)
      holds(feeds('Feed'), answer, 200)
      expect(answer.body.processingStatus).toBe(state)
    }
    const { resultFeedDocumentId } = await client.status(id)
    holds(feeds('FeedDocument'), await client.get(`${FEEDS}/documents/${resultFeedDocumentId}`), 200)
    const report = schema('listings-feed-processing-report-schema-v2.json')
    good(report, await client.report(id))
    good(report, await client.report(fatal))
    holds(feeds('Feed'), await client.get(`${FEEDS}/feeds/${fatal}`), 200)
  })

  it('errors of the feeds operations', async () => {
    holds(feeds('ErrorList'), await client.get(`${FEEDS}/feeds/1`), 404)
    holds(feeds('ErrorList'), await client.get(`${FEEDS}/documents/none`), 404)
    holds(feeds('ErrorList'), await client.post(`${FEEDS}/documents`, {}), 400)
    holds(feeds('ErrorList'), await client.post(`${FEEDS}/feeds`, {}), 400)
  })

  it.each(MESSAGES)('%s of a feed is taken or refused for its form just as the schema says', async (_what, sent) => {
    const id = await client.feed([sent])
    client.sandbox.clock.advance(MINUTE)
    const { issues } = await client.report(id)
    const isRefused = issues.some(({ code }) => code === '4002008')
    const feed = JSON.parse(JSON.stringify({ header: { sellerId: SELLER, version: '2.0' }, messages: [sent] }))
    const one = schema('listings-feed-message-schema-v2.json')
    expect({ isRefused, whole: schema('listings-feed-schema-v2.json')(feed) }).toEqual({
      isRefused: !one(feed.messages[0]),
      whole: one(feed.messages[0]),
    })
    client.sandbox.act('amazon', 'list', { sku: 'MUG-1', quantity: 7 })
  })

  it('both kinds of messages are among those', () => {
    const one = schema('listings-feed-message-schema-v2.json')
    const verdicts = MESSAGES.map(([, sent]) => one(JSON.parse(JSON.stringify(sent))))
    expect(new Set(verdicts)).toEqual(new Set([true, false]))
  })
})
