import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { auditStock } from '../world/auditor-stock.ts'
import { toldOn } from '../world/databases.ts'
import { stolen } from '../world/dump.ts'
import type { Ran } from '../world/loop.ts'
import { MINUTE, openStockWorld, type StockWorld, skuNo } from '../world/stock-world.ts'

/** In every secret and every personal value of this file. */
const CANARY = /canar|5550199/i
const secrets = {
  AMZ_ID: 'canary-amazon-client',
  AMZ_SECRET: 'canary-amazon-secret',
  AMZ_REFRESH: 'Atzr|canary-refresh-token',
  MACYS_KEY: 'canary-mirakl-key',
  ZOHO_ID: '1000.CANARYCLIENT',
  ZOHO_SECRET: 'canary-zoho-secret',
  ZOHO_REFRESH: '1000.canary-zoho-refresh.0123456789abcdef',
}
/** What a careless vendor might say about a caller. */
const blab = `Not for you: ${secrets.ZOHO_REFRESH} ${secrets.ZOHO_SECRET} ${secrets.MACYS_KEY} ${secrets.AMZ_REFRESH}`

/** In the fast suite on one database; stock-canaries.long.test.ts tells it on both. */
const here = toldOn('sqlite')

describe.each(here)('canaries in every secret on the way of a number, with $name', { timeout: 120_000 }, (database) => {
  let world: StockWorld
  const runs: { readonly args: readonly string[]; readonly ran: Ran }[] = []

  beforeAll(async () => {
    world = await openStockWorld(
      database,
      { count: 8, stock: [10] },
      { config: { top: 'log_level: debug\nretry: { inventory: 1 }' } },
    )
    const { sandbox, folder } = world
    const file = join(folder, '.env')
    const others = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !Object.keys(secrets).some((name) => line.startsWith(`${name}=`)))
    writeFileSync(file, [...others, ...Object.entries(secrets).map(([name, value]) => `${name}=${value}`), ''].join('\n'), {
      mode: 0o600,
    })
    sandbox.seed('amazon', {
      accounts: [
        {
          seller_id: 'A1SANDBOX',
          client_id: secrets.AMZ_ID,
          client_secret: secrets.AMZ_SECRET,
          refresh_token: secrets.AMZ_REFRESH,
        },
      ],
    })
    sandbox.seed('mirakl', {
      accounts: [{ api_key: secrets.MACYS_KEY, shop_id: 2001 }],
      offers: [{ sku: 'SKU-{n:6}', count: 8, quantity: 99, api_key: secrets.MACYS_KEY }],
    })
    sandbox.seed('zoho', {
      accounts: [{ client_id: secrets.ZOHO_ID, client_secret: secrets.ZOHO_SECRET, refresh_token: secrets.ZOHO_REFRESH }],
    })
  })
  afterAll(() => world.close())

  it('every command of the stock runs, with every vendor blabbing on its way', async () => {
    const { sandbox, setStock, clock } = world
    await isync('doctor', '--verbose')
    await isync('inventory:full', '--dry-run')
    const zoho = { code: 1000, message: blab }
    sandbox.act('zoho', 'expire-tokens', {})
    await struck(
      { vendor: 'zoho', kind: 'status', status: 400, match: { path: '/oauth' }, body: { error: blab, error_description: blab } },
      'inventory:full',
    )
    await struck(
      { vendor: 'zoho', kind: 'status', status: 500, match: { path: '/items' }, body: zoho },
      'inventory:full',
      '--json',
    )
    await struck(
      { vendor: 'zoho', kind: 'status', status: 400, match: { path: '/items' }, body: zoho },
      'inventory:full',
      '--verbose',
    )
    await struck({ vendor: 'zoho', kind: 'status', status: 200, match: { path: '/items' }, body: zoho }, 'inventory:full')
    await struck({ vendor: 'zoho', kind: 'html', match: { path: '/items' }, body: `<html>${blab}</html>` }, 'inventory:full')
    clock.advance(6 * MINUTE)
    await isync('inventory:full', '--verbose')
    for (const [n, status] of (inject('thorough') ? [400, 403, 500] : [400, 500]).entries()) {
      setStock({ [skuNo(1)]: 20 + n })
      const amazon = { errors: [{ code: 'InvalidInput', message: blab, details: blab }] }
      sandbox.addFault({
        vendor: 'mirakl',
        kind: 'status',
        status,
        times: 9,
        match: { path: '/imports' },
        body: { status, message: blab },
      })
      await struck(
        { vendor: 'amazon', kind: 'status', status, match: { path: '^/listings' }, body: amazon },
        'inventory:full',
        '--verbose',
      )
      await isync('alerts')
      await isync('sku:show', skuNo(1))
    }
    sandbox.act('amazon', 'fail-sku', { sku: skuNo(2), message: blab })
    sandbox.act('mirakl', 'fail-sku', { sku: skuNo(2), reason: blab, api_key: secrets.MACYS_KEY })
    setStock({ [skuNo(2)]: 30 })
    for (let i = 0; i < 3; i += 1) await isync('inventory:full', '--verbose')
    await isync('sku:show', skuNo(2), '--json')
    await isync('inventory:rebalance', '--sku', skuNo(2), '--json')
    sandbox.act('amazon', 'buy', {
      sku: skuNo(3),
      quantity: 9,
      order: { buyer: { name: 'Canarina Canarius', email: 'canarina@canarius.example' } },
    })
    clock.advance(10 * MINUTE)
    await isync('orders:pull', '--verbose')
    await isync('sku:show', skuNo(3))
    for (const args of [['inventory:delta'], ['alloc:preview'], ['settings'], ['status'], ['alerts'], ['doctor']])
      await isync(...args, '--json')

    sandbox.act('amazon', 'fail-sku', { sku: skuNo(2), on: false })
    sandbox.act('mirakl', 'fail-sku', { sku: skuNo(2), off: true, api_key: secrets.MACYS_KEY })
    await isync('inventory:rebalance', '--sku', skuNo(2))
    await isync('inventory:full')
    // The order was known before the last reading began: it is in Zoho's number by then, or nowhere.
    const { wrong } = auditStock(sandbox, { soldSince: clock.now() })
    expect(wrong.filter((line) => !line.includes('sandbox-key'))).toEqual([])
  })

  it('and no output and no log shows one', () => {
    const all = runs.map(({ ran }) => ran.stdout + ran.stderr).join('\n')
    expect(all.includes('[secret]'), 'the vendors did talk').toBe(true)
    for (const { args, ran } of runs) {
      expect(sightings(ran.stdout), `stdout of ${args.join(' ')}`).toEqual([])
      expect(sightings(ran.stderr), `stderr of ${args.join(' ')}`).toEqual([])
    }
  })

  it('and nobody who steals the database reads one', async () => {
    expect(sightings(await stolen(world.databaseUrl))).toEqual([])
  })

  async function struck(fault: Fault, ...args: readonly string[]): Promise<void> {
    world.sandbox.addFault({ times: 9, ...fault })
    const ran = await isync(...args)
    expect(ran.code, `${args.join(' ')}\n${ran.stdout.slice(0, 3000)}`).toBeGreaterThan(0)
  }

  async function isync(...args: readonly string[]): Promise<Ran> {
    const ran = await world.isync(args)
    runs.push({ args, ran })
    world.sandbox.clearFaults()
    world.clock.advance(6 * MINUTE)
    return ran
  }

  function sightings(text: string): readonly string[] {
    return text.match(new RegExp(`.{0,60}(?:${CANARY.source}).{0,60}|Atz[ar]\\|.{0,40}|1000\\.[0-9a-f]{8,}.{0,40}`, 'gi')) ?? []
  }
})
