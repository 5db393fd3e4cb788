import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { auditStock } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { MINUTE, openStockWorld, SETTLED, type StockWorld, skuNo } from '../world/stock-world.ts'

const COUNT = 12
/** Real milliseconds that the program waits for an answer in these stories. */
const PATIENCE = '1s'

export interface StockFault {
  readonly fault: string
  readonly strike: Omit<Fault, 'vendor' | 'match'>
}

export const stockFaults: readonly StockFault[] = [
  { fault: '500', strike: { kind: 'status', status: 500 } },
  { fault: '503 after it took effect', strike: { kind: 'status-after', status: 503 } },
  { fault: '429', strike: { kind: 'throttle' } },
  { fault: 'connection cut before the request is read', strike: { kind: 'cut' } },
  { fault: 'connection cut after it took effect', strike: { kind: 'cut-after' } },
  { fault: 'connection cut in the middle of the answer', strike: { kind: 'cut-after', status: 200 } },
  { fault: 'no answer in time, taken effect', strike: { kind: 'timeout-after' } },
  { fault: 'JSON cut in half', strike: { kind: 'truncate' } },
  { fault: 'an HTML page with status 200', strike: { kind: 'html' } },
  { fault: 'an HTML page with status 200 after it took effect', strike: { kind: 'html-after' } },
  { fault: 'credentials refused', strike: { kind: 'token-revoked' } },
]

interface Place {
  readonly call: string
  readonly vendor: 'zoho' | 'amazon' | 'mirakl'
  readonly method: string
  readonly path: string
  /** Its good answer has no body: there is nothing to cut in half. */
  readonly empty?: true
}

/** Where the way of a number meets a vendor. Feeds are made of the same numbers in a world of their own. */
const byPatch: readonly Place[] = [
  { call: "Zoho's list", vendor: 'zoho', method: 'GET', path: '^/inventory/v1/items' },
  { call: 'searchListingsItems', vendor: 'amazon', method: 'GET', path: '^/listings/' },
  { call: 'patchListingsItem', vendor: 'amazon', method: 'PATCH', path: '^/listings/' },
  { call: 'STO01', vendor: 'mirakl', method: 'POST', path: '^/api/offers/stock/imports' },
  { call: 'STO02', vendor: 'mirakl', method: 'GET', path: '^/api/offers/stock/imports' },
]
const byFeed: readonly Place[] = [
  { call: 'createFeedDocument', vendor: 'amazon', method: 'POST', path: '^/feeds/2021-06-30/documents' },
  { call: 'the upload of the feed', vendor: 'amazon', method: 'PUT', path: '.', empty: true },
  { call: 'createFeed', vendor: 'amazon', method: 'POST', path: '^/feeds/2021-06-30/feeds' },
  { call: 'getFeed', vendor: 'amazon', method: 'GET', path: '^/feeds/2021-06-30/feeds/' },
  { call: 'getFeedDocument', vendor: 'amazon', method: 'GET', path: '^/feeds/2021-06-30/documents/' },
]

const ways = [
  { way: 'patches and stock files', places: byPatch, config: {} },
  { way: 'feeds', places: byFeed, config: { inventory: 'feed_above: 1' } },
] as const

/**
 * Each fault lasts as long as a full run and a rebalance; then it is gone and cron comes again. `chosen` says at which places of
 * which way each row strikes.
 */
export function tellStockFaults(
  database: TestDatabase,
  rows: readonly StockFault[],
  chosen: (way: number, row: number, place: number) => boolean,
): void {
  for (const [nth, { way, places, config }] of ways.entries()) {
    const cases = rows.flatMap((row, i) =>
      places
        .filter(({ empty = false }, at) => chosen(nth, i, at) && !(empty && row.strike.kind === 'truncate'))
        .map((place) => ({ ...row, ...place })),
    )
    if (cases.length === 0) continue
    describe(`a fault on the way of a number by ${way}, with ${database.name}`, { timeout: 60_000 }, () => {
      let world: StockWorld
      let level = 20

      beforeAll(async () => {
        const timeout = `timeout: ${PATIENCE}`
        world = await openStockWorld(
          database,
          { count: COUNT, stock: [20] },
          { scale: 30, config: { amazon: timeout, mirakl: timeout, zoho: timeout, ...config } },
        )
        world.sandbox.seed('amazon', { feeds: { queue_ms: 1000, processing_ms: 4000 } })
        await world.runs(['inventory:full'])
        expect(auditStock(world.sandbox)).toEqual({ listed: 2 * COUNT, wrong: [], trespasses: [], oversold: [] })
      })
      // A story that fails leaves nothing to those after it.
      afterEach(() => world.sandbox.clearFaults())
      afterAll(() => world.close())

      it.each(cases)(
        '$fault at $call: no number is wrong for longer than it lasts, and no alert either',
        async ({ strike, call, vendor, method, path }) => {
          const { sandbox, clock, isync, setStock, alerts, heard } = world
          level += 1
          // Some up, some down, some to nothing.
          setStock({ [skuNo(1)]: level, [skuNo(2)]: 60 - level, [skuNo(3)]: level % 2 === 0 ? 0 : level, [skuNo(4)]: level + 1 })
          if (call === 'searchListingsItems') {
            const sku = `NEW-${level}`
            sandbox.seed('zoho', { items: [{ sku, stock: 5 }] })
            sandbox.seed('amazon', { listings: [{ sku, quantity: 99 }] })
          }
          const before = sandbox.journal().length
          sandbox.addFault({ times: 99, ...strike, vendor, match: { method, path } })
          const told = await isync(['inventory:full', '--json'])
          clock.advance(4 * MINUTE)
          const again = await isync(['inventory:rebalance', '--all', '--json'])

          expect([3, 4], `${told.stdout}\n${told.stderr}`).toContain(told.code)
          expect([0, 3, 4], `${again.stdout}\n${again.stderr}`).toContain(again.code)
          expect(heard(before).filter(({ fault }) => fault !== undefined)).not.toEqual([])
          sandbox.clearFaults()
          const healed: unknown[] = []
          for (let run = 0; run < 3; run += 1) {
            clock.advance(16 * MINUTE)
            const { code, stdout } = await isync(['inventory:full', '--json'])
            healed.push(code, stdout)
            if (auditStock(sandbox).wrong.length === 0) break
          }
          clock.advance(SETTLED)
          expect(auditStock(sandbox), healed.join('\n')).toMatchObject({ wrong: [], trespasses: [], oversold: [] })
          expect(await alerts()).toEqual([])
        },
      )
    })
  }
}
