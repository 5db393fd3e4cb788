import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../world/databases.ts'
import type { FaultRow } from './fault-table.ts'
import { type FaultWorld, inShipStation, openFaultWorld, type Pair, places, reckon } from './fault-world.ts'

/** Every row strikes at each of the six places where an order's way meets a vendor; one world lives through all rows. */
export function tellFaultStory(database: TestDatabase, rows: readonly FaultRow[]): void {
  describe(`a fault on the way of an order, with ${database.name}`, () => {
    const pairs: Pair[] = []
    let world: FaultWorld

    beforeAll(async () => {
      world = await openFaultWorld(database)
    })
    afterAll(() => world.close())

    it.each(rows)(
      '$fault: the run that pulls ends $pull, pushes $push, confirms $confirm, polls shipments $poll; then each order is there once',
      async (row) => {
        const pair = world.order()
        pairs.push(pair)

        world.hurt(row.strike, places.pullAmazon, places.pullMirakl)
        await ends(['orders:pull'], row.pull)
        world.heal()
        await ends(['orders:pull'], 0)

        world.hurt(row.strike, places.push)
        await ends(['orders:push-shipstation'], row.push)
        expect(inShipStation(world).includes(pair.amazon)).toBe(row.stored || row.push === 0)
        world.heal()
        await ends(['orders:push-shipstation'], 0)

        world.ship(pair)
        world.hurt(row.strike, places.confirmAmazon, places.confirmMirakl)
        await ends(['tracking:sync'], row.confirm)
        world.heal()
        world.hurt(row.strike, places.poll)
        await ends(['tracking:sync'], row.poll)
        world.heal()
        await ends(['tracking:sync'], 0)

        expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
      },
    )

    it('leaves nothing behind: no task, no alert, no order twice', async () => {
      expect(await world.settle(pairs)).toEqual({ lost: [], doubled: [], exits: [0, 0, 0] })
      expect(await world.status()).toMatchObject({ tasks: { waiting: 0, running: 0, dead: 0 }, alerts: [], ok: true })
    })

    async function ends(args: readonly string[], exit: number): Promise<void> {
      const { code, stdout, stderr } = await world.isync([...args, '--json'])
      expect(code, `${args.join(' ')}\n${stdout}\n${stderr}`).toBe(exit)
    }
  })
}
