import { afterEach, expect, it } from 'vitest'
import type { DoctorReport } from '../../src/core/reports/doctor.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

let world: World
afterEach(() => world.close())

it('isync doctor asks Zoho as the configuration says, and Zoho alone when told to', async () => {
  world = await startWorld(sqlite, { scale: 0, config: { zoho: 'available_field: actual_available_stock\nlocation_ids: [999]' } })
  world.sandbox.seed('zoho', { items: [{ sku: 'A', stock: 3 }] })

  const ran = await world.isync(['doctor', '--channel', 'zoho', '--json'])

  expect(ran.code).toBe(4)
  const { checks } = ran.json<DoctorReport>()
  expect(checks.map(({ channel, check, ok }) => `${channel} ${check} ${ok}`)).toEqual([
    'zoho authenticated true',
    'zoho organization true',
    'zoho clock true',
    'zoho call budget true',
    'zoho available_field false',
    'zoho location_ids false',
  ])
  expect(checks.at(-1)?.fix).toBe('zoho.location_ids may name: 460000000038080, 460000000041010')
  expect(new Set(world.sandbox.journal().map(({ vendor }) => vendor))).toEqual(new Set(['zoho']))
})

it('isync doctor asks everybody otherwise', async () => {
  // Mirakl is asked more often than it may be at once: in time that stands still its turn would never come.
  world = await startWorld(sqlite, { scale: 20 })
  world.sandbox.seed('zoho', { items: [{ sku: 'A', stock: 3 }] })

  const { checks } = (await world.isync(['doctor', '--json'])).json<DoctorReport>()

  expect(checks.filter(({ channel }) => channel === 'zoho').map(({ check, ok }) => `${check} ${ok}`)).toEqual([
    'authenticated true',
    'organization true',
    'clock true',
    'call budget true',
    'available_field true',
  ])
  expect(new Set(checks.map(({ channel }) => channel)).size).toBe(4)
})
