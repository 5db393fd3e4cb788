import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createHeartbeat } from '../../src/connectors/notify/heartbeat.ts'
import { aMonitor, type TestMonitor } from '../world/a-monitor.ts'

const rid = '0b4e1c52-7d6a-8f00-9a11-3f6f0c2d9e10'
const monitors: TestMonitor[] = []
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.close()
})

async function listening(...answer: Parameters<typeof aMonitor>): Promise<TestMonitor> {
  const monitor = await aMonitor(...answer)
  monitors.push(monitor)
  return monitor
}

function aHeartbeat(url: string, limitMs = 400) {
  const failures: string[] = []
  const heartbeat = createHeartbeat({
    url,
    runId: rid,
    limitMs,
    onFailure: (signal, why) => void failures.push(`${signal}: ${why}`),
  })
  return { heartbeat, failures }
}

describe('a heartbeat', () => {
  it('says by POST that a run began, then its exit code with a text, both with the id of the run, before the query', async () => {
    const monitor = await listening()
    const { heartbeat, failures } = aHeartbeat(`${monitor.origin}/key/orders-pull/?create=1`)

    heartbeat.begun()
    await heartbeat.ended(3, 'verdict: partly')

    expect(monitor.told).toEqual([
      { method: 'POST', path: '/key/orders-pull/start?create=1', rid, text: '' },
      { method: 'POST', path: '/key/orders-pull/3?create=1', rid, text: 'verdict: partly' },
    ])
    expect(failures).toEqual([])
  })

  it('never says the end before the beginning, however slow the monitor is', async () => {
    const order: string[] = []
    const monitor = await listening(async (response) => {
      const first = order.push('heard') === 1
      if (first) await wait(100)
      order.push('answered')
      response.end()
    })
    const { heartbeat } = aHeartbeat(monitor.origin, 2_000)

    heartbeat.begun()
    await heartbeat.ended(0, '')

    expect(order).toEqual(['heard', 'answered', 'heard', 'answered'])
  })

  it('sends no more than a thousand characters', async () => {
    const monitor = await listening()
    const { heartbeat } = aHeartbeat(monitor.origin)

    await heartbeat.ended(0, 'x'.repeat(5_000))

    expect(monitor.told[0]?.text).toHaveLength(1_000)
  })
})

describe('a monitor that', () => {
  it('answers with an error is reported for both signs', async () => {
    const monitor = await listening((response) => response.writeHead(500).end('down'))
    const { heartbeat, failures } = aHeartbeat(monitor.origin)

    heartbeat.begun()
    await heartbeat.ended(0, '')

    expect(failures).toEqual(['start: it answered with status 500', '0: it answered with status 500'])
  })

  it('leads elsewhere is not followed', async () => {
    const elsewhere = await listening()
    const monitor = await listening((response) => response.writeHead(302, { location: elsewhere.origin }).end())
    const { heartbeat, failures } = aHeartbeat(monitor.origin)

    await heartbeat.ended(0, '')

    expect(failures).toEqual(['0: it answered with status 302'])
    expect(elsewhere.told).toEqual([])
  })

  it('is down is reported by the reason, without its address', async () => {
    const gone = await aMonitor()
    await gone.close()
    const { heartbeat, failures } = aHeartbeat(`${gone.origin}/canary`)

    heartbeat.begun()
    await heartbeat.ended(0, '')

    expect(failures).toEqual(['start: ECONNREFUSED', '0: ECONNREFUSED'])
  })

  it('never answers holds up the end no longer than the limit, both signs together', async () => {
    const monitor = await listening(() => undefined)
    const { heartbeat, failures } = aHeartbeat(monitor.origin, 400)
    const before = performance.now()

    heartbeat.begun()
    await heartbeat.ended(0, '')

    expect(performance.now() - before).toBeLessThan(1_500)
    expect(failures).toEqual(['start: no answer in time', '0: no answer in time'])
    expect(monitor.told.map(({ path }) => path)).toEqual(['/start', '/0'])
  })
})
