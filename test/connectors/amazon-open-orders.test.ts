import { afterEach, describe, expect, it } from 'vitest'
import { ThrottledError } from '../../src/core/errors.ts'
import type { MarketplaceConnector, OpenOrder, OrderWindow } from '../../src/core/ports/marketplace.ts'
import { type BacklogWorld, openBacklog } from './amazon-backlog-world.ts'
import { DAY, failureOf, MINUTE, NOW, signal, UK } from './amazon-world.ts'

const WINDOW: OrderWindow = { from: NOW - DAY, until: NOW - 15 * MINUTE }
const idOf = (n: number) => `444-0000000-${String(n).padStart(7, '0')}`
/** Open orders that came in one after the other, the last of them an hour ago. */
const open = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ order_id: idOf(n), created_at: NOW - 60 * MINUTE - (count - n) * 1000 }))

let world: BacklogWorld
afterEach(() => world.close())

async function listed(connector: MarketplaceConnector): Promise<readonly OpenOrder[]> {
  const found: OpenOrder[] = []
  for await (const page of connector.listOpenOrders(WINDOW, signal)) found.push(...page)
  return found
}

const idsOf = (orders: readonly OpenOrder[]) => orders.map(({ externalOrderId }) => externalOrderId)
const callsOf = () => (world.sandbox.books('amazon') as { readonly calls: Readonly<Record<string, number>> }).calls
const searches = () => world.sandbox.journal().filter(({ path }) => path === '/orders/2026-01-01/orders').length
const warnings = () => world.logged.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields['error']))
const lose = (order_id: string) => world.sandbox.act('amazon', 'omit', { order_id, from: 'searches' })

describe("Amazon's open orders", () => {
  it('have one that no search shows: the report has it, and it is read by its number', async () => {
    world = await openBacklog({ orders: open(3) })
    lose(idOf(1))

    const found = await listed(world.connector())

    expect(idsOf(found).sort()).toEqual([idOf(0), idOf(1), idOf(2)])
    expect(found.map(({ unitsToShip, total }) => [unitsToShip, total?.currency])).toEqual(found.map(() => [1, 'USD']))
    expect(callsOf()).toMatchObject({ createReport: 1, getReportDocument: 1, getOrder: 1 })
  })

  it('have none of what the report names and what is not open, or not of this channel', async () => {
    const brought = { order_id: idOf(9), created_at: NOW - 90 * MINUTE, programs: ['AMAZON_EASY_SHIP'] }
    const foreign = { created_at: NOW - 40 * MINUTE, marketplace_id: UK }
    world = await openBacklog({ reports: { all_channels: true }, orders: [...open(1), brought, foreign] })
    lose(idOf(9))

    expect(idsOf(await listed(world.connector()))).toEqual([idOf(0)])
    expect(callsOf()).toMatchObject({ getOrder: 2 })
  })

  it('take ten pages of searches at most, and the report tells the others', async () => {
    world = await openBacklog({ orders: open(1_150) })

    const found = await listed(world.connector())

    expect(new Set(idsOf(found)).size).toBe(1_150)
    expect(found).toHaveLength(1_150)
    expect(searches()).toBe(10)
    expect(callsOf()['getOrder'] ?? 0).toBe(0)
    // The report counts lines, and may be half an hour old: it is not asked for units.
    expect(found.filter(({ unitsToShip }) => unitsToShip === undefined)).toHaveLength(150)
  })

  it('come from the report alone when pulls have left no search', async () => {
    world = await openBacklog({ orders: open(250) }, 20)

    const found = await listed(world.connector({ maxWaitMs: MINUTE }))

    expect(idsOf(found).sort()).toEqual(Array.from({ length: 250 }, (_, n) => idOf(n)))
    expect(searches()).toBe(20)
  })

  it.each(['FATAL', 'STUCK'] as const)(
    'come from the search alone when the report is %s, and the log says so',
    async (status) => {
      world = await openBacklog({ orders: open(120) })
      world.sandbox.act('amazon', 'end-next-report', { status })

      expect(await listed(world.connector())).toHaveLength(120)
      expect(warnings().join()).toMatch(status === 'FATAL' ? /FATAL/ : /ten minutes/)
    },
  )

  it('cannot be told with neither of them', async () => {
    world = await openBacklog({ orders: open(3) }, 20)
    world.sandbox.act('amazon', 'end-next-report', { status: 'FATAL' })

    expect(await failureOf(listed(world.connector({ maxWaitMs: MINUTE })))).toBeInstanceOf(ThrottledError)
  })

  it('leave no report behind in a dry run', async () => {
    world = await openBacklog({ orders: open(3) })

    expect(await listed(world.connector({ dryRun: true }))).toHaveLength(3)
    expect(callsOf()['createReport'] ?? 0).toBe(0)
  })

  it('share the report of a run that was stopped', async () => {
    world = await openBacklog({ orders: open(3) })
    const stopped = world.connector().listOpenOrders(WINDOW, signal)[Symbol.asyncIterator]()
    await stopped.next()
    await stopped.return?.()

    expect(await listed(world.connector())).toHaveLength(3)
    expect(callsOf()).toMatchObject({ createReport: 1 })
  })

  it('are asked for without anything personal', async () => {
    world = await openBacklog({ orders: open(1) })
    await listed(world.connector())

    const [asked] = world.sandbox.journal().filter(({ path }) => path === '/orders/2026-01-01/orders')
    expect(new URLSearchParams(asked?.query).get('includedData')).toBe('PROCEEDS,FULFILLMENT,CANCELLATION')
    expect(asked?.replyBody).not.toMatch(/recipient|buyer/i)
  })
})
