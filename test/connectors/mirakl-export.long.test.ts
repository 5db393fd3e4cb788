import { expect, test } from 'vitest'
import { createMiraklConnector } from '../../src/connectors/mirakl/connector.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import { limitedAccount, testGate } from '../world/gate.ts'
import './mirakl-export.test.ts'

const HOUR = 3600_000
const signal = new AbortController().signal

/**
 * Virtual seconds for a first pull, under our own limits and those of the stand-in: 1 call a second, OR13 every five minutes, OR14 every two
 * seconds, an export of 15 s and 2 s more per thousand orders.
 */
async function secondsFor(orders: number, offered: boolean): Promise<{ readonly seconds: number; readonly calls: number }> {
  const sandbox = await startSandbox({
    portBase: 0,
    clock: createClock({ start: Date.UTC(2026, 10, 22), scale: 0 }),
    keepBodies: false,
  })
  try {
    const now = () => sandbox.clock.now()
    const clock = { now, sleep: async (ms: number) => sandbox.clock.advance(ms) }
    sandbox.seed('mirakl', {
      settings: { order_exports: { offered } },
      orders: Array.from({ length: orders }, (_, i) => ({ order_id: `M-${i}-A`, created_at: now() - 20 * HOUR + i * 1000 })),
    })
    const { gate } = testGate('mirakl-test', { clock, shared: limitedAccount(clock) })
    const mirakl = createMiraklConnector(gate, {
      channel: 'mirakl-test',
      baseUrl: sandbox.origins.mirakl,
      credentials: { apiKey: 'sandbox-key' },
      carriers: {},
      countryNames: {},
      timeoutMs: 30_000,
    })
    const begun = now()
    const found = new Set<string>()
    for await (const page of mirakl.listOrders({ at: begun - 24 * HOUR }, signal))
      for (const order of page.orders) found.add(order.externalOrderId)
    expect(found.size).toBe(orders)
    const calls = Object.values(gate.counts()).reduce((sum, count) => sum + count, 0)
    return { seconds: Math.round((now() - begun) / 1000), calls }
  } finally {
    await sandbox.close()
  }
}

test.each([
  // A file holds at most 10,000 orders and 10 MB.
  [5_000, { seconds: 40, calls: 10 }, { seconds: 45, calls: 51 }],
  [20_000, { seconds: 70, calls: 20 }, { seconds: 190, calls: 202 }],
])('%i orders of a first pull: exported in seconds and a few calls, read as pages in minutes', async (orders, most, least) => {
  const exported = await secondsFor(orders, true)
  const paged = await secondsFor(orders, false)
  expect(exported.seconds).toBeLessThanOrEqual(most.seconds)
  expect(exported.calls).toBeLessThanOrEqual(most.calls)
  expect(paged.seconds).toBeGreaterThanOrEqual(least.seconds)
  expect(paged.calls).toBeGreaterThanOrEqual(least.calls)
})
