import { afterEach, describe, expect, it } from 'vitest'
import { mayShip } from '../../src/core/model/order.ts'
import { type EbayWorld, HOUR, heard, NOW, openEbay, orderOf, pages, pull, spoil, TRADING } from './ebay-world.ts'

const ID = '11-00001-00001'

let world: EbayWorld
afterEach(() => world.close())

const open = async (order: object) => {
  world = await openEbay({ orders: [{ order_id: ID, ...order }] })
}

describe('an order of GetOrders', () => {
  it('with goods that need no parcel is shipped without them', async () => {
    await open({
      lines: [{ sku: 'CARD', digital: true }, { sku: 'MUG' }, { sku: 'CUP' }],
      packages: [{ tracking: '1Z1', lines: { '2': 1 } }],
    })

    const order = await orderOf(world, ID)

    expect([order.status, mayShip(order)]).toEqual(['partially_shipped', true])
    expect(order.lines.map(({ sku, qtyToShip }) => [sku, qtyToShip])).toEqual([
      ['CARD', 0],
      ['MUG', 0],
      ['CUP', 1],
    ])
    world.sandbox.act('ebay', 'add-orders', [{ order_id: '11-00001-00003', lines: [{ digital: true }] }])
    expect(await orderOf(world, '11-00001-00003')).toMatchObject({ flags: ['no_label'] })
  })

  it("whose address has no name goes by the buyer's", async () => {
    await open({ ship_to: { name: null }, buyer: { first: 'Jane', last: 'Example' } })

    expect((await orderOf(world, ID)).shipTo?.name).toBe('Jane Example')
  })

  it('that cannot be shown is told and kept by its id, and the others come', async () => {
    await open({ broken: true })
    world.sandbox.seed('ebay', { orders: [{ order_id: '11-00001-00002' }] })

    const [page] = await pages(world.connector)

    expect(page?.orders.map(({ externalOrderId }) => externalOrderId)).toEqual(['11-00001-00002'])
    expect(page?.poison.map(({ externalOrderId, reason }) => [externalOrderId, reason])).toEqual([
      [ID, 'eBay could not show it: 10007: Internal error to the application.'],
    ])
    expect(world.logged).toContainEqual({
      level: 'warn',
      message: 'eBay could not show one order',
      fields: { channel: 'ebay-us', operation: 'GetOrders', text: '10007: Internal error to the application.', order_ids: [ID] },
    })
  })

  it('that cannot be shown among others may be shown alone', async () => {
    await open({ updated_at: NOW - HOUR })
    await pull(world.connector)
    const body = heard(world, TRADING)[0]?.replyBody.replace(
      /<Order>.*<\/Order>/s,
      `<Errors><ErrorCode>10007</ErrorCode><SeverityCode>Error</SeverityCode><ErrorParameters><Value>${ID}</Value></ErrorParameters></Errors>`,
    )
    expect(body).toContain('<ErrorCode>10007<')
    spoil(world, TRADING, 'status', { status: 200, body })

    const [page] = await pages(world.connector)

    expect([page?.orders.map(({ externalOrderId }) => externalOrderId), page?.poison]).toEqual([[ID], []])
  })
})
