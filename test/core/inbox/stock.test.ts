import { describe, expect, it } from 'vitest'
import { ThrottledError } from '../../../src/core/errors.ts'
import type { StockHint, Trigger } from '../../../src/core/model/trigger.ts'
import { HOUR, MINUTE, SECOND } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, box, keep, someHands, states, type TestHands, work } from './a-post.ts'

const ofStock = (...items: readonly StockHint[]): Trigger => ({ kind: 'stock', items })
const byId = (sku: string): StockHint => ({ itemId: `id-${sku}` })

/** From now on the source has so many calls to spare, and then none for so long. */
function spares({ shelf }: TestHands, calls: number, waitMs: number): void {
  const { itemsById } = shelf
  let left = calls
  const spent = new ThrottledError('no call to spare', { account: 'zoho', operation: 'itemdetails', waitMs })
  const sparing: typeof itemsById = async (ids, signal) => {
    if (left === 0) throw spent
    left -= 1
    return itemsById(ids, signal)
  }
  Object.assign(shelf, { itemsById: sparing })
}

describe.each(databases)('what messages say of stock, on $name,', (database) => {
  it('is read by id where the SKU is known, for a hundred ids cost one call and a SKU costs one', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.shelf.shelf.set('A', 5).set('B', 7)
    await keep(run, 'zoho', aDelivery('k1', ofStock({ sku: 'A' })))
    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 1 })
    expect(hands.shelf.asked).toEqual(['skus'])

    await run.clock.advance(MINUTE)
    await keep(run, 'zoho', aDelivery('k2', ofStock({ sku: 'A' })), aDelivery('k3', ofStock(byId('B'))))
    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 2 })
    expect(hands.shelf.asked).toEqual(['skus', 'ids'])
  })

  it('is read by the SKU after all where another item bears it by now', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.shelf.shelf.set('A', 5)
    await keep(run, 'zoho', aDelivery('k1', ofStock(byId('A'))))
    await work(run, hands, 'zoho')
    await run.clock.advance(MINUTE)
    hands.shelf.change.set('A', { sku: 'WAS-A' })

    await keep(run, 'zoho', aDelivery('k2', ofStock({ sku: 'A' })))
    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 1 })
    expect(hands.shelf.asked).toEqual(['ids', 'ids', 'skus'])
  })

  it('waits exactly until the source has a call to spare, and that spends none of its tries', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.shelf.shelf.set('A', 5)
    const { itemsById } = hands.shelf
    spares(hands, 0, 90 * SECOND)
    await keep(run, 'zoho', aDelivery('k1', ofStock(byId('A'))))
    expect(await work(run, hands, 'zoho')).toEqual({ done: 0, later: 1, dead: 0 })
    expect(await box(run)).toMatchObject([{ attempts: 0, next_attempt_at: run.clock.now() + 90 * SECOND }])

    await run.clock.advance(89 * SECOND)
    expect(await work(run, hands, 'zoho')).toEqual({ done: 0, later: 0, dead: 0 })
    Object.assign(hands.shelf, { itemsById })
    await run.clock.advance(SECOND)
    expect(await work(run, hands, 'zoho')).toEqual({ done: 1, later: 0, dead: 0 })
  })

  it('is asked about every quarter of an hour where the day is over for the source', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    spares(hands, 0, 10 * HOUR)
    await keep(run, 'zoho', aDelivery('k1', ofStock(byId('A'))))
    await work(run, hands, 'zoho')
    expect(await box(run)).toMatchObject([{ attempts: 0, next_attempt_at: run.clock.now() + 15 * MINUTE }])
  })

  it('is read as far as there are calls: what one request holds is done, and the rest waits', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    const skus = Array.from({ length: 150 }, (_, n) => `S-${String(n).padStart(3, '0')}`)
    for (const sku of skus) hands.shelf.shelf.set(sku, 5)
    spares(hands, 1, MINUTE)
    await keep(run, 'zoho', ...skus.map((sku) => aDelivery(sku, ofStock(byId(sku)))))
    expect(await work(run, hands, 'zoho')).toEqual({ done: 100, later: 50, dead: 0 })
    expect((await states(run)).filter((one) => one.endsWith('waiting'))).toHaveLength(50)
  })
})
