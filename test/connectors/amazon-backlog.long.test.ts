import { afterEach, expect, it } from 'vitest'
import { type BacklogWorld, openBacklog } from './amazon-backlog-world.ts'
import { DAY, MINUTE, NOW, signal } from './amazon-world.ts'

const ORDERS = 5000
/** Four fifths of them, the number that a seller waits for first. */
const MOST = (ORDERS * 4) / 5

let world: BacklogWorld
afterEach(() => world.close())

interface Taken {
  /** Minutes until so many were there. */
  readonly most: number
  readonly all: number
  readonly calls: Record<string, number>
}

/** Everything that was ordered in five hours and not looked at since. */
async function pullBacklog(hinder: () => void = () => undefined): Promise<Taken> {
  const orders = Array.from({ length: ORDERS }, (_, n) => ({ created_at: NOW - 40 * MINUTE - (ORDERS - n) * 3600 }))
  world = await openBacklog({ orders })
  hinder()
  const seen = new Set<string>()
  let most = Number.NaN
  let all = Number.NaN
  for await (const page of world.connector().listOrders({ at: NOW - DAY }, signal)) {
    for (const order of page.orders) seen.add(order.externalOrderId)
    if (Number.isNaN(most) && seen.size >= MOST) most = world.minutes()
    if (Number.isNaN(all) && seen.size === ORDERS) all = world.minutes()
  }
  const { calls, throttled } = world.sandbox.books('amazon') as { calls: Record<string, number>; throttled: number }
  expect(throttled).toBe(0)
  return { most, all, calls }
}

it('5,000 open orders by search alone take an hour and a half', async () => {
  const body = { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.' }] }
  const { most, all } = await pullBacklog(() =>
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 403, times: 99, match: { path: '/reports$' }, body }),
  )

  expect(Math.round(all)).toBe(89)
  expect(Math.round(most)).toBe(60)
}, 60_000)

it('5,000 open orders by search and report take little more than half of that', async () => {
  const { most, all, calls } = await pullBacklog()

  expect(all).toBeLessThan(50)
  expect(most).toBeLessThan(33)
  expect(calls['createReport']).toBe(1)
}, 60_000)
