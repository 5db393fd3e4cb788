import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { databases } from '../world/databases.ts'
import { race } from '../world/oversell-race.ts'
import { openSockets, type Wire } from '../world/oversell-wire.ts'

vi.setConfig({ testTimeout: 180_000 })

let wire: Wire

beforeAll(async () => {
  wire = await openSockets()
})

afterAll(() => wire.close())

it.each(databases)(
  'the oversell race over real connections, on $name: nothing is found with the guard, something without',
  async (database) => {
    const guarded = await race(database, wire, { from: 20_001, count: 5, reduce: true })
    expect(guarded.first).toBe('')
    expect(guarded.raised).toBeGreaterThan(15)
    const open = await race(database, wire, { from: 20_001, count: 5, fix: { guard: 'off' }, reduce: false })
    expect(open.kinds['raised unpulled']).toBeGreaterThan(0)
  },
)
