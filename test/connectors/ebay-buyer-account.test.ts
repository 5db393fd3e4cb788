import { describe, expect, it, onTestFinished } from 'vitest'
import { buyerAccountIn } from '../../src/connectors/ebay/buyer-account.ts'
import { openEbay, orderOf } from './ebay-world.ts'

describe("the buyer's account in a stored document of eBay's", () => {
  it('is what the Trading API names: an id that stands for the name too, and the lasting token', () => {
    expect(buyerAccountIn({ OrderID: '1', BuyerUserID: 'Jane_1', EIASToken: 'nY+sHZ2PrBmdj6wVnY==' })).toEqual({
      username: 'Jane_1',
      userId: 'Jane_1',
      token: 'nY+sHZ2PrBmdj6wVnY==',
    })
    expect(buyerAccountIn({ EIASToken: 'nY+' })).toEqual({ token: 'nY+' })
  })

  it('is what the Fulfillment API names', () => {
    expect(buyerAccountIn({ buyer: { username: ' Jane_1 ' }, lineItems: 'unreadable' })).toEqual({
      username: 'Jane_1',
      userId: 'Jane_1',
    })
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'BuyerUserID'],
    ['a list', [{ BuyerUserID: 'x' }]],
    ['what eBay does not show', { BuyerUserID: 'Invalid Request', EIASToken: '' }],
    ['another shape', { BuyerUserID: { a: 1 }, buyer: { username: 7 } }],
    ['no buyer at all', { buyer: null }],
  ])('is none in %s', (_, document) => {
    expect(buyerAccountIn(document)).toBeUndefined()
  })
})

it.each(['trading', 'fulfillment'] as const)(
  "an order read by the %s API tells its buyer's account, as its document does",
  async (ordersApi) => {
    const order_id = '11-00001-00001'
    const world = await openEbay({ orders: [{ order_id, buyer: { user_id: 'aB3dEfGh1jK' } }] }, { ordersApi })
    onTestFinished(() => world.close())

    const { buyerAccount, raw } = await orderOf(world, order_id)

    // Whether that is the name or the lasting id cannot be seen.
    expect(buyerAccount).toMatchObject({ username: 'aB3dEfGh1jK', userId: 'aB3dEfGh1jK' })
    expect(world.connector.buyerAccountIn?.(JSON.parse(JSON.stringify(raw)))).toEqual(buyerAccount)
  },
)
