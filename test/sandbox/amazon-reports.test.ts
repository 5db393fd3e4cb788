import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { amazonDefinitions, MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { type Answer, type Client, ID, MINUTE, NOW, OTHER, openAmazon, US } from './amazon-client.ts'

const REPORTS = '/reports/2021-06-30'
const TYPE = 'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING'
const UK = 'A1F83G8C2ARO7P'
const OLD = NOW - 60 * MINUTE
const SECOND = 1000

let client: Client

beforeEach(async () => {
  client = await openAmazon({ rate_limits: 'off' })
})
afterEach(() => client.sandbox.close())

const seed = (...orders: readonly object[]) =>
  client.sandbox.seed('amazon', { orders: orders.map((order) => ({ created_at: OLD, ...order })) })
const ask = (body: object = {}) => client.post(`${REPORTS}/reports`, { reportType: TYPE, marketplaceIds: [US], ...body })
const report = (id: string) => client.get(`${REPORTS}/reports/${id}`)

/** A restricted token for a document, as the Tokens API gives it. */
async function tokenFor(documentId: string): Promise<string> {
  const restrictedResources = [{ method: 'GET', path: `${REPORTS}/documents/${documentId}` }]
  return (await client.post('/tokens/2021-03-01/restrictedDataToken', { restrictedResources })).body.restrictedDataToken
}

async function finished(body: object = {}): Promise<Answer> {
  const { reportId } = (await ask(body)).body
  client.sandbox.clock.advance(2 * MINUTE)
  return report(reportId)
}

interface Download {
  readonly type: string | null
  readonly bytes: Buffer
}

async function download(body: object = {}): Promise<Download> {
  const { reportDocumentId } = (await finished(body)).body
  const document = await client.get(`${REPORTS}/documents/${reportDocumentId}`, {}, await tokenFor(reportDocumentId))
  const answer = await fetch(document.body.url)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return {
    type: answer.headers.get('content-type'),
    bytes: document.body.compressionAlgorithm === 'GZIP' ? gunzipSync(bytes) : bytes,
  }
}

const linesOf = ({ bytes }: Download) => bytes.toString('utf8').split('\r\n').slice(0, -1)
const idsOf = (file: Download) =>
  linesOf(file)
    .slice(1)
    .map((line) => line.split('\t')[0])

describe('a report', () => {
  it('waits, is made, and leads to its document', async () => {
    seed({})
    const { status, body } = await ask()
    expect(status).toBe(202)

    expect((await report(body.reportId)).body).toMatchObject({ processingStatus: 'IN_QUEUE', reportType: TYPE })
    client.sandbox.clock.advance(20 * SECOND)
    expect((await report(body.reportId)).body.processingStatus).toBe('IN_PROGRESS')
    client.sandbox.clock.advance(80 * SECOND)
    expect((await report(body.reportId)).body).toMatchObject({
      processingStatus: 'DONE',
      reportDocumentId: expect.any(String),
      processingEndTime: '2026-11-21T15:01:30.000Z',
    })
  })

  it('without data cancels itself', async () => {
    seed({ status: 'SHIPPED' }, { status: 'PENDING' }, { status: 'CANCELLED' }, { fulfilled_by: 'AMAZON' })

    const { body } = await finished()

    expect(body.processingStatus).toBe('CANCELLED')
    expect(body.reportDocumentId).toBeUndefined()
  })

  it.each(['FATAL', 'CANCELLED'])('ends %s when it is told to', async (status) => {
    seed({})
    client.sandbox.act('amazon', 'end-next-report', { status })

    expect((await finished()).body.processingStatus).toBe(status)
    expect((await finished()).body.processingStatus).toBe('DONE')
  })

  it('that is stuck never ends', async () => {
    seed({})
    client.sandbox.act('amazon', 'end-next-report', { status: 'STUCK' })

    expect((await finished()).body.processingStatus).toBe('IN_PROGRESS')
  })

  it.each([
    ['an unknown field', { since: 1 }],
    ['no type', { reportType: undefined }],
    ['no marketplace', { marketplaceIds: [] }],
    ['a marketplace of somebody else', { marketplaceIds: [UK] }],
    ['a start that is to come', { dataStartTime: '2026-12-01T00:00:00Z' }],
  ])('with %s is refused', async (_, body) => {
    expect((await ask(body)).status).toBe(400)
  })

  it('is refused to an app without the restricted role, and its document to the ordinary token', async () => {
    seed({})
    const { reportDocumentId } = (await finished()).body
    expect((await client.get(`${REPORTS}/documents/${reportDocumentId}`)).status).toBe(403)
    const foreign = await tokenFor('another-one')
    expect((await client.get(`${REPORTS}/documents/${reportDocumentId}`, {}, foreign)).status).toBe(403)

    client.sandbox.seed('amazon', { roles: { pii: false } })
    expect((await ask()).status).toBe(403)
  })

  it.each([
    ['createReport', () => ask(), 15],
    ['getReport', () => report('1'), 15],
    ['getReportDocument', () => client.get(`${REPORTS}/documents/x`), 15],
  ])('is limited: %s', async (_, call, burst) => {
    client.sandbox.seed('amazon', { rate_limits: 'on' })

    const statuses: number[] = []
    for (let n = 0; n <= burst; n += 1) statuses.push((await call()).status)

    expect(statuses.slice(0, -1)).not.toContain(429)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('the report on unshipped orders', () => {
  it('has a line for each item that is still to ship, tabs between cells and nothing quoted', async () => {
    seed({
      order_id: ID,
      buyer: { name: 'Ada "Lady" Buyer' },
      items: [
        { order_item_id: 'A', sku: 'LAMP', title: 'A\tlamp, "big"', quantity: 3, shipped: 1 },
        { order_item_id: 'B', sku: 'MUG', quantity: 1, shipped: 1 },
        { order_item_id: 'C', sku: 'CUP', quantity: 1 },
      ],
      status: 'PARTIALLY_SHIPPED',
    })

    const [head = '', ...lines] = linesOf(await download())

    const names = head.split('\t')
    expect(names.slice(0, 3)).toEqual(['order-id', 'order-item-id', 'purchase-date'])
    const rows = lines.map((line) => Object.fromEntries(line.split('\t').map((cell, n) => [names[n], cell])))
    expect(rows).toMatchObject([
      {
        'order-id': ID,
        'order-item-id': 'A',
        'purchase-date': '2026-11-21T14:00:00+00:00',
        'buyer-name': 'Ada "Lady" Buyer',
        'product-name': 'A lamp, "big"',
        'quantity-to-ship': '2',
      },
      { 'order-id': ID, 'order-item-id': 'C', 'quantity-to-ship': '1' },
    ])
    expect(names.filter((name) => name.includes('price'))).toEqual(['price-designation'])
  })

  it('is half an hour behind and goes back 38 days', async () => {
    const days = (n: number) => NOW - n * 24 * 60 * MINUTE
    seed({ order_id: ID }, { created_at: NOW - 20 * MINUTE }, { created_at: days(39) }, { order_id: OTHER, created_at: days(37) })

    expect(idsOf(await download())).toEqual([ID, OTHER])
  })

  it('holds the marketplaces that were asked for, or those of the whole account', async () => {
    seed({ order_id: ID }, { order_id: OTHER, marketplace_id: UK })

    expect(idsOf(await download())).toEqual([ID])
    client.sandbox.seed('amazon', { reports: { all_channels: true } })
    expect(idsOf(await download())).toEqual([ID, OTHER])
  })

  it.each([
    ['UTF-8', 'utf8'],
    ['ISO-8859-1', 'latin1'],
    ['UTF-16LE', 'utf16le'],
  ] as const)('is written in the character set that its download names: %s', async (charset, encoding) => {
    client.sandbox.seed('amazon', { reports: { charset, compress: false } })
    seed({ buyer: { name: 'Jürgen Größe' } })

    const { type, bytes } = await download()

    expect(type).toBe(`text/plain; charset=${charset}`)
    expect(bytes.toString(encoding)).toContain('Jürgen Größe')
  })

  it('stands in the books with the number of its orders', async () => {
    seed({}, {})
    await finished()

    expect(client.sandbox.books('amazon')).toMatchObject({
      reports: [{ report_id: '70001', report_type: TYPE, status: 'DONE', orders: 2 }],
    })
  })
})

describe.skipIf(!MODELS_FOUND)(titleWithModels('amazon reports: replies hold against the published model'), () => {
  const definitions = MODELS_FOUND ? amazonDefinitions('reports_2021-06-30.json') : undefined
  function holds(name: string, answer: Answer, status: number): void {
    expect(answer.status).toBe(status)
    const validate = definitions?.(name)
    validate?.(answer.body)
    expect(validate?.errors ?? []).toEqual([])
  }

  it('of a report in each state, of its document, and of errors', async () => {
    seed({})
    const created = await ask()
    holds('CreateReportResponse', created, 202)
    for (const wait of [0, 20, 80]) {
      client.sandbox.clock.advance(wait * SECOND)
      holds('Report', await report(created.body.reportId), 200)
    }
    const { reportDocumentId } = (await report(created.body.reportId)).body
    const token = await tokenFor(reportDocumentId)
    holds('ReportDocument', await client.get(`${REPORTS}/documents/${reportDocumentId}`, {}, token), 200)
    for (const status of ['FATAL', 'CANCELLED']) {
      client.sandbox.act('amazon', 'end-next-report', { status })
      holds('Report', await finished(), 200)
    }
    holds('ErrorList', await ask({ reportType: 7 }), 400)
    holds('ErrorList', await client.get(`${REPORTS}/documents/${reportDocumentId}`), 403)
    holds('ErrorList', await report('1'), 404)
  })
})
