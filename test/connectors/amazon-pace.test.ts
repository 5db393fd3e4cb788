import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Clock } from '../../src/core/ports/system.ts'
import { limitedAccount } from '../world/gate.ts'
import { type AmazonWorld, calls, confirmation, NOW, openAmazon, signal } from './amazon-world.ts'

const CONFIRM = /shipmentConfirmation$/
const PACKAGES = 14

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon()
})
afterEach(() => world.sandbox.close())

/** Our time. What leaves before the first wait travels for 400 ms, since it opens connections; what leaves later takes 50 ms. */
function hurryingClock(): Clock {
  let now = NOW
  world.sandbox.clock.set(now + 400)
  return {
    now: () => now,
    async sleep(ms) {
      now += ms
      world.sandbox.clock.set(now + 50)
    },
  }
}

it('confirmations that travel faster than the first ones do not meet a 429', async () => {
  const ids = Array.from({ length: PACKAGES }, (_, n) => `111-0000000-00000${10 + n}`)
  const orders = ids.map((order_id) => ({ order_id, items: [{ order_item_id: 'A', quantity: 1 }] }))
  world.sandbox.seed('amazon', { rate_limits: 'on', orders })
  const clock = hurryingClock()
  const { connector } = world.again({}, { clock, shared: limitedAccount(clock) })
  const lines = [{ externalLineId: 'A', quantity: 1 }]
  const batch = ids.map((externalOrderId, n) =>
    confirmation({ externalOrderId, reference: n + 1, trackingNumber: `T${n}`, lines }),
  )

  await connector.confirmShipments(batch, signal)

  expect(calls(world.sandbox, CONFIRM).map((entry) => entry.status)).toEqual(Array(PACKAGES).fill(204))
})
