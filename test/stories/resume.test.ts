import { afterEach, describe, expect, it } from 'vitest'
import { databases, toldOn } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

/** Amazon grants one search every three minutes once its burst is spent, so pages read before a crash must not be read again. */
describe.each(databases)('a search of four pages on $name', (database) => {
  let world: World

  afterEach(() => world.close())

  if (toldOn('sqlite').includes(database))
    it('goes on at the page where it was cut off, on a first pull and on a later one', async () => {
      world = await startWorld(database)
      world.sandbox.seed('amazon', { rate_limits: 'off', orders: orders(1) })

      await pullCutAfterPages(2)
      expect(searches()).toBe(2)
      await laterPull()
      expect(searches()).toBe(4)
      expect(await stored()).toBe(350)

      world.sandbox.act('amazon', 'add-orders', orders(2))
      world.clock.advance(30 * 60_000)
      await pullCutAfterPages(2)
      await laterPull()
      expect(searches()).toBe(8)
      expect(await stored()).toBe(700)
    })

  if (toldOn('postgres').includes(database))
    it('does not skip what lies between the saved place and a later --since', async () => {
      world = await startWorld(database)
      world.sandbox.seed('amazon', { orders: orders(1).slice(0, 3) })
      await pull([])
      world.sandbox.act('amazon', 'add-orders', orders(2).slice(0, 5))
      world.clock.advance(3 * 3_600_000)

      await world.isync([
        'orders:pull',
        '--channel',
        'amazon-us',
        '--since',
        new Date(world.clock.now() - 600_000).toISOString(),
        '-q',
      ])
      expect(await stored()).toBe(3)
      await pull([])
      expect(await stored()).toBe(8)
    })

  function searches(): number {
    const { calls } = world.sandbox.books('amazon') as { calls: Record<string, number> }
    return calls.searchOrders ?? 0
  }

  function pull(args: readonly string[]) {
    return world.isync(['orders:pull', '--channel', 'amazon-us', '-q', ...args])
  }

  async function laterPull(): Promise<void> {
    world.clock.advance(3 * 60_000)
    expect((await pull([])).code).toBe(0)
  }

  /** The page after these is answered with 503. */
  async function pullCutAfterPages(pages: number): Promise<void> {
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', match: { path: '/orders/2026-01-01/orders' }, after: pages })
    expect((await pull([])).code).toBe(4)
  }

  async function stored(): Promise<number> {
    const { channels } = (await world.isync(['status', '--json'])).json<{
      channels: { channel: string; orders: Record<string, number> }[]
    }>()
    const counts = channels.find(({ channel }) => channel === 'amazon-us')?.orders ?? {}
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }
})

function orders(batch: number): { order_id: string }[] {
  const count = 350
  return Array.from({ length: count }, (_, index) => ({ order_id: `113-000000${batch}-${String(index).padStart(7, '0')}` }))
}
