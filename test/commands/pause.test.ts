import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'

const HOUR = 3_600_000
const [sqlite] = databases
let world: World

beforeAll(async () => {
  if (sqlite === undefined) throw new Error('there is no database to test with')
  world = await startWorld(sqlite, { scale: 20 })
  world.sandbox.seed('amazon', { rate_limits: 'off', orders: [{ order_id: '111-0000000-0000001' }] })
  world.sandbox.seed('mirakl', { rate_limits: false, orders: [{ order_id: 'M-1', state: 'SHIPPING' }] })
  world.sandbox.seed('shipstation', { rate_limit: 0 })
})
afterAll(() => world.close())

async function done(...args: readonly string[]): Promise<Ran> {
  const ran = await world.isync(args)
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  return ran
}

const inShipStation = () =>
  (world.sandbox.books('shipstation') as { orders: { order_number: string }[] }).orders
    .map(({ order_number }) => order_number)
    .sort()
const callsTo = (vendor: string, since: number) =>
  world.sandbox
    .journal()
    .slice(since)
    .filter((call) => call.vendor === vendor).length

describe('isync pause', () => {
  it('leaves the channel alone in every command: said on stdout, in the document and in the log, exit 0', async () => {
    expect((await done('pause', 'amazon-us')).stdout).toMatch(
      /^amazon-us is paused: all\.$[\s\S]*isync resume amazon-us ends the pause/m,
    )
    const calls = world.sandbox.journal().length

    const pulled = await done('orders:pull')
    expect(pulled.stdout).toMatch(/^amazon-us: paused: all \(by cron, since .+Z\); isync resume amazon-us ends it\.$/m)
    expect(pulled.stderr).toMatch(/"channel":"amazon-us".*"msg":"channel is paused and left alone"/)
    world.clock.advance(60_000)
    const document = (await done('orders:pull', '--json')).json<{
      verdict: string
      channels: { channel: string; outcome: string; paused?: string }[]
    }>()
    expect(document.verdict).toBe('done')
    expect(document.channels).toMatchObject([
      { channel: 'amazon-us', outcome: 'paused', paused: expect.stringMatching(/^all /) },
      { channel: 'mirakl-macys', outcome: 'done' },
    ])
    await done('orders:push-shipstation')
    await done('tracking:sync')
    await done('retry')

    expect(inShipStation()).toEqual(['M-1'])
    expect(callsTo('amazon', calls)).toBe(0)
  })

  it('is shown by the status until isync resume', async () => {
    expect((await done('status')).stdout).toMatch(/^amazon-us +.*paused: all$/m)
    expect((await done('status')).stdout).toMatch(/amazon-us: paused by cron since .*: all; isync resume amazon-us ends it/)
    expect((await done('resume', 'amazon-us')).stdout).toMatch(/amazon-us goes on.*\n.*inventory:rebalance --all/)
    const { channels } = (await done('status', '--json')).json<{ channels: { channel: string; paused: unknown }[] }>()
    expect(channels.map(({ paused }) => paused)).toEqual([null, null, null])

    await done('orders:pull')
    await done('orders:push-shipstation')
    expect(inShipStation()).toEqual(['111-0000000-0000001', 'M-1'])
    expect((await done('resume', 'amazon-us')).stdout).toMatch(/was not paused\. Nothing was changed/)
  })

  it('--until ends by itself', async () => {
    const { paused } = (await done('pause', 'mirakl-macys', '--orders', '--until', '2h', '--json')).json<{
      paused: { what: string; until: string }[]
    }>()
    expect(paused).toMatchObject([{ what: 'orders' }])
    expect(Math.abs(Date.parse(paused[0]?.until ?? '') - world.clock.now() - 2 * HOUR)).toBeLessThan(10 * 60_000)
    world.sandbox.act('mirakl', 'add-orders', [{ order_id: 'M-2', state: 'SHIPPING' }])
    world.clock.advance(HOUR)
    await done('orders:pull')
    await done('orders:push-shipstation')
    expect(inShipStation()).not.toContain('M-2')

    world.clock.advance(HOUR)
    await done('orders:pull')
    await done('orders:push-shipstation')
    expect(inShipStation()).toContain('M-2')
  })

  it.each([
    [['pause', 'amazon-uk'], /unknown channel 'amazon-uk'/],
    [['resume', 'amazon-uk'], /unknown channel 'amazon-uk'/],
    [['pause', 'amazon-us', '--until', '2020-01-01'], /is over already/],
    [['pause', 'amazon-us', '--until', 'tomorrow'], /--until/],
    [['pause'], /missing required argument 'channel'/],
  ])('%j is refused', async (args, why) => {
    const ran = await world.isync([...args])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(why)])
    expect((await done('status')).stdout).not.toMatch(/paused/)
  })
})
