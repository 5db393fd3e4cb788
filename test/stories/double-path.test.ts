import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../src/core/reports/doctor.ts'
import { packedOrder, packOrder, trackingOf } from '../world/all-channels.ts'
import { audit } from '../world/auditor.ts'
import { toldOn } from '../world/databases.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'
import { withoutMoreLimits } from '../world/more-channels.ts'

/** Longer than any marketplace takes to show what happened. */
const SETTLED = 15 * 60_000

/** Two orders of Amazon's that ChannelAdvisor brings as well, under ids of its own: the first one later than Amazon, the second one sooner. */
const first = { direct: '114-7777777-0000001', carried: '21900001', lines: [{ sku: 'SKU-000001', quantity: 2 }] }
const second = { direct: '114-7777777-0000002', carried: '21900002', lines: [{ sku: 'SKU-000002', quantity: 1 }] }

interface OrderView {
  readonly twin_of: string | null
  readonly push: { readonly state: string }
}

interface Alert {
  readonly rule: string
  readonly channel: string
  readonly severity: string
  readonly message: string
  readonly next: string
}

/** In the fast suite on one database; double-path.long.test.ts tells it on both. */
describe.each(toldOn('postgres'))('one order over two channels, over the command line, with $name', (database) => {
  let world: World

  beforeAll(async () => {
    world = await startWorld(database, { scale: 20, also: ['channeladvisor'] })
    world.sandbox.seed('amazon', { rate_limits: 'off' })
    world.sandbox.seed('mirakl', { rate_limits: false })
    world.sandbox.seed('shipstation', { rate_limit: 0 })
    withoutMoreLimits(world.sandbox)
  })
  afterAll(() => world.close())

  it('goes to ShipStation once, by the channel that brought it first, and only that one is told of it', async () => {
    boughtDirectly(first)
    carriedOver(second)
    await later('orders:pull')
    carriedOver(first)
    boughtDirectly(second)
    await later('orders:pull', 'orders:push-shipstation')

    expect(packedOrder(world, 'amazon', first.direct)?.status).toBe('awaiting_shipment')
    expect(packedOrder(world, 'channeladvisor', second.carried)?.status).toBe('awaiting_shipment')
    expect(ordersInShipStation()).toBe(2)
    expect(audit(world.sandbox, { copies: [first.carried, second.direct] })).toMatchObject({ lost: [], doubled: [] })
    expect(exported()).toEqual([second.carried])
  })

  it('is told to the operator: an alert for each channel, the doctor, the view of the copy', async () => {
    const alerts = await doublePathAlerts()
    expect(alerts.map(({ channel, severity }) => `${channel} ${severity}`).sort()).toEqual([
      'amazon-us critical',
      'rithum-ca critical',
    ])
    const ofCarried = alerts.find(({ channel }) => channel === 'rithum-ca')
    expect(ofCarried?.message).toContain(`${first.carried} is order ${first.direct} of amazon-us`)
    expect(ofCarried?.next).toContain(`isync orders:release ${first.carried} --channel rithum-ca`)

    const { checks } = (await run(4, 'doctor', '--json')).json<DoctorReport>()
    const found = checks.filter(({ check }) => check === 'double path')
    expect(found.map(({ channel, ok }) => `${channel} ${ok}`).sort()).toEqual(['amazon-us false', 'rithum-ca false'])
    expect(found.find(({ channel }) => channel === 'rithum-ca')?.fix).toBe(ofCarried?.next)
    expect(checks.find(({ channel, check }) => channel === 'rithum-ca' && check === 'sites')?.detail).toContain('exclude_sites')

    const { stdout } = await run(0, 'orders:show', first.carried)
    expect(stdout).toMatch(new RegExp(`sold on +Amazon Seller Central - US ${first.direct}\n`))
    expect(stdout).toMatch(new RegExp(`held +as a copy of amazon-us ${first.direct}; isync orders:release lets it go\n`))
    expect(await view(second.direct)).toMatchObject({ twin_of: `rithum-ca/${second.carried}`, push: { state: 'none' } })
  })

  it('is told as shipped where it came from first, and nowhere else', async () => {
    packOrder(world, 'amazon', first.direct)
    packOrder(world, 'channeladvisor', second.carried)
    await later('tracking:sync')

    expect(audit(world.sandbox, { copies: [first.carried, second.direct] })).toMatchObject({ lost: [], doubled: [] })
    const { orders } = world.sandbox.books('channeladvisor') as { orders: readonly { order_id: number }[] }
    const copy = orders.find(({ order_id }) => String(order_id) === first.carried)
    expect(JSON.stringify(copy)).not.toContain(trackingOf('amazon', first.direct, 1))
  })

  it('is let go by orders:release, once, is never held again, and leaves the other copy where it is', async () => {
    const shown = await run(0, 'orders:release', first.carried, '--channel', 'rithum-ca', '--dry-run')
    expect(shown.stdout).toMatch(new RegExp(`^would release rithum-ca ${first.carried}: no longer held`))
    const { alerts } = (await run(0, 'alerts', '--json')).json<{ alerts: readonly { id: string }[] }>()
    expect((await run(0, 'alerts', '--close', String(alerts[0]?.id), '--dry-run')).stdout).toMatch(/^would be closed: /)

    const ran = await run(0, 'orders:release', first.carried, '--channel', 'rithum-ca')
    expect(ran.stdout).not.toContain('would release')
    expect(ran.stdout).toContain(`rithum-ca ${first.carried}: no longer held as a copy of amazon-us ${first.direct}.`)
    world.sandbox.act('channeladvisor', 'change-address', {
      order_id: Number(first.carried),
      ship_to: { line1: '9 Moved Street' },
    })
    await later('orders:pull', 'orders:push-shipstation')

    const released = packedOrder(world, 'channeladvisor', first.carried)
    expect(released).toMatchObject({ status: 'awaiting_shipment', ship_to: { street1: '9 Moved Street' } })
    expect(packedOrder(world, 'amazon', second.direct)).toBeUndefined()
    expect(ordersInShipStation()).toBe(3)
    expect(exported().sort()).toEqual([first.carried, second.carried])
    expect(await view(first.carried)).toMatchObject({ twin_of: null, push: { state: 'pushed' } })
    expect((await doublePathAlerts()).map(({ channel }) => channel)).toEqual(['amazon-us'])
    const again = (await run(2, 'orders:release', first.carried, '--json')).json<{ error: { what: string } }>()
    expect(again.error.what).toContain('not held')
  })

  function boughtDirectly({ direct, lines }: typeof first): void {
    world.sandbox.act('amazon', 'add-orders', [{ order_id: direct, items: lines }])
  }

  function carriedOver({ direct, carried, lines }: typeof first): void {
    const sale = { site_order_id: direct, site_name: 'Amazon Seller Central - US' }
    world.sandbox.act('channeladvisor', 'add-orders', [{ order_id: Number(carried), ...sale, lines }])
  }

  function ordersInShipStation(): number {
    return (world.sandbox.books('shipstation') as { orders: readonly unknown[] }).orders.length
  }

  /** ChannelAdvisor's orders that were told to be taken, once for each time. */
  function exported(): string[] {
    const told = world.sandbox.journal().flatMap(({ path }) => /^\/v1\/Orders\((\d+)\)\/Export$/.exec(path) ?? [])
    return told.filter((text) => /^\d+$/.test(text))
  }

  async function doublePathAlerts(): Promise<readonly Alert[]> {
    const { alerts } = (await run(0, 'alerts', '--json')).json<{ alerts: readonly Alert[] }>()
    return alerts.filter(({ rule }) => rule === 'double-path')
  }

  async function view(id: string): Promise<OrderView> {
    return (await run(0, 'orders:show', id, '--json')).json<OrderView>()
  }

  async function later(...commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      world.clock.advance(SETTLED)
      await run(0, command)
    }
  }

  async function run(exit: number, ...args: readonly string[]): Promise<Ran> {
    const ran = await world.isync(args)
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`).toBe(exit)
    return ran
  }
})
