import { expect, inject } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { SETTLED, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'

export const COUNT = inject('thorough') ? 60 : 30
/** Leases must not run out while this machine is busy: a second of ours is twenty of the world's. */
const patient = 'lease: 30m'

/** SKUs whose number was written twice in a row with nobody buying in between: somebody sent what had been taken already. */
function sentTwice(sandbox: StockWorld['sandbox']): readonly string[] {
  type Entry = readonly [at: number, quantity: number | null, by: string]
  const people = ['seed', 'buyer', 'person']
  const bought = (entry: Entry | undefined) => entry?.[2] === 'buyer'
  const { listings } = sandbox.books('amazon') as { readonly listings: readonly { sku: string; history: readonly Entry[] }[] }
  const { offers } = sandbox.books('mirakl') as { readonly offers: readonly { sku: string; history: readonly Entry[] }[] }
  return [...listings, ...offers].flatMap(({ sku, history }) =>
    history
      .filter(([, quantity, by], i) => !people.includes(by) && !bought(history[i - 1]) && history[i - 1]?.[1] === quantity)
      .map(([at, quantity, by]) => `${sku} ${quantity} by ${by} at ${at}`),
  )
}

export interface TogetherStory {
  readonly title: string
  /** Lines of the configuration. */
  readonly config: string
  /** The database that tells it in the fast suite; in the long one both tell all. */
  readonly fast?: TestDatabase['name']
  readonly tell: (world: StockWorld) => Promise<void>
}

/** A seller with {@link COUNT} SKUs. */
export const togetherStories: readonly TogetherStory[] = [
  {
    fast: 'sqlite',
    title: 'of two full runs one does the work, the other says who is at it and ends well',
    config: patient,
    async tell(world) {
      const { isync, sandbox, clock } = world

      const both = await Promise.all([isync(['inventory:full', '--json']), isync(['inventory:full', '--json'])])

      expect(both.map(({ code }) => code)).toEqual([0, 0])
      const documents = both.map((ran) => ran.json<StockDocument>())
      const idle = documents.filter(({ held_by }) => held_by !== undefined)
      expect(idle).toMatchObject([{ held_by: { host: expect.stringMatching(/./), pid: expect.any(Number) }, channels: [] }])
      clock.advance(SETTLED)
      expect(auditStock(sandbox)).toEqual({ listed: 2 * COUNT, wrong: [], trespasses: [], oversold: [] })
      expect(sentTwice(sandbox)).toEqual([])
    },
  },

  {
    fast: 'postgres',
    title: 'a full run and three pulls of the same orders: each line deducted once, nothing sent twice',
    config: patient,
    async tell(world) {
      const { isync, sandbox, clock, buy, runs, setStock } = world
      await runs(['inventory:full'])
      clock.advance(SETTLED)
      buy('amazon', skuNo(1), 2)
      buy('amazon', skuNo(2), 2)
      buy('mirakl', skuNo(1), 3)
      buy('mirakl', skuNo(5), 20)
      clock.advance(SETTLED)
      // Zoho knows of none of it; the number of one SKU goes up meanwhile, of another down.
      setStock({ [skuNo(6)]: 12, [skuNo(10)]: 24 })

      const all = await Promise.all([
        isync(['inventory:full', '--json']),
        isync(['orders:pull', '--json']),
        isync(['orders:pull', '--json']),
        isync(['orders:pull', '--json']),
      ])
      expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0])
      clock.advance(SETTLED)
      await runs(['orders:pull'])

      for (const [sku, units] of [
        [skuNo(1), ['2', '3']],
        [skuNo(2), ['2']],
        [skuNo(5), ['20']],
      ] as const) {
        const { history } = (await isync(['sku:show', sku, '--json'])).json<{
          readonly history: readonly { readonly what: string; readonly detail: string }[]
        }>()
        const took = history.filter(({ what }) => what === 'order').map(({ detail }) => / took (\d+)$/.exec(detail)?.[1])
        expect(took.sort()).toEqual(units)
      }
      expect(sentTwice(sandbox)).toEqual([])
      // Orders that a pull stored before the reading began are Zoho's to know of by now; the other SKUs show the rule's number.
      const { wrong } = auditStock(sandbox)
      expect(wrong.filter((line) => !/SKU-00000[125]:/.test(line))).toEqual([])
    },
  },

  {
    title: 'with every open order carried, what channels show at the end does not depend on who came first',
    config: 'lease: 30m\nshadow: { carry: open_orders }',
    async tell(world) {
      const { isync, sandbox, clock, buy, runs } = world
      await runs(['inventory:full'])
      for (let round = 0; round < (inject('thorough') ? 3 : 2); round += 1) {
        buy('amazon', skuNo(1))
        buy('mirakl', skuNo(1))
        buy('mirakl', skuNo(5 + round * 5), 23)
        clock.advance(SETTLED)
        const all = await Promise.all([
          isync(['inventory:full']),
          isync(['orders:pull']),
          isync(['inventory:rebalance', '--all']),
          isync(['orders:pull']),
        ])
        expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0])
        clock.advance(SETTLED)
      }
      await runs(['inventory:rebalance', '--all'])

      expect(auditStock(sandbox)).toEqual({ listed: 2 * COUNT, wrong: [], trespasses: [], oversold: [] })
    },
  },

  {
    title: 'of two rebalances of everything one does the work; nothing is sent twice',
    config: patient,
    async tell(world) {
      const { isync, sandbox, clock, runs } = world
      await runs(['inventory:full'])
      await runs(['settings', 'set', 'ratio', '0.5', '--channel', 'amazon-us'])

      const both = await Promise.all([isync(['inventory:rebalance', '--json']), isync(['inventory:rebalance', '--json'])])

      expect(both.map(({ code }) => code)).toEqual([0, 0])
      clock.advance(SETTLED)
      expect(auditStock(sandbox, { ratios: { A1SANDBOX: '0.5' } }).wrong).toEqual([])
      expect(sentTwice(sandbox)).toEqual([])
    },
  },

  {
    fast: 'sqlite',
    title: 'the same order pulled again and again by two processes is deducted once',
    config: patient,
    async tell(world) {
      const { isync, sandbox, clock, runs, buy } = world
      await runs(['inventory:full'])
      const order = buy('amazon', skuNo(1), 4)
      buy('mirakl', skuNo(1), 3)
      clock.advance(SETTLED)
      const pull = ['orders:pull', '--since', '2h']
      const rounds = [pull, ['orders:pull', '--channel', 'amazon-us', '--order', order]]
      for (let round = 0; round < (inject('thorough') ? 5 : 3); round += 1) {
        const both = await Promise.all(rounds.map((args) => isync(args)))
        expect(both.map(({ code }) => code)).toEqual([0, 0])
        clock.advance(SETTLED)
      }

      expect((await isync(['sku:show', skuNo(1), '--json'])).json()).toMatchObject({ available: 10, deducted: 7, shadow: 3 })
      await runs(['inventory:rebalance', '--all'])
      expect(auditStock(sandbox)).toMatchObject({ wrong: [], oversold: [] })
    },
  },
]
