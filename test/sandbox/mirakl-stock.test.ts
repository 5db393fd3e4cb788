import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { miraklOfferCast, miraklOffers } from '../../src/sandbox/scenario/mirakl-offers.ts'
import { MINUTE, START } from './mirakl-client.ts'
import { HEADER, IMPORT_MS, type StockClient, startStock } from './mirakl-stock-client.ts'

let market: StockClient
let sandbox: StockClient['sandbox']
const SECOND = 1000

beforeEach(async () => {
  market = await startStock()
  sandbox = market.sandbox
})

afterEach(() => sandbox.close())

const seed = (offers: readonly object[], more: object = {}) => sandbox.seed('mirakl', { offers, ...more })
const act = (action: string, argument: object) => sandbox.act('mirakl', action, argument)

/** Uploads lines, waits until they are worked off, and gives what the status and the error report say. */
async function work(...lines: readonly string[]) {
  const { body } = await market.upload([HEADER, ...lines].join('\n'))
  sandbox.clock.advance(IMPORT_MS)
  const status = await market.status(body.import_id)
  return { status, report: status['has_error_report'] === true ? await market.errorReport(body.import_id) : '' }
}

describe('mirakl: a stock file', () => {
  it('waits, runs and is complete; the offers change when it is complete', async () => {
    seed([{ sku: 'A', quantity: 1 }])
    const { status, headers, body } = await market.upload(`${HEADER}\n"A";"7";"";""`)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`${sandbox.origins.mirakl}/api/offers/stock/imports/${body.import_id}/status`)
    expect(await market.status(body.import_id)).toEqual({
      date_created: '2026-11-01T10:00:00Z',
      has_error_report: false,
      import_id: body.import_id,
      shop_id: 2001,
      status: 'WAITING',
    })
    sandbox.clock.advance(10 * SECOND)
    expect(await market.status(body.import_id)).toMatchObject({ status: 'RUNNING' })
    expect(market.quantityOf('A')).toBe(1)
    sandbox.clock.advance(10 * SECOND)
    expect(await market.status(body.import_id)).toMatchObject({ status: 'COMPLETE', lines_in_error: 0, lines_in_success: 1 })
    expect(market.offerBook('A').history).toEqual([
      [START, 1, 'seed'],
      [START + IMPORT_MS, 7, 'import'],
    ])
    expect((await market.get(`/api/offers/stock/imports/${body.import_id}/error_report`)).status).toBe(404)
  })

  it('fails line by line, and says so in words and with the line as it was sent', async () => {
    seed([{ sku: 'A' }, { sku: 'B' }, { sku: 'C' }, { sku: 'D' }, { sku: 'E' }, { sku: 'GONE' }])
    act('delist', { sku: 'GONE' })
    act('fail-sku', { sku: 'D', reason: 'Not this one' })
    const { status, report } = await work(
      'A;1,5;;',
      'B;-3;;',
      'C;2.0;;',
      'D;3;;',
      'NOBODY;3;;',
      'GONE;3;;',
      'E;3;NOWHERE;',
      'E;3;;perhaps',
      'X/Y;3;;',
      ';3;;',
      'A;3',
      'E;2147483648;;',
    )
    expect(status).toMatchObject({ status: 'COMPLETE', lines_in_error: 12, lines_in_success: 0 })
    expect(report.split('\n').slice(0, 8)).toEqual([
      '"error-line";"error-message";"offer-sku";"quantity";"warehouse-code";"update-delete"',
      '"2";"The quantity \'1,5\' is invalid";"A";"1,5";"";""',
      '"3";"The quantity \'-3\' is invalid";"B";"-3";"";""',
      '"4";"The quantity \'2.0\' is invalid";"C";"2.0";"";""',
      '"5";"Not this one";"D";"3";"";""',
      '"6";"The offer with SKU \'NOBODY\' does not exist";"NOBODY";"3";"";""',
      '"7";"The offer with SKU \'GONE\' does not exist";"GONE";"3";"";""',
      '"8";"The warehouse \'NOWHERE\' does not exist";"E";"3";"NOWHERE";""',
    ])
    for (const sku of ['A', 'B', 'C', 'D', 'E']) expect(market.quantityOf(sku)).toBe(0)
    act('fail-sku', { sku: 'D', off: true })
    expect(await work('D;3;;')).toMatchObject({ status: { lines_in_success: 1 } })
  })

  it('is read as a spreadsheet writes it: quoted or not, doubled quotes, a byte order mark, CRLF', async () => {
    seed([{ sku: 'SOAP "3PK"' }, { sku: 'A;B' }, { sku: 'PLAIN' }])
    const { body } = await market.upload(`\uFEFFoffer-sku;quantity\r\n"SOAP ""3PK""";5\r\n"A;B";"6"\r\nPLAIN;7\r\n`)
    sandbox.clock.advance(IMPORT_MS)
    expect(await market.status(body.import_id)).toMatchObject({ lines_in_error: 0, lines_in_success: 3 })
    expect(['SOAP "3PK"', 'A;B', 'PLAIN'].map(market.quantityOf)).toEqual([5, 6, 7])
  })

  it.each<[string, string | Uint8Array]>([
    ['columns that are missing', '"offer-sku";"stock"\n"A";"7"'],
    ['commas', 'offer-sku,quantity\nA,7'],
    ['a column that nobody knows', `${HEADER};"price"\n"A";"7";"";"";"1"`],
    ['a quotation mark that is never closed', `${HEADER}\n"A";"7;;`],
    ['another encoding', Uint8Array.from([...Buffer.from(`${HEADER}\n"`), 0xdc, ...Buffer.from('";"7";"";""')])],
  ])('fails as a whole for %s', async (_, csv) => {
    seed([{ sku: 'A', quantity: 1 }])
    const { body } = await market.upload(csv)
    sandbox.clock.advance(IMPORT_MS)
    expect(await market.status(body.import_id)).toMatchObject({ status: 'FAILED', has_error_report: false })
    expect(market.quantityOf('A')).toBe(1)
  })

  it('is refused at once without a form, a file or a shop', async () => {
    expect((await market.call('POST', '/api/offers/stock/imports', {})).status).toBe(415)
    expect((await market.upload('')).status).toBe(400)
    expect((await market.upload(HEADER, { path: '/api/offers/stock/imports?shop_id=9' })).status).toBe(404)
    expect((await market.upload(HEADER, { key: 'wrong' })).status).toBe(401)
  })

  it('is the same import when it comes again while the first is queued, and another one later', async () => {
    seed([{ sku: 'A' }])
    const send = async (quantity: number) => (await market.upload(`${HEADER}\n"A";"${quantity}";"";""`)).body.import_id
    const first = await send(7)
    expect(await send(7)).toBe(first)
    const other = await send(8)
    expect(other).not.toBe(first)
    sandbox.clock.advance(10 * SECOND)
    expect(await send(7)).not.toBe(first)
    sandbox.clock.advance(10 * IMPORT_MS)
    // One after the other, in the order they came: the last word counts.
    expect(market.offerBook('A').history.map(([, quantity]) => quantity)).toEqual([0, 7, 8, 7])
  })

  it('knows warehouses that the operator has; without one the quantity is that of the offer', async () => {
    sandbox.seed('mirakl', { settings: { warehouses: ['EAST', 'WEST'] }, offers: [{ sku: 'A', quantity: 9 }] })
    await work('A;3;EAST;', 'A;4;WEST;')
    expect((await market.offers('?sku=A')).offers).toMatchObject([
      {
        quantity: 7,
        warehouses: [
          { code: 'EAST', quantity: 3 },
          { code: 'WEST', quantity: 4 },
        ],
      },
    ])
    await work('A;;EAST;delete')
    expect(market.quantityOf('A')).toBe(4)
    await work('A;5;;')
    const [offer] = (await market.offers('?sku=A')).offers
    expect(offer).toMatchObject({ quantity: 5 })
    expect(offer).not.toHaveProperty('warehouses')
  })

  it('takes the lines of one offer only together, and empties it for `delete`', async () => {
    seed([
      { sku: 'A', quantity: 1 },
      { sku: 'B', quantity: 1 },
    ])
    const { report } = await work('A;3;;', 'B;;;delete', 'A;4;;')
    expect(report).toContain('The lines of an offer must follow each other')
    expect([market.quantityOf('A'), market.quantityOf('B')]).toEqual([3, 0])
  })

  it.each([
    ['words', true, '"Line number";"Error reason";"offer-sku"'],
    ['bare', true, '"2";"The offer with SKU \'NOBODY\' does not exist"\n'],
    ['bare', false, '"1";"The offer with SKU \'NOBODY\' does not exist"\n'],
  ])('its errors can be told in other ways (%s, header counts: %s)', async (columns, header_counts, begin) => {
    sandbox.seed('mirakl', { settings: { stock_imports: { columns, header_counts, counts: false } } })
    const { status, report } = await work('NOBODY;1;;')
    expect(status).not.toHaveProperty('lines_in_error')
    expect(report.startsWith(begin)).toBe(true)
  })

  it('may be stuck and hold up those behind it, be released, fail or be lost', async () => {
    seed([{ sku: 'A' }, { sku: 'B' }])
    const send = async (sku: string) => (await market.upload(`${HEADER}\n"${sku}";"7";"";""`)).body.import_id
    const first = await send('A')
    act('stick-import', { status: 'RUNNING' })
    const second = await send('B')
    sandbox.clock.advance(60 * MINUTE)
    expect([await market.status(first), await market.status(second)]).toMatchObject([
      { status: 'RUNNING' },
      { status: 'WAITING' },
    ])
    act('release-import', { import_id: first })
    sandbox.clock.advance(10 * SECOND)
    expect(market.offerBook('A').history.at(-1)).toEqual([START + 60 * MINUTE + 10 * SECOND, 7, 'import'])
    sandbox.clock.advance(10 * SECOND)
    expect(market.quantityOf('B')).toBe(7)

    act('fail-import', { next: true })
    const third = await send('A')
    sandbox.clock.advance(IMPORT_MS)
    expect(await market.status(third)).toMatchObject({ status: 'FAILED' })
    act('lose-import', { import_id: second })
    expect((await market.get(`/api/offers/stock/imports/${second}/status`)).status).toBe(404)
    expect(() => act('stick-import', { import_id: third })).toThrow('is FAILED')
    expect(() => act('stick-import', { import_id: 'none' })).toThrow("There is no import 'none'")
  })

  it('and its reports are no business of another shop', async () => {
    sandbox.seed('mirakl', { accounts: [{ api_key: 'other', shop_id: 3001 }] })
    const { body } = await market.upload(HEADER)
    expect((await market.get(`/api/offers/stock/imports/${body.import_id}/status`, 'other')).status).toBe(404)
  })
})

describe('mirakl: how often', () => {
  it('a file and an error report once a minute, a status every 15 seconds, each by itself', async () => {
    sandbox.reset()
    const first = await market.upload(HEADER)
    expect(first.status).toBe(201)
    const second = await market.upload(`${HEADER}\n`)
    expect(second.status).toBe(429)
    expect(second.headers.get('retry-after')).toBe('60')
    const path = `/api/offers/stock/imports/${first.body.import_id}/status`
    expect((await market.get(path)).status).toBe(200)
    sandbox.clock.advance(14 * SECOND)
    expect((await market.get(path)).headers.get('retry-after')).toBe('1')
    sandbox.clock.advance(SECOND)
    expect((await market.get(path)).status).toBe(200)
    expect((await market.get('/api/offers')).status).toBe(200)
    sandbox.clock.advance(45 * SECOND)
    expect((await market.upload(`${HEADER}\n`)).status).toBe(201)
  })
})

describe('mirakl: OF21', () => {
  it('lists the offers of the shop in pages, the cheapest first, and one by its SKU', async () => {
    seed([
      { sku: 'B', price: '9.99', quantity: 2 },
      { sku: 'A', price: '12.50', quantity: 0 },
      { sku: 'GONE', quantity: 1 },
      { sku: 'P-{n:3}', count: 120, price: '20.00', quantity: 1 },
    ])
    act('delist', { sku: 'GONE' })
    const skus = async (query: string) => (await market.offers(query)).offers.map((offer) => offer.shop_sku)
    expect(await skus('?max=2')).toEqual(['B', 'A'])
    expect(await skus('?max=2&sort=price&order=desc')).toEqual(['P-120', 'P-119'])
    expect(await skus('?max=3&offset=2')).toEqual(['P-001', 'P-002', 'P-003'])
    expect(await skus('')).toHaveLength(10)
    expect(await skus('?max=500')).toHaveLength(100)
    expect(await market.offers('?sku=A')).toMatchObject({ offers: [{ price: 12.5, quantity: 0, active: false }], total_count: 1 })
    for (const query of ['?sku=GONE', '?sku=A,B', '?shop_id=9']) expect(await skus(query)).toEqual([])
    expect((await market.get('/api/offers?sort=mood')).status).toBe(400)
    expect((await market.get('/api/offers?max=2')).headers.get('link')).toContain('rel="next"')
    act('list', { sku: 'GONE', quantity: 4 })
    expect(await market.offers('?sku=GONE')).toMatchObject({ offers: [{ quantity: 4 }], total_count: 1 })
  })

  it('holds 100,000 offers: a page and a file of 50,000 lines are a matter of moments', async () => {
    seed([{ sku: 'N-{n:6}', count: 100_000, quantity: 3 }])
    const lines = Array.from({ length: 50_000 }, (_, i) => `"N-${String(i + 1).padStart(6, '0')}";"8";"";""`)
    const started = performance.now()
    const { body } = await market.upload([HEADER, ...lines].join('\n'))
    sandbox.clock.advance(IMPORT_MS)
    expect(await market.status(body.import_id)).toMatchObject({ lines_in_success: 50_000 })
    expect((await market.offers('?max=100&offset=99900')).offers).toHaveLength(100)
    expect(performance.now() - started).toBeLessThan(5000)
    const again = performance.now()
    for (let page = 0; page < 50; page += 1) await market.offers(`?max=100&offset=${page * 2000}`)
    expect(performance.now() - again).toBeLessThan(5000)
    expect([market.quantityOf('N-050000'), market.quantityOf('N-050001')]).toEqual([8, 3])
  })
})

describe('mirakl: a buyer', () => {
  it('takes units off the offer and makes an order, which waits for acceptance where the shop must accept', async () => {
    seed([{ sku: 'A', quantity: 5, price: '12.34', title: 'Lamp' }])
    const bought = act('buy', { sku: 'A', quantity: 3 }) as { order_id: string; left: number }
    expect(bought.left).toBe(2)
    expect(await market.orderOf(bought.order_id)).toMatchObject({
      order_state: 'SHIPPING',
      created_date: '2026-11-01T10:00:00Z',
      order_lines: [{ offer_sku: 'A', quantity: 3, price_unit: 12.34, product_title: 'Lamp' }],
    })
    expect((await market.offers('?sku=A')).offers).toMatchObject([{ quantity: 2 }])
    sandbox.seed('mirakl', { settings: { auto_accept: false } })
    const next = act('buy', { sku: 'A', order: { order_id: 'MINE-A' } }) as { order_id: string }
    expect(await market.orderOf(next.order_id)).toMatchObject({ order_id: 'MINE-A', order_state: 'WAITING_ACCEPTANCE' })
    expect(market.offerBook('A').history.map(([, quantity, by]) => [quantity, by])).toEqual([
      [5, 'seed'],
      [2, 'buyer'],
      [1, 'buyer'],
    ])
  })

  it('cannot buy more than there is, nor what is not on offer, and then nothing changes', async () => {
    seed([
      { sku: 'A', quantity: 2 },
      { sku: 'GONE', quantity: 2 },
    ])
    act('delist', { sku: 'GONE' })
    expect(() => act('buy', { sku: 'A', quantity: 3 })).toThrow("'A' cannot be bought: 3 wanted, 2 left.")
    expect(() => act('buy', { sku: 'GONE' })).toThrow('not listed')
    expect(() => act('buy', { sku: 'NOBODY' })).toThrow("There is no offer 'NOBODY'")
    expect(() => act('buy', { sku: 'A', quantity: 0 })).toThrow('0 units')
    expect(() => act('buy', { sku: 'A', quantity: 1.5 })).toThrow('whole quantity')
    expect(() => act('buy', {})).toThrow('Name the offer')
    expect((await market.get('/api/orders')).body.total_count).toBe(0)
    expect(market.quantityOf('A')).toBe(2)
  })

  it('takes from the first warehouses first', async () => {
    seed([{ sku: 'A', warehouses: { EAST: 2, WEST: 2 } }])
    act('buy', { sku: 'A', quantity: 3 })
    expect((await market.offers('?sku=A')).offers[0]?.warehouses).toEqual([
      { code: 'EAST', quantity: 0 },
      { code: 'WEST', quantity: 1 },
    ])
  })

  it('who buys while a file is worked on is overwritten by it: an absolute quantity knows nothing of him', async () => {
    seed([{ sku: 'A', quantity: 5 }])
    await market.upload(`${HEADER}\n"A";"5";"";""`)
    sandbox.clock.advance(5 * SECOND)
    act('buy', { sku: 'A', quantity: 2 })
    sandbox.clock.advance(IMPORT_MS)
    expect(market.offerBook('A').history.map(([, quantity, by]) => [quantity, by])).toEqual([
      [5, 'seed'],
      [3, 'buyer'],
      [5, 'import'],
    ])
  })
})

describe('mirakl: other hands and other calls', () => {
  it('a person sets a quantity, or puts a new SKU on sale', () => {
    seed([{ sku: 'A', quantity: 5 }])
    act('set-quantity', { sku: 'A', quantity: 9 })
    act('list', { sku: 'NEW', quantity: 2, price: '3.00' })
    act('add-offers', { offers: [{ sku: 'MORE' }] })
    expect([market.quantityOf('A'), market.quantityOf('NEW'), market.quantityOf('MORE')]).toEqual([9, 2, 0])
    expect(() => act('set-quantity', { sku: 'A' })).toThrow('whole quantity')
    expect(() => act('delist', { sku: 'NOBODY' })).toThrow("There is no offer 'NOBODY'")
  })

  it('OF24 resets what is not sent', async () => {
    seed([{ sku: 'A', quantity: 5, price: '10.00', description: 'Well described' }])
    const offer = { shop_sku: 'A', product_id: 'A', product_id_type: 'SHOP_SKU', state_code: '11', price: 12, update_delete: '' }
    expect((await market.call('POST', '/api/offers', { offers: [offer] })).status).toBe(201)
    expect(market.offerBook('A')).toMatchObject({ quantity: 0, price: '12', description: null })
    expect(market.offerBook('A').history.at(-1)?.[2]).toBe('OF24')
    const { price: _, ...priceless } = offer
    expect((await market.call('POST', '/api/offers', { offers: [priceless] })).status).toBe(400)
  })

  it('OF01 leaves absent columns alone, and REPLACE takes away every offer that is not in the file', async () => {
    seed([
      { sku: 'A', quantity: 5, price: '10.00' },
      { sku: 'B', quantity: 5 },
    ])
    const send = (import_mode: string) =>
      market.upload('sku;quantity\nA;7', { path: '/api/offers/imports', fields: { import_mode } })
    expect((await send('NORMAL')).status).toBe(201)
    expect(market.offerBook('A')).toMatchObject({ quantity: 7, price: '10.00' })
    expect(market.offerBook('B')).toMatchObject({ quantity: 5, listed: true })
    await send('REPLACE')
    expect(market.offerBook('B')).toMatchObject({ quantity: 0, listed: false })
    expect((await send('')).status).toBe(400)
  })

  it('a seed that makes no sense is refused', () => {
    for (const offer of [
      { sku: '' },
      { sku: 'A/B' },
      { sku: 'x'.repeat(41) },
      { sku: 'A', quantity: -1 },
      { sku: 'A', quantity: 1.5 },
      { sku: 'A', price: 'much' },
      { sku: 'A', count: 3 },
      { sku: 'A', api_key: 'nobody' },
    ])
      expect(() => seed([offer]), JSON.stringify(offer)).toThrow()
    seed([{ sku: 'A' }])
    expect(() => seed([{ sku: 'A' }])).toThrow('exists already')
  })

  it('the assortment of the rehearsal can be seeded', async () => {
    seed(miraklOffers())
    const { offers } = await market.offers('?max=100')
    const skus = offers.map((offer) => offer.shop_sku)
    expect(skus).toContain(miraklOfferCast.staleStock)
    expect(skus).not.toContain(miraklOfferCast.unspeakable)
    expect(skus.length).toBeGreaterThan(9)
  })
})
