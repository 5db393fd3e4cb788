import { buyEverywhere, calls, everywhere, markets, openAllChannels, packOrder, skuOf, type Town } from '../world/all-channels.ts'
import { databases } from '../world/databases.ts'
import type { WorldOptions } from '../world/loop.ts'
import { moreChannels } from '../world/more-channels.ts'
import type { Exchange } from './check.ts'
import { type HeardWorld, heardIn } from './heard-world.ts'

const MINUTE = 60_000

async function openWorld(options: WorldOptions = {}): Promise<HeardWorld> {
  const sqlite = databases.find(({ name }) => name === 'sqlite')
  if (sqlite === undefined) throw new Error('no SQLite')
  return heardIn(await openAllChannels(sqlite, options))
}

/** The loop with everything that may happen on the way, at eBay and Rithum. Returns what went over the wire. */
export async function playMoreChannels(): Promise<readonly Exchange[]> {
  return played(await openWorld())
}

/** The same with the other way of each: eBay's REST APIs, ChannelAdvisor's quantities with open orders. */
export async function playTheOtherWays(): Promise<readonly Exchange[]> {
  const ebay = 'timeout: 10m\norders_api: fulfillment'
  // Open orders are compared up to now: how fresh a span a vendor takes counts.
  const top = 'reconcile:\n  min_age: 0s'
  return played(await openWorld({ config: { ebay, channeladvisor: 'timeout: 10m\nupdate_type: UnShipped', top } }))
}

async function played(world: HeardWorld): Promise<readonly Exchange[]> {
  const { sandbox, clock, good, heard } = world
  const wait = () => clock.advance(20 * MINUTE)
  const strike = (point: keyof (typeof calls)['ebay'], fault: object) => {
    for (const vendor of moreChannels) {
      const match = calls[vendor][point]
      if (match !== undefined) sandbox.addFault({ kind: 'cut-after', ...fault, vendor, match })
    }
  }
  try {
    await good('doctor')
    // One SKU is refused by each, and one is nowhere to be found.
    for (const vendor of moreChannels) sandbox.act(vendor, 'fail-sku', { sku: skuOf(1) })
    sandbox.seed('zoho', { items: [{ sku: 'NOWHERE', stock: 12 }] })
    strike('stock', { after: 1 })
    await good('inventory:full')
    wait()
    await good('inventory:full')
    sandbox.act('zoho', 'set-stock', { sku: skuOf(2), stock: 70 })
    await good('inventory:delta')
    await good('inventory:rebalance', '--all')

    const town = buyEverywhere(world, 1)
    wait()
    strike('pull', { kind: 'status', status: 503 })
    await good('orders:pull')
    wait()
    for (const vendor of moreChannels) sandbox.act(vendor, 'expire-tokens', {})
    await good('orders:pull')
    everywhere(world, town, 'not paid yet', 'pay')
    everywhere(world, town, 'cancelled before the push', 'cancel')
    wait()
    await good('orders:pull')
    strike('take', {})
    await good('orders:push-shipstation')
    wait()
    await good('orders:push-shipstation')
    await good('retry')
    await good('reconcile', '--dry-run')
    // Further back than eBay can look, and in more than one question.
    await good('reconcile', '--dry-run', '--window', '120d')
    everywhere(world, town, 'cancelled after the push', 'cancel')
    everywhere(world, town, 'moved after the push', 'move')
    wait()
    await good('orders:pull')
    await good('orders:push-shipstation')
    ship(world, town)
    wait()
    strike('confirm', {})
    await good('tracking:sync')
    for (let round = 0; round < 3; round += 1) {
      wait()
      await good('tracking:sync')
    }
    for (const vendor of moreChannels)
      await good('orders:pull', '--order', town[vendor]['in two packages'], '--channel', CODES[vendor])
    await refused(world)
    return heard()
  } finally {
    await world.close()
  }
}

const CODES = { ebay: 'ebay-us', dsco: 'rithum-acme', channeladvisor: 'rithum-ca' } as const

function ship(world: HeardWorld, town: Town): void {
  for (const market of markets) {
    const ids = town[market]
    packOrder(world, market, ids['in two packages'], [[1], [2]])
    packOrder(world, market, ids['a package for each line'], [
      [2, 0],
      [0, 1],
    ])
    for (const fate of ['its label voided before', 'moved after the push', 'not paid yet'] as const)
      packOrder(world, market, ids[fate])
  }
}

/** Refusals in the stand-ins' own words. */
async function refused({ sandbox, clock, good }: HeardWorld): Promise<void> {
  for (const vendor of moreChannels) sandbox.act(vendor, 'revoke', {})
  clock.advance(3 * 60 * MINUTE)
  await good('orders:pull')
  for (const vendor of moreChannels) sandbox.act(vendor, 'restore', {})
}
