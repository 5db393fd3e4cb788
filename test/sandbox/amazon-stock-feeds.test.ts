import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { MINUTE, NOW, US } from './amazon-client.ts'
import {
  AVAILABILITY,
  FEEDS,
  merge,
  message,
  openStock,
  SECOND,
  SELLER,
  type StockClient,
  upload,
} from './amazon-stock-client.ts'

let open: StockClient | undefined

async function start(seed: unknown = {}): Promise<StockClient> {
  open = await openStock(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

const TWO = [
  { sku: 'MUG-1', quantity: 7, lead_time: 3 },
  { sku: 'MUG-2', quantity: 1 },
]

describe('a feed', () => {
  it('waits, is worked on, is done, and only then changes what buyers see', async () => {
    const { feed, status, report, sandbox, listing } = await start({ listings: TWO })
    const id = await feed([message(1, 'MUG-1', 20), message(2, 'MUG-2', 0)])
    expect(await status(id)).toEqual({
      feedId: id,
      feedType: 'JSON_LISTINGS_FEED',
      marketplaceIds: [US],
      createdTime: new Date(NOW).toISOString(),
      processingStatus: 'IN_QUEUE',
    })
    sandbox.clock.advance(15 * SECOND)
    expect(await status(id)).toMatchObject({ processingStatus: 'IN_PROGRESS' })
    expect(listing('MUG-1').quantity).toBe(7)
    sandbox.clock.advance(45 * SECOND)
    expect(await status(id)).toMatchObject({ processingStatus: 'DONE', processingEndTime: new Date(NOW + MINUTE).toISOString() })
    expect(await report(id)).toEqual({
      header: { sellerId: SELLER, version: '2.0', feedId: id },
      issues: [],
      summary: { errors: 0, warnings: 0, messagesProcessed: 2, messagesAccepted: 2, messagesInvalid: 0 },
    })
    expect(listing('MUG-1').quantity).toBe(7)
    sandbox.clock.advance(5 * SECOND)
    expect(listing('MUG-1')).toMatchObject({
      quantity: 20,
      lead_time: 3,
      history: [
        [NOW, 7, 'seed'],
        [NOW + 65 * SECOND, 20, 'feed'],
      ],
    })
    expect(listing('MUG-2').quantity).toBe(0)
    expect(sandbox.books('amazon')).toMatchObject({ feeds: [{ feed_id: id, status: 'DONE', accepted: 2, invalid: 0 }] })
  })

  it('may be overtaken by a patch that was sent after it, and then has the last word', async () => {
    const { feed, patch, sandbox, listing } = await start({ listings: TWO })
    await feed([message(1, 'MUG-1', 20)])
    await patch('MUG-1', merge(15))
    sandbox.clock.advance(5 * SECOND)
    expect(listing('MUG-1').quantity).toBe(15)
    sandbox.clock.advance(MINUTE)
    expect(listing('MUG-1').history.map(([, quantity, by]) => [quantity, by])).toEqual([
      [7, 'seed'],
      [15, 'patch'],
      [20, 'feed'],
    ])
  })

  it('is judged message by message: what is wrong is named by its number and stops nothing else', async () => {
    const { feed, report, sandbox, listing } = await start({ listings: [...TWO, { sku: 'MUG-3', quantity: 3 }] })
    const id = await feed([
      message(10, 'MUG-1', 20),
      message(11, 'NOBODY', 1),
      message(12, 'MUG-2', -4),
      message(13, 'MUG-2', 1, { patches: [{ op: 'replace', path: AVAILABILITY, value: [{ quantity: 1 }] }] }),
      message(10, 'MUG-3', 9),
      message(14, 'MUG-3', 9, { attributes: {} }),
      message(15, 'MUG-3', 9, { operationType: 'REPLACE' }),
      { ...message(0, 'MUG-3', 9), messageId: 'sixteen' },
    ])
    sandbox.clock.advance(2 * MINUTE)
    const { issues, summary } = await report(id)
    expect(issues.map((row) => [row['messageId'], row['code'], row['severity']])).toEqual([
      [11, '13013', 'ERROR'],
      [12, '4000001', 'ERROR'],
      [13, 'BAD_REQUEST', 'ERROR'],
      [10, '4002008', 'ERROR'],
      [14, '4002008', 'ERROR'],
      [15, '4002008', 'ERROR'],
      [undefined, '4002008', 'ERROR'],
    ])
    expect(summary).toEqual({ errors: 7, warnings: 0, messagesProcessed: 8, messagesAccepted: 1, messagesInvalid: 7 })
    expect([listing('MUG-1').quantity, listing('MUG-2').quantity, listing('MUG-3').quantity]).toEqual([20, 1, 3])
  })

  it('erases the handling time by PARTIAL_UPDATE, takes a listing off by DELETE, and empties it by UPDATE', async () => {
    const { feed, sandbox, listing } = await start({ listings: [...TWO, { sku: 'MUG-3', quantity: 3, lead_time: 1 }] })
    const value = [{ fulfillment_channel_code: 'DEFAULT', quantity: 9 }]
    const given = { productType: 'PRODUCT', attributes: { fulfillment_availability: value } }
    await feed([
      { messageId: 1, sku: 'MUG-1', operationType: 'PARTIAL_UPDATE', ...given },
      { messageId: 2, sku: 'MUG-2', operationType: 'DELETE' },
      {
        messageId: 3,
        sku: 'MUG-3',
        operationType: 'UPDATE',
        productType: 'PRODUCT',
        attributes: { item_name: [{ value: 'Mug' }] },
      },
    ])
    sandbox.clock.advance(2 * MINUTE)
    expect(listing('MUG-1')).toMatchObject({ quantity: 9, lead_time: null })
    expect(listing('MUG-2').listed).toBe(false)
    expect(listing('MUG-3')).toMatchObject({ quantity: null, lead_time: null, records: [], also_written: ['item_name'] })
  })

  it.each([
    ['no JSON', 'MUG-1 20', '4002001'],
    ['of another seller', JSON.stringify({ header: { sellerId: 'A2OTHER', version: '2.0' }, messages: [{}] }), '4002005'],
    ['of another version', JSON.stringify({ header: { sellerId: SELLER, version: '1.0' }, messages: [{}] }), '4002006'],
    ['without messages', JSON.stringify({ header: { sellerId: SELLER, version: '2.0' }, messages: [] }), '4002009'],
  ])('that is %s ends FATAL, with a report about the whole', async (_what, content, code) => {
    const { feedOf, status, report, sandbox } = await start({ listings: TWO })
    const id = await feedOf(content)
    sandbox.clock.advance(2 * MINUTE)
    expect((await status(id)).processingStatus).toBe('FATAL')
    expect(await report(id)).toMatchObject({ issues: [{ code, severity: 'ERROR' }], summary: { messagesProcessed: 0 } })
  })

  it('of a type that was switched off ends FATAL without any report', async () => {
    const { feedOf, status, sandbox } = await start({ listings: TWO })
    const id = await feedOf('<xml/>', 'POST_INVENTORY_AVAILABILITY_DATA')
    sandbox.clock.advance(2 * MINUTE)
    const ended = await status(id)
    expect(ended.processingStatus).toBe('FATAL')
    expect(ended).not.toHaveProperty('resultFeedDocumentId')
  })

  it('that holds too many messages or bytes ends FATAL', async () => {
    const { feed, report, sandbox } = await start({ listings: TWO, feeds: { max_messages: 2, max_bytes: 2000 } })
    const many = await feed([message(1, 'MUG-1', 1), message(2, 'MUG-1', 1), message(3, 'MUG-1', 1)])
    const long = await feed([message(1, 'X'.repeat(2000), 1)])
    sandbox.clock.advance(2 * MINUTE)
    expect((await report(many)).issues).toMatchObject([{ code: '4002009' }])
    expect((await report(long)).issues).toMatchObject([{ code: '4002010' }])
  })

  it('that is stuck stays IN_PROGRESS until it is let go', async () => {
    const { feed, status, sandbox, listing } = await start({ listings: TWO })
    sandbox.act('amazon', 'stick-feed')
    const stuck = await feed([message(1, 'MUG-1', 20)])
    const free = await feed([message(1, 'MUG-2', 20)])
    sandbox.clock.advance(50 * MINUTE)
    expect((await status(stuck)).processingStatus).toBe('IN_PROGRESS')
    expect((await status(free)).processingStatus).toBe('DONE')
    sandbox.act('amazon', 'stick-feed', { feed_id: stuck, on: false })
    expect((await status(stuck)).processingStatus).toBe('DONE')
    sandbox.clock.advance(5 * SECOND)
    expect(listing('MUG-1').quantity).toBe(20)
    expect(() => sandbox.act('amazon', 'stick-feed', { feed_id: stuck })).toThrow(/has ended DONE/)
  })

  it('takes as long as the settings say, and its report may come unpacked', async () => {
    const { feed, status, report, sandbox } = await start({
      listings: TWO,
      feeds: { queue_ms: 0, processing_ms: 10 * MINUTE, compress: false },
    })
    const id = await feed([message(1, 'MUG-1', 20)])
    expect((await status(id)).processingStatus).toBe('IN_PROGRESS')
    sandbox.clock.advance(10 * MINUTE)
    expect((await status(id)).processingStatus).toBe('DONE')
    expect((await report(id)).summary).toMatchObject({ messagesAccepted: 1 })
  })

  it('is nobody else’s to see, and unknown ones are not found', async () => {
    const { feed, get, exchange, sandbox } = await start({ listings: TWO })
    const id = await feed([message(1, 'MUG-1', 20)])
    sandbox.seed('amazon', { accounts: [{ seller_id: 'A2OTHER', client_id: 'other' }] })
    const grant = { grant_type: 'refresh_token', client_id: 'other', client_secret: 'sandbox-secret' }
    const other = (await exchange({ ...grant, refresh_token: 'sandbox-refresh-A2OTHER' })).body.access_token
    expect((await get(`${FEEDS}/feeds/${id}`, {}, other)).status).toBe(404)
    expect((await get(`${FEEDS}/feeds/1`)).status).toBe(404)
    expect((await get(`${FEEDS}/documents/none`)).status).toBe(404)
  })

  it('of 25,000 messages over 100,000 listings is done in well under a second', async () => {
    const { feedOf, report, sandbox, listing } = await start({ listings: [{ sku: 'SKU-{n:6}', count: 100_000, quantity: 3 }] })
    const messages = Array.from({ length: 25_000 }, (_, i) => message(i + 1, `SKU-${String(i * 4 + 1).padStart(6, '0')}`, i % 90))
    const id = await feedOf(JSON.stringify({ header: { sellerId: SELLER, version: '2.0' }, messages }))
    sandbox.clock.advance(2 * MINUTE)
    const before = process.cpuUsage()
    const { summary } = await report(id)
    const { user, system } = process.cpuUsage(before)
    expect(summary).toMatchObject({ messagesAccepted: 25_000, errors: 0 })
    expect(listing('SKU-000005').quantity).toBe(1)
    expect(listing('SKU-000002').quantity).toBe(3)
    // Time of the processor, not of the clock on the wall: others may be at work on the same machine.
    expect((user + system) / 1000).toBeLessThan(1000)
  })
})

describe('creating a feed', () => {
  const wanted = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US] }

  it('wants a document that has been uploaded', async () => {
    const { post } = await start()
    const { body } = await post(`${FEEDS}/documents`, { contentType: 'application/json' })
    const create = () => post(`${FEEDS}/feeds`, { ...wanted, inputFeedDocumentId: body.feedDocumentId })
    expect(await create()).toMatchObject({ status: 400, body: { errors: [{ code: 'InvalidInput' }] } })
    await upload(body.url, '{}')
    expect((await create()).status).toBe(202)
  })

  it.each([
    ['no type', { feedType: undefined }],
    ['no marketplace', { marketplaceIds: [] }],
    ['a foreign marketplace', { marketplaceIds: ['A1VC38T7YXB528'] }],
    ['an unknown document', { inputFeedDocumentId: 'none' }],
  ])('answers 400 to %s', async (_what, change) => {
    const { post } = await start()
    const { body } = await post(`${FEEDS}/documents`, { contentType: 'application/json' })
    await upload(body.url, '{}')
    const answer = await post(`${FEEDS}/feeds`, { ...wanted, inputFeedDocumentId: body.feedDocumentId, ...change })
    expect(answer.status).toBe(400)
  })

  it('lets five listings feeds through in five minutes, and counts other types apart', async () => {
    const { post, sandbox } = await start()
    const { body } = await post(`${FEEDS}/documents`, { contentType: 'application/json' })
    await upload(body.url, '{}')
    const create = (feedType: string) => post(`${FEEDS}/feeds`, { ...wanted, feedType, inputFeedDocumentId: body.feedDocumentId })
    for (let i = 0; i < 5; i += 1) expect((await create('JSON_LISTINGS_FEED')).status).toBe(202)
    expect(await create('JSON_LISTINGS_FEED')).toMatchObject({ status: 429, body: { errors: [{ code: 'QuotaExceeded' }] } })
    expect((await create('POST_PRODUCT_DATA')).status).toBe(202)
    sandbox.clock.advance(MINUTE)
    expect((await create('JSON_LISTINGS_FEED')).status).toBe(202)
    expect((await create('JSON_LISTINGS_FEED')).status).toBe(429)
  })

  it('fetches ten report addresses at once, then one every 45 seconds', async () => {
    const { feed, get, status, sandbox } = await start({ listings: TWO })
    const id = await feed([message(1, 'MUG-1', 1)])
    sandbox.clock.advance(MINUTE)
    const path = `${FEEDS}/documents/${(await status(id)).resultFeedDocumentId}`
    for (let i = 0; i < 10; i += 1) expect((await get(path)).headers.get('x-amzn-ratelimit-limit')).toBe('0.0222')
    expect((await get(path)).status).toBe(429)
    sandbox.clock.advance(46 * SECOND)
    expect((await get(path)).status).toBe(200)
  })
})

describe('the address of a document', () => {
  async function made(client: StockClient): Promise<string> {
    const { status, body } = await client.post(`${FEEDS}/documents`, { contentType: 'application/json' })
    expect(status).toBe(201)
    return body.url
  }

  it('lies on the same origin and takes the announced content type, without a token', async () => {
    const client = await start()
    const url = await made(client)
    expect(new URL(url).origin).toBe(client.origin)
    expect(await upload(url, '{}')).toEqual({ status: 200, body: '' })
  })

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, 403, 'SignatureDoesNotMatch'],
    ['a charset that was not announced', { 'content-type': 'application/json; charset=utf-8' }, 403, 'SignatureDoesNotMatch'],
    ['an access token', { 'content-type': 'application/json', 'x-amz-access-token': 'Atza|1' }, 403, 'AccessDenied'],
    ['a credential of its own', { 'content-type': 'application/json', authorization: 'Bearer 1' }, 400, 'InvalidArgument'],
  ])('refuses %s in XML, and keeps nothing', async (_what, headers, status, code) => {
    const client = await start()
    const { body } = await client.post(`${FEEDS}/documents`, { contentType: 'application/json' })
    const answer = await upload(body.url, '{}', headers)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatch(new RegExp(`^<\\?xml .*\\n<Error><Code>${code}</Code><Message>.+</Message>`))
    const used = { feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US], inputFeedDocumentId: body.feedDocumentId }
    expect((await client.post(`${FEEDS}/feeds`, used)).status).toBe(400)
  })

  it('dies after five minutes, for uploads and downloads alike', async () => {
    const client = await start({ listings: TWO })
    const url = await made(client)
    client.sandbox.clock.advance(5 * MINUTE)
    expect((await upload(url, '{}')).status).toBe(200)
    client.sandbox.clock.advance(1)
    const late = await upload(url, '{}')
    expect([late.status, late.body]).toEqual([403, expect.stringContaining('<Message>Request has expired</Message>')])

    const id = await client.feed([message(1, 'MUG-1', 20)])
    client.sandbox.clock.advance(MINUTE)
    const path = `${FEEDS}/documents/${(await client.status(id)).resultFeedDocumentId}`
    const { body } = await client.get(path)
    client.sandbox.clock.advance(5 * MINUTE + 1)
    expect((await fetch(body.url)).status).toBe(403)
    expect((await fetch((await client.get(path)).body.url)).status).toBe(200)
  })

  it('opens that document, for that method, and nothing that was changed in it', async () => {
    const client = await start()
    const url = await made(client)
    expect((await fetch(url)).status).toBe(403)
    expect((await upload(url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'), '{}')).status).toBe(403)
    expect((await upload(url.replace('sandbox-1', 'sandbox-2'), '{}')).status).toBe(403)
  })

  it('unpacks on the way when that was asked for', async () => {
    const { feed, get, status, sandbox } = await start({ listings: TWO })
    const id = await feed([message(1, 'MUG-1', 20)])
    sandbox.clock.advance(MINUTE)
    const path = `${FEEDS}/documents/${(await status(id)).resultFeedDocumentId}`
    const packed = await fetch((await get(path)).body.url)
    expect(packed.headers.get('content-encoding')).toBeNull()
    expect(Buffer.from(await packed.arrayBuffer()).subarray(0, 2)).toEqual(gzipSync('').subarray(0, 2))
    const open = await fetch((await get(path, { enableContentEncodingUrlHeader: 'true' })).body.url)
    expect(open.headers.get('content-encoding')).toBe('gzip')
    expect(await open.json()).toMatchObject({ header: { feedId: id } })
  })

  it('hides its signature from the journal', async () => {
    const client = await start()
    await upload(await made(client), JSON.stringify(merge(1)))
    const entry = client.sandbox.journal().find(({ method }) => method === 'PUT')
    expect(entry?.query).toContain('X-Amz-Signature=%5Bhidden%5D')
  })

  it('is told by the loopback address that the sandbox is reached at, whatever host a client writes into its calls', async () => {
    const client = await start()
    const standIn = client.sandbox.standIn('amazon')
    const reply = standIn.handle({
      method: 'POST',
      path: `${FEEDS}/documents`,
      query: new URLSearchParams(),
      headers: {
        host: 'sellingpartnerapi-na.amazon.com',
        'user-agent': 'story',
        'x-amz-access-token': client.token,
        'content-type': 'application/json',
      },
      body: Buffer.from('{"contentType":"application/json"}'),
    })
    expect(reply.body).toMatchObject({ url: expect.stringContaining(`${client.origin}/`) })
  })
})
