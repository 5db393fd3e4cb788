import { expect, it } from 'vitest'
import { PermanentError } from '../../../src/core/errors.ts'
import { aPage } from '../../world/a-channel.ts'
import { noon } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, anOrderHint, keep, someHands, states, work } from './a-post.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

it('a number that the marketplace refuses holds none of the orders up that were pushed beside it', async () => {
  const run = await aRun(sqlite)
  const hands = someHands(run)
  const good = ['A-1', 'A-2', 'A-4', 'A-5']
  hands.channel.pages = [
    aPage(
      good.map((id) => anOrder(id)),
      { at: noon },
    ),
  ]
  const { getOrders } = hands.channel
  let calls = 0
  const picky: typeof getOrders = async (ids, signal) => {
    calls += 1
    if (ids.includes('?'))
      throw new PermanentError('400: not a number of an order', { account: 'amazon-us', operation: 'getOrder' })
    return getOrders(ids, signal)
  }
  Object.assign(hands.channel, { getOrders: picky })
  const deliveries = ['A-1', 'A-2', '?', 'A-4', 'A-5'].map((id) => aDelivery(`k ${id}`, anOrderHint('amazon-us', id)))
  await keep(run, 'orders', ...deliveries)
  await work(run, hands, 'orders')
  expect(await states(run)).toEqual(['k ? waiting', 'k A-1 done', 'k A-2 done', 'k A-4 done', 'k A-5 done'])
  // By halves, not one by one.
  expect(calls).toBeLessThanOrEqual(7)
})
