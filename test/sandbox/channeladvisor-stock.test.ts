import { afterEach, describe, expect, it } from 'vitest'
import { type Client, type Json, MINUTE, NOW, openChannelAdvisor } from './channeladvisor-client.ts'

let ca: Client

afterEach(() => ca.sandbox.close())

const ONE_CENTER = [{ product_id: 1, sku: 'A', quantity: 10 }]
const TWO_CENTERS = {
  distribution_centers: [{ id: 1 }, { id: 2 }, { id: 3, type: 'ExternallyManaged' }],
  products: [{ product_id: 1, sku: 'A', dcs: { 1: 10, 2: 5, 3: 7 } }],
}

function tell(type: string, quantity: unknown, center = 0, more: object = {}) {
  const Updates = [{ DistributionCenterID: center, Quantity: quantity }]
  return ca.post('Products(1)/UpdateQuantity', { Value: { UpdateType: type, Updates, ...more } })
}

describe('channeladvisor: UpdateQuantity', () => {
  it.each([
    ['Absolute', 7, 7],
    ['Available', 7, 5],
    ['InStock', 20, 12],
    ['UnShipped', 20, 8],
    ['UnShipped', 3, 0],
    ['Relative', -3, 7],
    ['Relative', 4, 14],
  ])('%s %i leaves %i: 2 are in auctions, 2 in check-out, 4 wait for money, 4 for the parcel', async (type, told, left) => {
    ca = await openChannelAdvisor({
      products: [{ product_id: 1, sku: 'A', quantity: 10, allocated: 2 }],
      orders: [
        { lines: [{ sku: 'A', quantity: 2 }], checkout: 'Visited', payment: 'NotYetSubmitted' },
        { lines: [{ sku: 'A', quantity: 4 }], payment: 'Submitted' },
        { lines: [{ sku: 'A', quantity: 3 }] },
        { lines: [{ sku: 'A', quantity: 5 }], fulfillments: [{ lines: { 1: 4 } }] },
        { lines: [{ sku: 'A', quantity: 8 }], shipping: 'Shipped', fulfillments: [{}] },
        { lines: [{ sku: 'A', quantity: 8 }], shipping: 'Canceled' },
        { lines: [{ sku: 'B', quantity: 8 }] },
      ],
    })
    expect((await tell(type, told)).status).toBe(204)
    expect(ca.shelf('A')).toMatchObject({
      live: left,
      told: [{ at: NOW, by: type, app_id: 'sandbox-app', dc: 0, quantity: told, left }],
      history: [
        [NOW, 10, 'seed'],
        [NOW, left, type],
      ],
    })
    const { body } = await ca.get('Products(1)')
    expect(body).toMatchObject({ TotalAvailableQuantity: left, PendingCheckoutQuantity: 2, PendingPaymentQuantity: 4 })
    expect([body.PendingShipmentQuantity, body.OpenAllocatedQuantity]).toEqual([4, 2])
  })

  it('UnShipped said twice is the same number, Relative is not, and the books tell of it', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    ca.act('buy', { sku: 'A', quantity: 4 })
    for (const _ of [1, 2]) await tell('UnShipped', 10)
    expect(ca.shelf('A').live).toBe(6)
    expect(ca.books().misdeeds).toEqual([])
    for (const _ of [1, 2]) await tell('Relative', 1)
    expect(ca.shelf('A').live).toBe(8)
    expect(ca.books().misdeeds).toHaveLength(2)
  })

  it('sells units twice that were sold between the counting and an absolute number', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    ca.act('buy', { sku: 'A', quantity: 8 })
    await tell('Absolute', 10)
    expect(ca.act('buy', { sku: 'A', quantity: 8 }).left).toBe(2)
    expect(ca.shelf('A').bought).toBe(16)
  })

  it('is about one distribution center each, and touches no other', async () => {
    ca = await openChannelAdvisor(TWO_CENTERS)
    ca.act('add-orders', [{ lines: [{ sku: 'A', quantity: 2, dc: 2 }] }])
    const updates = [
      { DistributionCenterID: 1, Quantity: 4 },
      { DistributionCenterID: 2, Quantity: 4 },
    ]
    await ca.post('Products(1)/UpdateQuantity', { Value: { UpdateType: 'UnShipped', Updates: updates } })
    expect(ca.shelf('A')).toMatchObject({ dcs: { 1: 4, 2: 2, 3: 7 }, live: 13 })
    await tell('Absolute', 1, 1)
    expect(ca.shelf('A').dcs).toEqual({ 1: 1, 2: 2, 3: 7 })
    await tell('Absolute', 6, 1, { CompleteDCList: true })
    expect(ca.shelf('A').dcs).toEqual({ 1: 6, 2: 0, 3: 7 })
    const { body } = await ca.get('Products(1)?$expand=DCQuantities')
    expect(body.DCQuantities.map((each: Json) => [each.DistributionCenterID, each.AvailableQuantity])).toEqual([
      [1, 6],
      [2, 0],
      [3, 7],
    ])
  })

  it.each([
    ['an externally managed distribution center', 'Absolute', 1, 3, /externally managed/],
    ['a distribution center that there is not', 'Absolute', 1, 0, /Invalid DistributionCenterID/],
    ['less than nothing', 'UnShipped', -1, 1, /zero or more/],
    ['a part of a unit', 'Absolute', 1.5, 1, /Edm.Int32/],
    ['a text', 'Absolute', '7', 1, /Edm.Int32/],
    ['a type that there is not', 'Set', 1, 1, /'Set' is not a valid/],
  ])('refuses %s', async (_what, type, quantity, center, complaint) => {
    ca = await openChannelAdvisor(TWO_CENTERS)
    const { status, body } = await tell(type, quantity, center)
    expect(status).toBe(400)
    expect(body.error.message).toMatch(complaint)
    expect(ca.shelf('A')).toMatchObject({ live: 22, told: [] })
  })

  it('does all of its updates or none', async () => {
    ca = await openChannelAdvisor(TWO_CENTERS)
    const Updates = [
      { DistributionCenterID: 1, Quantity: 1 },
      { DistributionCenterID: 3, Quantity: 1 },
    ]
    expect((await ca.post('Products(1)/UpdateQuantity', { Value: { UpdateType: 'Absolute', Updates } })).status).toBe(400)
    expect(ca.shelf('A').live).toBe(22)
  })

  it('needs a value with updates, and a product that is there', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    const post = async (body: unknown) => (await ca.post('Products(1)/UpdateQuantity', body)).status
    expect(await post({ UpdateType: 'Absolute' })).toBe(400)
    expect(await post({ Value: { UpdateType: 'Absolute', Updates: [] } })).toBe(400)
    expect(await post({ Value: { UpdateType: 'Absolute', Quantity: 1 } })).toBe(400)
    ca.act('delist', { sku: 'A' })
    expect((await tell('Absolute', 1)).status).toBe(404)
    ca.act('list', { sku: 'A' })
    expect((await tell('Absolute', 1)).status).toBe(204)
    ca.act('fail-sku', { sku: 'A', times: 1, message: 'Not this one.' })
    expect((await tell('Absolute', 2)).body.error.message).toBe('Not this one.')
    expect((await tell('Absolute', 3)).status).toBe(204)
  })
})

describe('channeladvisor: products', () => {
  it('are found by their SKU, with quotes doubled', async () => {
    ca = await openChannelAdvisor({ products: [{ sku: "O'Neil", product_id: 5 }, { sku: 'o’neil' }, { sku: 'B' }] })
    const { body } = await ca.get(`Products?$filter=${encodeURIComponent("Sku eq 'O''Neil'")}&$select=ID,Sku`)
    expect(body.value).toEqual([{ ID: 5, Sku: "O'Neil" }])
    expect((await ca.get(`Products?$filter=${encodeURIComponent("Sku eq 'O'Neil'")}`)).status).toBe(400)
  })

  it('come in larger pages when little of them is asked for', async () => {
    ca = await openChannelAdvisor({ products: [{ sku: 'SKU-{n:4}', count: 620 }] })
    expect((await ca.pages('Products?$select=ID,Sku')).map(({ length }) => length)).toEqual([500, 120])
    expect((await ca.pages('Products')).map(({ length }) => length)).toEqual([100, 100, 100, 100, 100, 100, 20])
  })

  it('sell, run short, and are changed by hand', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    const { order_id: first } = ca.act('buy', { sku: 'A', quantity: 6 })
    expect((await ca.get(`Orders(${first})?$expand=Items`)).body.Items).toMatchObject([{ Sku: 'A', Quantity: 6, ProductID: 1 }])
    expect(() => ca.act('buy', { sku: 'A', quantity: 5 })).toThrow('5 of A wanted, 4 left')
    const { order_id: short } = ca.act('buy', { sku: 'A', quantity: 5, even_if_short: true })
    expect(ca.shelf('A')).toMatchObject({ live: 0, bought: 11, oversold: [short] })
    ca.act('set-quantity', { sku: 'A', quantity: 3 })
    expect(ca.shelf('A').history.map(([, live, by]: Json) => [live, by])).toEqual([
      [10, 'seed'],
      [4, 'buyer'],
      [0, 'buyer'],
      [3, 'person'],
    ])
    ca.act('delist', { sku: 'A' })
    expect((await ca.get('Products')).body.value).toEqual([])
    expect(ca.shelf('A').live).toBeNull()
    expect(() => ca.act('buy', { sku: 'A' })).toThrow('not for sale')
  })
})

describe('channeladvisor: ProductUpload', () => {
  const file = '"Inventory Number","Quantity"\n"A","4"\n"TYPO, A",9\n'
  const type = { 'content-type': 'text/csv' }

  it('works a file off later, and tells what it could not do', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    const { body } = await ca.call('POST', 'ProductUpload?importtype=UpdateOnly', file, type)
    expect(body).toMatchObject({ Token: 'sandbox-upload-1', Status: 'Pending' })
    expect(ca.shelf('A').live).toBe(10)
    ca.sandbox.clock.advance(MINUTE)
    expect(ca.shelf('A')).toMatchObject({ live: 4, told: [{ by: 'upload', quantity: 4 }] })
    const { body: done } = await ca.get('ProductUpload?token=sandbox-upload-1')
    expect(done).toMatchObject({ Status: 'CompleteWithErrors', Errors: ['TYPO, A: no such product'] })
    expect(ca.books().products).toHaveLength(1)
  })

  it('makes products of slips of the pen with AddUpdate', async () => {
    ca = await openChannelAdvisor({ products: ONE_CENTER })
    await ca.call('POST', 'ProductUpload?importtype=AddUpdate', file, type)
    ca.sandbox.clock.advance(MINUTE)
    expect(ca.shelf('TYPO, A').live).toBe(9)
    expect(ca.books().misdeeds).toEqual(['product TYPO, A: made by a file of quantities'])
  })

  it('takes 60 files an hour, and no other kind of file', async () => {
    ca = await openChannelAdvisor({ limits: { uploads: 1 }, products: ONE_CENTER })
    expect((await ca.post('ProductUpload', {})).status).toBe(415)
    expect((await ca.call('POST', 'ProductUpload', 'sku;quantity\n', type)).status).toBe(400)
    expect((await ca.call('POST', 'ProductUpload', file, type)).status).toBe(429)
  })
})
