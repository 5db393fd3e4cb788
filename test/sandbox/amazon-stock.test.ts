import { afterEach, describe, expect, it } from 'vitest'
import { ask, MINUTE, NOW, US } from './amazon-client.ts'
import { AVAILABILITY, LISTINGS, merge, openStock, quantityBody, SECOND, type StockClient } from './amazon-stock-client.ts'

let open: StockClient | undefined

async function start(seed: unknown = {}): Promise<StockClient> {
  open = await openStock(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

const MUG = { sku: 'MUG-1', quantity: 7, lead_time: 3, restock_date: '2027-01-15' }
const AMAZONS = { sku: 'MUG-FBA', channel: 'FBA' }

describe('looking at listings', () => {
  it('says who ships: the merchant, Amazon, or places of the merchant', async () => {
    const { item } = await start({
      listings: [MUG, AMAZONS, { sku: 'MUG-SHOPS', channel: 'LOCATIONS', locations: { S1: 4, S2: 0 } }],
    })
    expect((await item('MUG-1')).body).toEqual({
      sku: 'MUG-1',
      fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: 7 }],
      productTypes: [{ marketplaceId: US, productType: 'HOME' }],
    })
    expect((await item('MUG-FBA')).body.fulfillmentAvailability).toEqual([{ fulfillmentChannelCode: 'AMAZON_NA' }])
    expect((await item('MUG-SHOPS')).body.fulfillmentAvailability).toEqual([
      { fulfillmentChannelCode: 'DEFAULT', quantity: 0 },
      { fulfillmentChannelCode: 'S1', quantity: 4 },
      { fulfillmentChannelCode: 'S2', quantity: 0 },
    ])
  })

  it('shows the handling time in the attributes only, and a summary when nothing is asked for', async () => {
    const { item, get } = await start({ listings: [MUG] })
    expect((await item('MUG-1', 'attributes')).body.attributes.fulfillment_availability).toEqual([
      {
        fulfillment_channel_code: 'DEFAULT',
        quantity: 7,
        lead_time_to_ship_max_days: 3,
        restock_date: '2027-01-15',
        marketplace_id: US,
      },
    ])
    const plain = await get(`${LISTINGS}/MUG-1`, { marketplaceIds: US })
    expect(Object.keys(plain.body)).toEqual(['sku', 'summaries'])
    expect(plain.body.summaries[0].status).toEqual(['BUYABLE', 'DISCOVERABLE'])
    expect(plain.headers.get('x-amzn-ratelimit-limit')).toBe('5.0')
  })

  it('answers 404 to a SKU that is not there, not there any more, or in another marketplace', async () => {
    const { item, sandbox } = await start({
      accounts: [{ marketplaces: [US, 'A2EUQ1WTGCTBG2'] }],
      listings: [MUG, { sku: 'CA-ONLY', marketplaces: ['A2EUQ1WTGCTBG2'] }],
    })
    sandbox.act('amazon', 'delist', { sku: 'MUG-1' })
    for (const sku of ['NOBODY', 'MUG-1', 'CA-ONLY']) {
      const answer = await item(sku)
      expect(answer.status).toBe(404)
      expect(answer.body.errors[0]).toMatchObject({ code: 'NOT_FOUND', message: `SKU '${sku}' not found in marketplace ${US}` })
    }
  })

  it('finds up to twenty SKUs by name and leaves out what is not listed; a comma always parts two names', async () => {
    const { get } = await start({ rate_limits: 'off', listings: [{ sku: 'S-{n}', count: 30 }, { sku: 'A,B' }] })
    const by = (skus: readonly string[]) =>
      get(LISTINGS, { marketplaceIds: US, identifiersType: 'SKU', identifiers: skus.join(','), pageSize: '20' })
    const found = await by(['S-30', 'NOBODY', 'S-2'])
    expect(found.body).toMatchObject({ numberOfResults: 2, items: [{ sku: 'S-30' }, { sku: 'S-2' }] })
    expect(found.body.pagination).toBeUndefined()
    expect((await by(['A,B'])).body.items).toEqual([])
    expect((await by(Array.from({ length: 20 }, (_, i) => `S-${i + 1}`))).body.items).toHaveLength(20)
    expect((await by(Array.from({ length: 21 }, (_, i) => `S-${i + 1}`))).status).toBe(400)
  })

  it('shows ten of twenty names that were asked for when nobody says how long a page is', async () => {
    const { get } = await start({ listings: [{ sku: 'S-{n}', count: 20 }] })
    const identifiers = Array.from({ length: 20 }, (_, i) => `S-${i + 1}`).join(',')
    const first = await get(LISTINGS, { marketplaceIds: US, identifiersType: 'SKU', identifiers })
    expect(first.body.items).toHaveLength(10)
    const query = { marketplaceIds: US, identifiersType: 'SKU', identifiers, pageToken: first.body.pagination.nextToken }
    const second = await get(LISTINGS, query)
    expect(second.body.items.map((item: { sku: string }) => item.sku)).toContain('S-11')
    expect(second.body.pagination).toEqual({ previousToken: expect.any(String) })
    expect((await get(LISTINGS, { ...query, identifiers: 'S-1' })).status).toBe(400)
  })

  it('lists what changed last first', async () => {
    const { get, patch, sandbox } = await start({ listings: [{ sku: 'S-{n}', count: 3 }] })
    const skus = async () => {
      const { body } = await get(LISTINGS, { marketplaceIds: US })
      return body.items.map((item: { sku: string }) => item.sku)
    }
    expect(await skus()).toEqual(['S-3', 'S-2', 'S-1'])
    await patch('S-1', merge(4))
    expect(await skus()).toEqual(['S-3', 'S-2', 'S-1'])
    sandbox.clock.advance(MINUTE)
    expect(await skus()).toEqual(['S-1', 'S-3', 'S-2'])
  })

  it('walks through everything by page, but not beyond the thousandth', async () => {
    const { get } = await start({ rate_limits: 'off', listings: [{ sku: 'S-{n:5}', count: 1100 }] })
    const seen: string[] = []
    let token: string | undefined
    do {
      const query = { marketplaceIds: US, sortBy: 'sku', sortOrder: 'ASC', pageSize: '15' }
      const { body } = await get(LISTINGS, token === undefined ? query : { ...query, pageToken: token })
      expect(body.numberOfResults).toBe(1100)
      seen.push(...body.items.map((item: { sku: string }) => item.sku))
      token = body.pagination?.nextToken
    } while (token !== undefined)
    expect(seen).toHaveLength(1000)
    expect(new Set(seen).size).toBe(1000)
    expect([seen[0], seen.at(-1)]).toEqual(['S-00001', 'S-01000'])
  })

  it.each([
    ['no marketplace', { marketplaceIds: '' }],
    ['a foreign marketplace', { marketplaceIds: 'A1VC38T7YXB528' }],
    ['an unknown data set', { includedData: 'quantities' }],
    ['a page of 21', { pageSize: '21' }],
    ['identifiers of no type', { identifiers: 'MUG-1' }],
    ['a misspelt parameter', { identifierType: 'SKU' }],
  ])('answers 400 to a search with %s', async (_what, change) => {
    const { get } = await start({ listings: [MUG] })
    expect((await get(LISTINGS, { marketplaceIds: US, ...change })).status).toBe(400)
  })

  it('shows nobody the listings of another seller', async () => {
    const { get } = await start({ accounts: [{ seller_id: 'A2OTHER', client_id: 'other' }] })
    expect((await get('/listings/2021-08-01/items/A2OTHER', { marketplaceIds: US })).status).toBe(403)
  })

  it('wants a SKU with a slash or an apostrophe percent-encoded', async () => {
    const { get } = await start({ listings: [{ sku: 'KETTLE/1.7L' }, { sku: "KID'S CUP" }] })
    expect((await get(`${LISTINGS}/KETTLE%2F1.7L`, { marketplaceIds: US })).status).toBe(200)
    expect((await get(`${LISTINGS}/KETTLE/1.7L`, { marketplaceIds: US })).status).toBe(403)
    expect((await get(`${LISTINGS}/KID%27S%20CUP`, { marketplaceIds: US })).status).toBe(200)
    expect((await get(`${LISTINGS}/KID'S%20CUP`, { marketplaceIds: US })).status).toBe(403)
  })
})

describe('patching a quantity', () => {
  it('is accepted at once and seen by buyers a while later', async () => {
    const { patch, item, sandbox, listing } = await start({ listings: [MUG] })
    const quantity = async () => (await item('MUG-1')).body.fulfillmentAvailability[0].quantity
    const answer = await patch('MUG-1', merge(20))
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ sku: 'MUG-1', status: 'ACCEPTED', submissionId: expect.any(String), issues: [] })
    expect(await quantity()).toBe(7)
    sandbox.clock.advance(5 * SECOND - 1)
    expect(await quantity()).toBe(7)
    sandbox.clock.advance(1)
    expect(await quantity()).toBe(20)
    expect(listing('MUG-1')).toMatchObject({
      quantity: 20,
      history: [
        [NOW, 7, 'seed'],
        [NOW + 5 * SECOND, 20, 'patch'],
      ],
    })
  })

  it('goes live in the order of the submissions, after the delay that is set', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG], stock: { live_after_ms: MINUTE } })
    await patch('MUG-1', merge(1))
    sandbox.clock.advance(SECOND)
    await patch('MUG-1', merge(2))
    sandbox.clock.advance(MINUTE - SECOND)
    expect(listing('MUG-1').quantity).toBe(1)
    sandbox.clock.advance(SECOND)
    expect(listing('MUG-1').quantity).toBe(2)
  })

  it('merge keeps the handling time and the restock date, replace erases what it does not name', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG], stock: { live_after_ms: 0 } })
    await patch('MUG-1', merge(8))
    expect(listing('MUG-1')).toMatchObject({ quantity: 8, lead_time: 3, restock_date: '2027-01-15' })
    await patch('MUG-1', quantityBody('replace', 9, { lead_time_to_ship_max_days: 2 }))
    expect(listing('MUG-1')).toMatchObject({ quantity: 9, lead_time: 2, restock_date: null })
    await patch('MUG-1', quantityBody('replace', 10))
    expect(listing('MUG-1')).toMatchObject({ quantity: 10, lead_time: null, restock_date: null })
    sandbox.clock.advance(MINUTE)
    await patch('MUG-1', quantityBody('delete', undefined))
    expect(listing('MUG-1')).toMatchObject({ quantity: null, records: [] })
  })

  it.each([
    [
      'the camel-case name of the attribute',
      { patches: [{ op: 'replace', path: '/attributes/fulfillmentAvailability', value: [{ quantity: 1 }] }] },
      '90000900',
    ],
    ['no channel code', { patches: [{ op: 'merge', path: AVAILABILITY, value: [{ quantity: 1 }] }] }, '99022'],
    ['an empty channel code', merge(1, { fulfillment_channel_code: '' }), '99022'],
    ['a handling time without a quantity', merge(undefined, { lead_time_to_ship_max_days: 2 }), '99022'],
    ['a quantity below zero', merge(-1), '4000001'],
    ['half a piece', merge(1.5), '4000001'],
    ['a quantity that is text', merge('1'), '4000001'],
    ['a location that the listing has not', merge(1, { fulfillment_channel_code: 'S9' }), '4000001'],
    [
      'a path below the attribute',
      { patches: [{ op: 'replace', path: `${AVAILABILITY}/0`, value: [{ quantity: 1 }] }] },
      'BAD_REQUEST',
    ],
    ['a product type of something else', { ...merge(1), productType: 'LUGGAGE' }, '4000002'],
  ])('with %s is INVALID, under HTTP 200, and changes nothing', async (_what, body, code) => {
    const { patch, sandbox, listing } = await start({ listings: [MUG] })
    const answer = await patch('MUG-1', { productType: 'PRODUCT', ...body })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ sku: 'MUG-1', status: 'INVALID', issues: [{ code, severity: 'ERROR' }] })
    sandbox.clock.advance(MINUTE)
    expect(listing('MUG-1').history).toEqual([[NOW, 7, 'seed']])
  })

  it('takes the own product type, and of a strict listing only that', async () => {
    const { patch } = await start({ listings: [MUG, { sku: 'CHAIR', product_type: 'CHAIR', strict_type: true }] })
    expect((await patch('MUG-1', { ...merge(1), productType: 'HOME' })).body.status).toBe('ACCEPTED')
    expect((await patch('CHAIR', merge(1))).body.status).toBe('INVALID')
    expect((await patch('CHAIR', { ...merge(1), productType: 'CHAIR' })).body.status).toBe('ACCEPTED')
  })

  it('of an unknown SKU is INVALID, or, as Amazon does at times, accepted to no effect', async () => {
    const { patch, sandbox } = await start({ listings: [MUG] })
    expect((await patch('NOBODY', merge(1))).body).toMatchObject({ status: 'INVALID', issues: [{ code: '13013' }] })
    sandbox.seed('amazon', { stock: { unknown_skus: 'accepted', live_after_ms: 0 } })
    expect((await patch('NOBODY', merge(1))).body).toMatchObject({ status: 'ACCEPTED', issues: [] })
    expect(sandbox.books('amazon')).toMatchObject({ written_without_listing: ['NOBODY'], listings: [{ sku: 'MUG-1' }] })
  })

  it('of an FBA SKU makes a second, merchant record, and the books say so', async () => {
    const { patch, item, sandbox, listing } = await start({ listings: [AMAZONS] })
    expect(listing('MUG-FBA')).toMatchObject({ quantity: null, doubled: false })
    expect((await patch('MUG-FBA', merge(3))).body.status).toBe('ACCEPTED')
    sandbox.clock.advance(MINUTE)
    expect((await item('MUG-FBA')).body.fulfillmentAvailability).toEqual([
      { fulfillmentChannelCode: 'AMAZON_NA' },
      { fulfillmentChannelCode: 'DEFAULT', quantity: 3 },
    ])
    expect(listing('MUG-FBA')).toMatchObject({ quantity: 3, doubled: true })
  })

  it('of a SKU with stock by location counts on top of the locations, and the books say so', async () => {
    const { patch, listing } = await start({
      stock: { live_after_ms: 0 },
      listings: [{ sku: 'SHOPS', channel: 'LOCATIONS', locations: { S1: 4 } }],
    })
    await patch('SHOPS', merge(2, { fulfillment_channel_code: 'S1' }))
    expect(listing('SHOPS')).toMatchObject({ doubled: false, records: [{ quantity: 0 }, { code: 'S1', quantity: 2 }] })
    await patch('SHOPS', merge(5))
    expect(listing('SHOPS').doubled).toBe(true)
  })

  it('in preview is VALID or INVALID, changes nothing, and has a slower limit of its own', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG] })
    const mode = { mode: 'VALIDATION_PREVIEW', includedData: 'identifiers,issues' }
    const good = await patch('MUG-1', merge(9), mode)
    expect(good.body).toMatchObject({ status: 'VALID', identifiers: [{ marketplaceId: US, asin: 'B000000001' }] })
    expect((await patch('MUG-1', merge(9), mode)).status).toBe(429)
    sandbox.clock.advance(MINUTE)
    expect((await patch('MUG-1', merge(-9), mode)).body.status).toBe('INVALID')
    expect(listing('MUG-1').history).toHaveLength(1)
  })

  it('remembers that something else of the offer was written', async () => {
    const { patch, listing } = await start({ listings: [MUG], stock: { live_after_ms: 0 } })
    await patch('MUG-1', { productType: 'PRODUCT', patches: [{ op: 'replace', path: '/attributes/list_price', value: [{}] }] })
    expect(listing('MUG-1')).toMatchObject({ also_written: ['list_price'], quantity: 7, history: [[NOW, 7, 'seed']] })
  })

  it.each([
    ['no patches', { productType: 'PRODUCT' }, {}],
    ['patches that are an object', { productType: 'PRODUCT', patches: { op: 'merge' } }, {}],
    ['an unknown operation', quantityBody('move', 1), {}],
    ['a value that is no list', { productType: 'PRODUCT', patches: [{ op: 'merge', path: AVAILABILITY, value: {} }] }, {}],
    ['no product type', { patches: [{ op: 'merge', path: AVAILABILITY, value: [{}] }] }, {}],
    ['two marketplaces', merge(1), { marketplaceIds: `${US},A2EUQ1WTGCTBG2` }],
    ['an unknown mode', merge(1), { mode: 'TEST' }],
  ])('answers 400 to %s', async (_what, body, query) => {
    const { patch } = await start({ accounts: [{ marketplaces: [US, 'A2EUQ1WTGCTBG2'] }], listings: [MUG] })
    expect((await patch('MUG-1', body, query)).status).toBe(400)
  })

  it('lets five through at once and five a second after that', async () => {
    const { patch, sandbox } = await start({ listings: [MUG] })
    const statuses: number[] = []
    for (let i = 0; i < 6; i += 1) statuses.push((await patch('MUG-1', merge(i))).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    sandbox.clock.advance(200)
    const again = await patch('MUG-1', merge(1))
    expect([again.status, again.headers.get('x-amzn-ratelimit-limit')]).toEqual([200, '5.0'])
    expect(sandbox.books('amazon')).toMatchObject({ throttled: 1, calls: { patchListingsItem: 7 } })
  })

  it('needs a token like everything else', async () => {
    const { origin } = await start({ listings: [MUG] })
    const answer = await ask(`${origin}${LISTINGS}/MUG-1?marketplaceIds=${US}`, { method: 'PATCH', body: '{}' })
    expect(answer.status).toBe(403)
  })
})
