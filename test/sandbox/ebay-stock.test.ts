import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, type Json, NOW, openEbay, STOCK } from './ebay-client.ts'

const UPDATE = `${STOCK}/bulk_update_price_quantity`

function row(fields: Readonly<Record<string, string>>): string {
  const inside = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`)
  return `<InventoryStatus>${inside.join('')}</InventoryStatus>`
}

function wish(sku: string, quantity: unknown, offers?: object): object {
  return { sku, shipToLocationAvailability: { quantity }, ...(offers === undefined ? {} : { offers }) }
}

describe('ebay: stock', () => {
  let ebay: Client

  afterEach(() => ebay.sandbox.close())

  const update = (...requests: readonly object[]) => ebay.rest('POST', UPDATE, { requests })
  const revise = async (...rows: readonly string[]) => (await ebay.trading('ReviseInventoryStatus', rows.join(''))).body
  const verdicts = (body: Json) => body.responses.map((each: Json) => [each.sku, each.statusCode, each.errors?.[0].errorId])
  const listingOf = (sku: string): Json => ebay.books().listings.find((each: Json) => each.sku === sku)

  describe('bulkUpdatePriceQuantity', () => {
    it('sets 25 SKUs in one call, and not one more; or one only, as another page of the vendor says', async () => {
      ebay = await openEbay({ listings: [{ sku: 'S-{n:2}', count: 26, quantity: 1 }] })
      const wishes = Array.from({ length: 26 }, (_, i) => wish(`S-${String(i + 1).padStart(2, '0')}`, 7))
      const tooMany = await update(...wishes)
      expect([tooMany.status, tooMany.body.errors[0].errorId]).toEqual([400, 25709])
      expect(ebay.liveOf('S-01'), 'nothing was done').toBe(1)
      const answer = await update(...wishes.slice(0, 25))
      expect([answer.status, answer.body.responses.length]).toEqual([200, 25])
      expect([ebay.liveOf('S-25'), ebay.liveOf('S-26')]).toEqual([7, 1])
      ebay.seed({ settings: { inventory_batch: 1 } })
      expect((await update(...wishes.slice(0, 2))).status).toBe(400)
      expect((await update(...wishes.slice(25))).status).toBe(200)
    })

    it('judges each SKU by itself: what is missing or of the other model is not taken', async () => {
      ebay = await openEbay({
        listings: [
          { sku: '00123', quantity: 1 },
          { sku: 'OLD', model: 'trading', quantity: 1 },
        ],
      })
      const { status, body } = await update(wish('00123', 4), wish('NOPE', 4), wish('OLD', 4))
      expect(status).toBe(207)
      expect(verdicts(body)).toEqual([
        ['00123', 200, undefined],
        ['NOPE', 400, 25702],
        ['OLD', 400, 25702],
      ])
      expect([ebay.liveOf('00123'), ebay.liveOf('OLD')]).toEqual([4, 1])
      ebay.act('migrate', { sku: 'OLD' })
      expect(verdicts((await update(wish('OLD', 4))).body)).toEqual([['OLD', 200, undefined]])
    })

    it("shows the lower of the SKU's number and the offer's: a rise of one alone is not seen", async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', quantity: 5, offer_quantity: 5, offer_id: '500' }] })
      await update(wish('MUG', 9))
      expect(ebay.liveOf('MUG')).toBe(5)
      const both = await update(wish('MUG', 9, [{ offerId: '500', availableQuantity: 9 }]))
      expect(both.body.responses).toEqual([
        { statusCode: 200, sku: 'MUG' },
        { statusCode: 200, sku: 'MUG', offerId: '500' },
      ])
      expect(ebay.liveOf('MUG')).toBe(9)
      await update(wish('MUG', 2))
      expect(ebay.liveOf('MUG'), 'a fall is').toBe(2)
    })

    it('knows the offers of a SKU by a call of their own, and does not reach those that are not published', async () => {
      ebay = await openEbay({ listings: [{ sku: 'DRAFT', quantity: 5, published: false, offer_id: '501' }] })
      expect(ebay.liveOf('DRAFT')).toBeNull()
      const { body } = await ebay.rest('GET', `${STOCK}/offer?sku=DRAFT`)
      expect(body.offers).toMatchObject([{ offerId: '501', status: 'UNPUBLISHED', availableQuantity: 5 }])
      expect((await ebay.rest('GET', `${STOCK}/offer`)).body.errors[0].errorId).toBe(25707)
      const { responses } = (
        await update({
          offers: [
            { offerId: '501', availableQuantity: 1 },
            { offerId: '999', availableQuantity: 1 },
          ],
        })
      ).body
      expect(responses.map((each: Json) => [each.offerId, each.statusCode])).toEqual([
        ['501', 400],
        ['999', 400],
      ])
      ebay.act('publish', { sku: 'DRAFT' })
      expect(ebay.liveOf('DRAFT')).toBe(5)
    })

    it('tells nothing of a SKU now and then, loses stock by warehouse, and keeps what an auction holds', async () => {
      ebay = await openEbay({
        listings: [
          { sku: 'QUIET', quantity: 1 },
          { sku: 'PLACES', quantity: 5, distributions: { EAST: 5 } },
          { sku: 'BID', quantity: 5, auction: 2 },
        ],
      })
      ebay.act('lose-entry', { sku: 'QUIET' })
      const { body } = await update(wish('QUIET', 3), wish('PLACES', 4), wish('BID', 1))
      expect(verdicts(body)).toEqual([
        ['PLACES', 200, undefined],
        ['BID', 400, 25759],
      ])
      expect([ebay.liveOf('QUIET'), listingOf('PLACES').distributions_lost]).toEqual([3, true])
    })

    it('refuses the second of two wishes for one SKU, and whole calls whose form is wrong', async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', quantity: 1 }] })
      expect(verdicts((await update(wish('MUG', 3), wish('MUG', 4))).body)).toEqual([
        ['MUG', 200, undefined],
        ['MUG', 500, 25025],
      ])
      for (const bad of [
        wish('MUG', -1),
        wish('MUG', 1.5),
        wish('MUG', '4'),
        wish('', 4),
        wish('M'.repeat(51), 4),
        { sku: 'MUG' },
      ]) {
        expect((await update(wish('MUG', 9), bad)).status, JSON.stringify(bad)).toBe(400)
      }
      expect((await update()).status).toBe(400)
      expect(ebay.liveOf('MUG')).toBe(3)
    })

    it('takes 250 revisions of a listing a day, for all its variations together', async () => {
      const item = { item_id: '256000000777', quantity: 1 }
      ebay = await openEbay({
        listings: [
          { ...item, sku: 'RED', variation: { Color: 'Red' } },
          { ...item, sku: 'BLUE', variation: { Color: 'Blue' } },
        ],
      })
      for (let i = 0; i < 125; i += 1) await update(wish('RED', i), wish('BLUE', i))
      expect(verdicts((await update(wish('RED', 9))).body)).toEqual([['RED', 400, 25002]])
      ebay.sandbox.clock.set(NOW + DAY)
      const token = (await ebay.token()).body.access_token
      expect((await ebay.rest('POST', UPDATE, { requests: [wish('RED', 9)] }, token)).status).toBe(200)
    })

    it('fails for a SKU as long as it is told to', async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', quantity: 1 }] })
      ebay.act('fail-sku', { sku: 'MUG', code: 25001, times: 1 })
      expect(verdicts((await update(wish('MUG', 2))).body)).toEqual([['MUG', 500, 25001]])
      expect(verdicts((await update(wish('MUG', 2))).body)).toEqual([['MUG', 200, undefined]])
    })
  })

  describe('reading', () => {
    it('pages of inventory items are numbered, not counted in items; the other model is not among them', async () => {
      ebay = await openEbay({
        listings: [
          { sku: 'S-{n}', count: 5, quantity: 2 },
          { sku: 'OLD', model: 'trading' },
        ],
      })
      const { body } = await ebay.rest('GET', `${STOCK}/inventory_item?limit=2&offset=1`)
      expect(body.inventoryItems.map((item: Json) => item.sku)).toEqual(['S-3', 'S-4'])
      expect(body).toMatchObject({ total: 5, size: 2, next: `${STOCK}/inventory_item?limit=2&offset=2` })
      for (const query of ['limit=201', 'limit=0', 'offset=-1'])
        expect((await ebay.rest('GET', `${STOCK}/inventory_item?${query}`)).body.errors[0].errorId).toBe(25706)
    })

    it('one item, its SKU in the path; many in one call', async () => {
      ebay = await openEbay({
        listings: [
          { sku: 'KETTLE/1.7L', quantity: 3 },
          { sku: 'OLD', model: 'trading' },
        ],
      })
      const one = await ebay.rest('GET', `${STOCK}/inventory_item/${encodeURIComponent('KETTLE/1.7L')}`)
      expect(one.body.availability.shipToLocationAvailability.quantity).toBe(3)
      expect((await ebay.rest('GET', `${STOCK}/inventory_item/OLD`)).body.errors[0].errorId).toBe(25710)
      const requests = [{ sku: 'KETTLE/1.7L' }, { sku: 'OLD' }]
      const many = await ebay.rest('POST', `${STOCK}/bulk_get_inventory_item`, { requests })
      expect([many.status, ...verdicts(many.body)]).toEqual([207, ['KETTLE/1.7L', 200, undefined], ['OLD', 404, 25702]])
    })
  })

  describe('ReviseInventoryStatus', () => {
    const VARIED = { item_id: '256000000002', model: 'trading', quantity: 1 }
    const SHELF = [
      { sku: 'ONE', item_id: '256000000001', model: 'trading', quantity: 1 },
      { ...VARIED, sku: 'TS-BLU-M', variation: { Size: 'M' } },
      { ...VARIED, sku: 'TS-BLU-L', variation: { Size: 'L' } },
      { sku: 'NEW', item_id: '256000000003', quantity: 1 },
      { sku: 'BY-SKU', item_id: '256000000004', model: 'trading', tracking: 'SKU' },
    ]

    it('sets up to four rows, by item, by variation, by SKU; the answer echoes no quantity', async () => {
      ebay = await openEbay({ listings: SHELF })
      const answer = await revise(
        row({ ItemID: '256000000001', Quantity: '7' }),
        row({ ItemID: '256000000002', SKU: 'TS-BLU-M', Quantity: '0' }),
        row({ ItemID: '256000000002', SKU: 'TS-BLU-L', Quantity: '3' }),
        row({ SKU: 'BY-SKU', Quantity: '12' }),
      )
      expect(answer.Ack).toBe('Success')
      expect(answer.InventoryStatus[1]).toEqual({ ItemID: '256000000002', SKU: 'TS-BLU-M' })
      expect(['ONE', 'TS-BLU-M', 'TS-BLU-L', 'BY-SKU'].map(ebay.liveOf)).toEqual([7, 0, 3, 12])
      const five = Array.from({ length: 5 }, () => row({ ItemID: '256000000001', Quantity: '1' }))
      expect((await revise(...five)).Ack).toBe('Failure')
      expect(ebay.liveOf('ONE')).toBe(7)
    })

    it('is a partial failure when some rows are not its to write', async () => {
      ebay = await openEbay({ listings: SHELF })
      ebay.act('delist', { sku: 'BY-SKU' })
      const answer = await revise(
        row({ ItemID: '256000000001', Quantity: '7' }),
        row({ ItemID: '256000000003', Quantity: '7' }),
        row({ ItemID: '256000000002', Quantity: '7' }),
        row({ ItemID: '256000000004', Quantity: '7' }),
      )
      expect(answer.Ack).toBe('PartialFailure')
      expect(answer.Errors.map((each: Json) => each.ErrorCode)).toEqual(['21919474', '37', '21916750'])
      expect(answer.Errors[0].ErrorParameters[0].Value).toBe('256000000003')
      expect(answer.InventoryStatus).toEqual([{ ItemID: '256000000001', SKU: 'ONE' }])
      expect([ebay.liveOf('NEW'), ebay.liveOf('TS-BLU-M')]).toEqual([1, 1])
      expect((await revise(row({ ItemID: '1', Quantity: '7' }))).Errors[0].ErrorCode).toBe('17')
      for (const Quantity of ['-1', '1.5', '1E1', ''])
        expect((await revise(row({ ItemID: '256000000001', Quantity }))).Ack, `'${Quantity}'`).toBe('Failure')
      expect((await revise(row({ SKU: 'ONE', Quantity: '3' }))).Ack, 'not tracked by SKU').toBe('Failure')
    })

    it('counts the revisions of a day for German listings only', async () => {
      const item = { model: 'trading', quantity: 1 }
      ebay = await openEbay({
        listings: [
          { ...item, sku: 'DE', item_id: '1', site: 'EBAY_DE' },
          { ...item, sku: 'US', item_id: '2' },
        ],
      })
      const both = () => revise(row({ ItemID: '1', Quantity: '5' }), row({ ItemID: '2', Quantity: '5' }))
      for (let i = 0; i < 250; i += 1) expect((await both()).Ack).toBe('Success')
      const over = await both()
      expect([over.Ack, over.InventoryStatus]).toEqual(['PartialFailure', [{ ItemID: '2', SKU: 'US' }]])
    })
  })

  describe('GetMyeBaySelling', () => {
    const list = async (page: string) =>
      (await ebay.trading('GetMyeBaySelling', `<ActiveList><Include>true</Include><Pagination>${page}</Pagination></ActiveList>`))
        .body

    it('leads from a SKU to its item, in pages of items; what was sold is in every Quantity', async () => {
      const varied = { item_id: '256', model: 'trading' }
      ebay = await openEbay({
        listings: [
          { sku: 'ONE', item_id: '255', model: 'trading', quantity: 4, sold: 3 },
          { ...varied, sku: 'RED', variation: { Color: 'Red' }, quantity: 2, sold: 5 },
          { ...varied, sku: 'BLUE', variation: { Color: 'Blue' }, quantity: 0 },
          { sku: 'NEW', item_id: '257', quantity: 9, offer_quantity: 6 },
          { sku: 'DRAFT', item_id: '258', published: false },
        ],
      })
      const first = (await list('<EntriesPerPage>2</EntriesPerPage>')).ActiveList
      expect(first.PaginationResult).toEqual({ TotalNumberOfPages: '2', TotalNumberOfEntries: '3' })
      const [single, several] = first.ItemArray.Item
      expect(single).toMatchObject({ ItemID: '255', SKU: 'ONE', Quantity: '7', QuantityAvailable: '4' })
      expect(several).toMatchObject({ ItemID: '256', QuantityAvailable: '2' })
      expect(several.SKU).toBeUndefined()
      expect(several.Variations.Variation).toMatchObject([
        { SKU: 'RED', Quantity: '7', SellingStatus: { QuantitySold: '5' } },
        { SKU: 'BLUE', Quantity: '0', SellingStatus: { QuantitySold: '0' } },
      ])
      const second = (await list('<EntriesPerPage>2</EntriesPerPage><PageNumber>2</PageNumber>')).ActiveList
      expect(second.ItemArray.Item, 'the inventory model is on it too').toMatchObject({ ItemID: '257', QuantityAvailable: '6' })
      expect((await list('<PageNumber>9</PageNumber>')).ActiveList.ItemArray).toBeUndefined()
      expect((await list('<EntriesPerPage>201</EntriesPerPage>')).Ack).toBe('Failure')
      ebay.act('delist', { sku: 'ONE' })
      expect((await list('')).ActiveList.PaginationResult.TotalNumberOfEntries).toBe('2')
    })
  })

  describe('trade', () => {
    it('a buyer takes what is there, at once, and the order is there', async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', quantity: 5, offer_quantity: 3, price: '14.50' }] })
      const { order_id, left } = ebay.act('buy', { sku: 'MUG', quantity: 2 })
      expect([left, ebay.liveOf('MUG')]).toEqual([1, 1])
      expect(listingOf('MUG')).toMatchObject({ quantity: 3, offer: { quantity: 1 }, bought: 2 })
      const { body } = await ebay.rest('GET', `/sell/fulfillment/v1/order/${order_id}`)
      expect(body.lineItems).toMatchObject([{ sku: 'MUG', quantity: 2, lineItemCost: { value: '29.00', currency: 'USD' } }])
      expect(() => ebay.act('buy', { sku: 'MUG', quantity: 2 })).toThrow(/2 of MUG wanted, 1 left/)
      const short = ebay.act('buy', { sku: 'MUG', quantity: 2, even_if_short: true, order: { payment: 'UNPAID' } })
      expect(listingOf('MUG')).toMatchObject({ live: 0, oversold: [short.order_id] })
      expect(listingOf('MUG').history.map(([, live, by]: Json) => [live, by])).toEqual([
        [3, 'seed'],
        [1, 'buyer'],
        [0, 'buyer'],
      ])
    })

    it('a variation is sold as itself', async () => {
      ebay = await openEbay({
        listings: [{ sku: 'TS-M', item_id: '256', variation: { Size: 'M' }, quantity: 1, model: 'trading' }],
      })
      ebay.act('buy', { sku: 'TS-M' })
      const [order] = (await ebay.orders()).OrderArray.Order
      expect(order.TransactionArray.Transaction[0]).toMatchObject({ Item: { ItemID: '256' }, Variation: { SKU: 'TS-M' } })
    })

    it('without out-of-stock control a listing ends with its last unit, a variation only with all of them', async () => {
      const varied = { item_id: '256', model: 'trading', quantity: 1 }
      ebay = await openEbay({
        accounts: [{ out_of_stock_control: false }],
        listings: [
          { sku: 'MUG', quantity: 5 },
          { ...varied, sku: 'RED', variation: { Color: 'Red' } },
          { ...varied, sku: 'BLUE', variation: { Color: 'Blue' } },
        ],
      })
      await update(wish('MUG', 0))
      expect([listingOf('MUG').ended, ebay.liveOf('MUG')]).toEqual([true, null])
      await update(wish('MUG', 5))
      expect(ebay.liveOf('MUG'), 'a new quantity does not bring it back').toBeNull()
      ebay.act('list', { sku: 'MUG', quantity: 4 })
      expect(ebay.liveOf('MUG')).toBe(4)
      await revise(row({ ItemID: '256', SKU: 'RED', Quantity: '0' }))
      expect([ebay.liveOf('RED'), ebay.liveOf('BLUE')]).toEqual([0, 1])
      ebay.act('buy', { sku: 'BLUE' })
      expect([ebay.liveOf('RED'), ebay.liveOf('BLUE')]).toEqual([null, null])
    })

    it('with it, nothing left is just nothing left', async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', quantity: 5 }] })
      await update(wish('MUG', 0))
      expect([listingOf('MUG').ended, ebay.liveOf('MUG')]).toEqual([false, 0])
      ebay.act('set-quantity', { sku: 'MUG', quantity: 2 })
      expect(ebay.liveOf('MUG')).toBe(2)
    })

    it('a mistake in a seed or an action throws, with its place', async () => {
      ebay = await openEbay({ listings: [{ sku: 'MUG', item_id: '256' }] })
      expect(() => ebay.seed({ listing: [] })).toThrow(/ebay seed: unknown listing/)
      expect(() => ebay.seed({ listings: [{ sku: 'MUG', quantity: -1 }] })).toThrow(/quantity: must be a whole number/)
      expect(() => ebay.seed({ listings: [{ sku: 'MUG', item_id: '256' }] })).toThrow(/has this SKU already/)
      expect(() => ebay.seed({ orders: [{ payment: 'GIFT' }] })).toThrow(/payment: must be one of PAID/)
      expect(() => ebay.seed({ orders: [{ order_id: '1', lines: [{ price: 10 }] }] })).toThrow(/orders 1\.lines\[0\]\.price/)
      expect(() => ebay.act('buy', { sku: 'NOPE' })).toThrow(/no listing 'NOPE'/)
      expect(() => ebay.act('sing')).toThrow(/no action 'sing'; known: /)
    })
  })
})
