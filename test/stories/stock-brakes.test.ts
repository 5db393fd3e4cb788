import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import { databases, toldOn, turnsOf } from '../world/databases.ts'
import { openStockWorld, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'

const COUNT = 250
/** What Zoho's list can do to a seller, how a run says so, and how it ends. One page holds 200 items, so that there are two. */
const oddities = [
  { answer: 'an empty page', argument: { how: 'empty-page' }, exit: 5, what: /short/ },
  { answer: 'an empty second page', argument: { how: 'empty-page', page: 2 }, exit: 5, what: /short/ },
  {
    answer: 'a first page cut in two that claims to be all',
    argument: { how: 'short-page' },
    exit: 5,
    what: /lacks items|short/,
  },
  { answer: 'every second item missing', argument: { how: 'half', times: 2 }, exit: 5, what: /lacks items|short/ },
  { answer: 'nothing but zeros', argument: { how: 'zeros', times: 2 }, exit: 5, what: /zeroes too much/ },
  { answer: 'zeros on one page of two', argument: { how: 'zeros', page: 1 }, exit: 5, what: /zeroes too much/ },
] as const
const unreadable = [
  { answer: 'a page for people', argument: { how: 'html', times: 9 } },
  { answer: 'a body without items', argument: { how: 'no-items', times: 9 } },
  { answer: 'an error told with status 200', argument: { how: 'error', times: 9 } },
] as const

/** In the fast suite the databases take turns; stock-brakes.long.test.ts tells everything on both. */
describe.each(databases)('a Zoho that cannot be believed, with $name,', { timeout: 60_000 }, (database) => {
  let world: StockWorld

  beforeAll(async () => {
    world = await openStockWorld(database, { count: COUNT, stock: [10, 30, 50] })
    await world.runs(['inventory:full'])
    expect(auditStock(world.sandbox).wrong).toEqual([])
  })
  afterAll(() => world.close())

  it.each(turnsOf(oddities, database))(
    '$answer: held with exit $exit, nothing is written anywhere, one critical alert',
    async ({ argument, exit, what }) => {
      const { sandbox, runs, writes, alerts } = world
      sandbox.act('zoho', 'answer', argument)
      const before = sandbox.journal().length

      const { verdict, brakes } = (await runs(['inventory:full'], exit)).json<StockDocument>()

      expect(verdict).toBe('held')
      expect(brakes).toMatchObject([{ where: 'zoho', what: expect.stringMatching(what), why: expect.stringMatching(/./) }])
      expect(writes(before)).toEqual([])
      expect(auditStock(sandbox).wrong).toEqual([])
      expect(await alerts()).toMatchObject([
        { rule: 'stock-brake', channel: 'zoho', severity: 'critical', next: expect.stringMatching(/--override-brake/) },
      ])
      // Nothing of it is remembered: what is computed from the books alone changes nothing either.
      sandbox.act('zoho', 'answer', { clear: true })
      await runs(['inventory:rebalance', '--all'])
      expect(writes(before)).toEqual([])

      await runs(['inventory:full'])
      expect(await alerts()).toEqual([])
      expect(writes(before)).toEqual([])
    },
  )

  it.each(turnsOf(unreadable, database))(
    '$answer: exit 4, nothing is written anywhere, and an alert until it can be read again',
    async ({ argument }) => {
      const { sandbox, runs, writes, alerts } = world
      sandbox.act('zoho', 'answer', argument)
      const before = sandbox.journal().length

      const { errors } = (await runs(['inventory:full'], 4)).json<StockDocument>()

      expect(errors).toMatchObject([
        { channel: 'zoho', why: expect.stringMatching(/./), next: expect.stringMatching(/zoho|next run/) },
      ])
      expect(writes(before)).toEqual([])
      expect(await alerts()).toMatchObject([{ rule: 'stock-unread', channel: 'zoho' }])

      sandbox.act('zoho', 'answer', { clear: true })
      await runs(['inventory:full'])
      expect(await alerts()).toEqual([])
      expect(auditStock(sandbox).wrong).toEqual([])
    },
  )

  if (toldOn('sqlite').includes(database))
    it('a clearance sale that is meant: --override-brake lets one run pass, and the next is guarded again', async () => {
      const { sandbox, runs, writes, alerts, setStock } = world
      const sale = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [skuNo(1 + i), 0]))
      setStock(sale)
      await runs(['inventory:full'], 5)
      await runs(['inventory:full'], 5)
      expect(await alerts()).toMatchObject([{ rule: 'stock-brake', severity: 'critical' }])

      await runs(['inventory:full', '--override-brake'])

      expect(auditStock(sandbox)).toMatchObject({ listed: 2 * COUNT, wrong: [] })
      expect(await alerts()).toEqual([])

      const before = sandbox.journal().length
      setStock(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [skuNo(121 + i), 0])))
      await runs(['inventory:full'], 5)
      expect(writes(before)).toEqual([])
      expect(await alerts()).toMatchObject([{ rule: 'stock-brake', severity: 'critical' }])
      setStock(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [skuNo(121 + i), 30])))
      await runs(['inventory:full'])
      expect(await alerts()).toEqual([])
    })

  if (toldOn('postgres').includes(database))
    it('a ratio of nothing for a whole channel is held as well, before a single call, and a ratio that is mended lets all go on', async () => {
      const { sandbox, runs, writes, alerts } = world
      const before = sandbox.journal().length
      await runs(['settings', 'set', 'ratio', '0', '--channel', 'mirakl-macys'])

      const { brakes } = (await runs(['inventory:rebalance', '--all'], 5)).json<StockDocument>()

      expect(brakes).toMatchObject([{ where: 'mirakl-macys', what: expect.stringMatching(/set to zero/) }])
      expect(writes(before)).toEqual([])
      expect(await alerts()).toMatchObject([{ rule: 'publish-brake', channel: 'mirakl-macys', severity: 'critical' }])
      await runs(['settings', 'set', 'ratio', '1', '--channel', 'mirakl-macys'])
      await runs(['inventory:rebalance'])
      expect(await alerts()).toEqual([])
      expect(auditStock(sandbox).wrong).toEqual([])
    })
})
