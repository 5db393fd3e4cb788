import { afterEach, describe, expect, it } from 'vitest'
import { type Client, type Json, MINUTE, NOW, openDsco, SECOND } from './dsco-client.ts'

const BATCH = '/inventory/batch/small'

let dsco: Client

async function open(seed: object = {}): Promise<Client> {
  dsco = await openDsco({
    items: [
      { sku: 'A', quantity: 7, cost: '4.10' },
      { sku: 'B', warehouses: { W1: 1, W2: 2 } },
    ],
    ...seed,
  })
  return dsco
}

afterEach(() => dsco.sandbox.close())

function update(sku: string, quantity: number, more: object = {}): object {
  const status = quantity > 0 ? 'in-stock' : 'out-of-stock'
  return { sku, status, quantityAvailable: quantity, warehouses: [{ code: 'W1', quantity }], ...more }
}

function told(logs: Json): string[] {
  return logs.map(({ status, results }: Json) => (results.length === 0 ? status : `${status} ${results[0].code}`))
}

describe('stock in a batch', () => {
  it('is promised, worked on, told, and seen last', async () => {
    await open()
    const answer = await dsco.call('POST', BATCH, [update('A', 0)])
    expect([answer.status, answer.body.status]).toEqual([202, 'pending'])
    dsco.pass(2 * SECOND)
    const log = await dsco.log('inventory', answer.body.requestId)
    expect(log).toMatchObject({ status: 'COMPLETED', logs: [{ status: 'success', payload: { sku: 'A' } }] })
    expect((await dsco.item('A')).quantityAvailable).toBe(7)
    dsco.pass(3 * SECOND)
    expect(await dsco.item('A')).toMatchObject({
      quantityAvailable: 0,
      status: 'out-of-stock',
      warehouses: [{ code: 'W1', quantity: 0 }],
    })
    expect(dsco.stockOf('A').history).toEqual([
      [NOW, 7, 'seed'],
      [NOW + 2 * SECOND, 0, 'batch'],
    ])
  })

  it.each([
    ['a SKU of no item', update('none', 1), 'item_not_found'],
    ['a sum that is wrong', update('A', 5, { warehouses: [{ code: 'W1', quantity: 4 }] }), 'quantity_mismatch'],
    ['a warehouse of no code', update('A', 5, { warehouses: [{ code: 'W9', quantity: 5 }] }), 'warehouse_not_found'],
    ['no warehouse', update('A', 5, { warehouses: [] }), 'missing_warehouse'],
    ['fewer than none', update('A', -1), 'invalid_quantity'],
    ['no quantity', { sku: 'A', warehouses: [{ code: 'W1' }] }, 'missing_quantity'],
  ])('fails in the log alone: %s', async (_, object, code) => {
    await open()
    const logs = await dsco.settled('inventory', BATCH, [object, update('A', 3)])
    expect(told(logs)).toEqual([`failure ${code}`, 'success'])
    expect(dsco.stockOf('A').quantity).toBe(3)
  })

  it.each([
    ['no warehouses', { warehouses: undefined }],
    ['a warehouse without a code', { warehouses: [{ quantity: 1 }] }],
    ['a quantity as a text', { quantityAvailable: '1' }],
    ['half a unit', { warehouses: [{ code: 'W1', quantity: 0.5 }] }],
    ['a status of no kind', { status: 'sold-out' }],
    ['a SKU of 91 characters', { sku: 'x'.repeat(91) }],
  ])('is refused as a whole: %s', async (_, change) => {
    await open()
    expect((await dsco.call('POST', BATCH, [update('A', 3), update('A', 1, change)])).status).toBe(400)
    dsco.pass(MINUTE)
    expect(dsco.stockOf('A').quantity).toBe(7)
  })

  it('lets unknown SKUs vanish where that is asked for', async () => {
    await open()
    const logs = await dsco.settled('inventory', `${BATCH}?skipItemsThatDontExist=true`, [update('none', 1), update('A', 3)])
    expect(told(logs)).toEqual(['success'])
  })

  it('leaves warehouses that it does not name, unless that is set otherwise', async () => {
    await open()
    await dsco.settled('inventory', BATCH, [update('B', 5)])
    expect(dsco.stockOf('B')).toMatchObject({ quantity: 7, warehouses: { W1: 5, W2: 2 } })
    dsco.sandbox.seed('dsco', { settings: { unnamed_warehouses: 'cleared' } })
    await dsco.settled('inventory', BATCH, [update('B', 5)])
    expect(dsco.stockOf('B')).toMatchObject({ quantity: 5, warehouses: { W1: 5, W2: 0 } })
  })

  it('changes what the retailer pays when a cost is sent, and ends the sale when it says so', async () => {
    await open()
    await dsco.settled('inventory', BATCH, [update('A', 3, { cost: 1 })])
    expect(dsco.stockOf('A')).toMatchObject({ cost: 1, cost_writes: 1 })
    await dsco.settled('inventory', BATCH, [update('A', 3, { status: 'discontinued' })])
    expect(dsco.stockOf('A').status).toBe('discontinued')
    expect(() => dsco.act('buy', { sku: 'A' })).toThrow(/not for sale/)
  })

  it('needs a status where that is set', async () => {
    await open({ settings: { inventory_status: 'required' } })
    const logs = await dsco.settled('inventory', BATCH, [update('A', 3, { status: undefined })])
    expect(told(logs)).toEqual(['failure missing_status'])
  })

  it('fails a SKU on purpose', async () => {
    await open()
    dsco.act('fail-sku', { sku: 'A', code: 'locked' })
    expect(told(await dsco.settled('inventory', BATCH, [update('A', 3)]))).toEqual(['failure locked'])
    expect(told(await dsco.settled('inventory', BATCH, [update('A', 3)]))).toEqual(['success'])
  })
})

describe('stock by other ways', () => {
  it('one item at once, a few times a second', async () => {
    await open()
    const one = () => dsco.call('POST', '/inventory/singleItem', update('A', 2))
    expect(await one()).toMatchObject({ status: 201, body: { status: 'success' } })
    expect(dsco.stockOf('A').quantity).toBe(2)
    expect((await dsco.call('POST', '/inventory/singleItem', update('none', 2))).status).toBe(400)
    for (let i = 0; i < 3; i++) await one()
    expect((await one()).status).toBe(429)
  })

  it('a large batch is put where it is told to, with the same token', async () => {
    await open()
    const { requestId, dataUrl } = (await dsco.call('POST', '/inventory/batch/large')).body
    const lines = [update('A', 3), update('none', 1)].map((line) => JSON.stringify(line))
    const put = (authorization: string) =>
      fetch(dataUrl, { method: 'PUT', headers: { authorization }, body: `${[...lines, '{broken'].join('\n')}\n` })
    expect(new URL(dataUrl).origin).toBe(dsco.origin)
    expect((await put('bearer wrong')).status).toBe(401)
    dsco.pass(MINUTE)
    expect(await dsco.log('inventory', requestId)).toMatchObject({ status: 'PROCESSING', logs: [] })
    expect((await put('bearer sandbox-token')).status).toBe(200)
    expect((await put('bearer sandbox-token')).status).toBe(404)
    dsco.pass(MINUTE)
    const log = await dsco.log('inventory', requestId)
    expect([log.status, told(log.logs)]).toEqual(['COMPLETED', ['success', 'failure item_not_found', 'failure validation_error']])
    expect(dsco.stockOf('A')).toMatchObject({ quantity: 3 })
    expect(dsco.sandbox.journal().find(({ method }) => method === 'PUT')?.query).toBe('signature=%5Bhidden%5D')
  })

  it('an item by any of its keys, and by the retailer’s only with the retailer', async () => {
    await open({ items: [{ sku: 'A', upc: '012345678905', partner_sku: 'R', item_id: '77' }] })
    for (const key of ['sku&value=A', 'upc&value=012345678905', 'dscoItemId&value=77', 'partnerSku&value=R&dscoRetailerId=1']) {
      expect((await dsco.get(`/inventory?itemKey=${key}`)).body.sku).toBe('A')
    }
    expect((await dsco.get('/inventory?itemKey=partnerSku&value=R')).status).toBe(400)
  })

  it('the vendor’s own documents, and warehouses of all kinds', async () => {
    await open({
      items: [],
      item_documents: [{ sku: 'D', warehouses: [{ code: 'EAST', quantity: 4 }], brand: 'Sample', cost: 2.5 }],
      warehouses: [{ code: 'OLD', status: 'inactive', name: 'Old hall' }],
    })
    expect(await dsco.item('D')).toMatchObject({ brand: 'Sample', quantityAvailable: 4, status: 'in-stock', cost: 2.5 })
    const codes = async (query: string) =>
      (await dsco.get(`/warehouse/page?${query}`)).body.warehouses.map(({ code }: Json) => code)
    expect(await codes('')).toEqual(['OLD', 'EAST'])
    expect(await codes('status=active')).toEqual(['EAST'])
    expect(await codes('status=inactive&name=Old%20hall')).toEqual(['OLD'])
    expect(await codes('idType=code&idValue=EAST')).toEqual(['EAST'])
    expect((await dsco.get('/warehouse/page?idType=code')).status).toBe(400)
  })
})

describe('what buyers do', () => {
  it('lowers the number and makes an order', async () => {
    await open()
    const { order_id: orderId, left } = dsco.act('buy', { sku: 'B', quantity: 2, order: { type: 'Marketplace' } })
    expect(left).toBe(1)
    dsco.pass(MINUTE)
    expect(await dsco.order(orderId)).toMatchObject({ orderType: 'Marketplace', lineItems: [{ sku: 'B', quantity: 2 }] })
    expect(await dsco.item('B')).toMatchObject({ quantityAvailable: 1, warehouses: [{ quantity: 0 }, { quantity: 1 }] })
    expect(dsco.stockOf('B')).toMatchObject({
      bought: 2,
      oversold: [],
      history: [
        [NOW, 3, 'seed'],
        [NOW, 1, 'buyer'],
      ],
    })
  })

  it('takes no more than there is, unless two are served at once', async () => {
    await open()
    expect(() => dsco.act('buy', { sku: 'A', quantity: 8 })).toThrow('8 of A wanted, 7 left')
    const { order_id: orderId } = dsco.act('buy', { sku: 'A', quantity: 8, even_if_short: true })
    expect(dsco.stockOf('A')).toMatchObject({ quantity: 0, oversold: [orderId] })
    dsco.act('set-quantity', { sku: 'A', quantity: 4 })
    dsco.act('buy', { sku: 'A', quantity: 1, lowers: false })
    expect(dsco.stockOf('A').quantity).toBe(4)
  })

  it('knows items that come and go', async () => {
    await open()
    dsco.act('add-items', [{ sku: 'NEW', quantity: 1 }])
    dsco.act('remove-item', { sku: 'A' })
    const logs = await dsco.settled('inventory', BATCH, [update('NEW', 2), update('A', 2)])
    expect(told(logs)).toEqual(['success', 'failure item_not_found'])
    dsco.act('end-item', { sku: 'NEW', status: 'hidden' })
    dsco.pass(MINUTE)
    expect((await dsco.item('NEW')).status).toBe('hidden')
  })
})
