import { afterEach, describe, expect, it } from 'vitest'
import { PermanentError, RefusedByDryRun, RetryableError } from '../../src/core/errors.ts'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import type { MarketplaceConnector, QuantityOutcome, QuantityReport } from '../../src/core/ports/marketplace.ts'
import {
  type DscoWorld,
  failureOf,
  HOUR,
  heard,
  itemOf,
  later,
  MINUTE,
  NOW,
  openDsco,
  STOCK,
  STOCK_LOG,
  signal,
  spoil,
  told,
} from './dsco-world.ts'

let world: DscoWorld
afterEach(() => world.close())

const LARGE = /\/inventory\/batch\/large$/

async function handOver(connector: MarketplaceConnector, batch: readonly QuantityUpdate[], way = 'small'): Promise<string> {
  const outcomes = await connector.updateQuantities(batch, way, signal)
  const reports = new Set(outcomes.map((outcome) => (outcome.status === 'reported-later' ? outcome.report : outcome.status)))
  if (reports.size !== 1) throw new Error([...reports].join())
  return [...reports][0] ?? ''
}

async function settled(
  connector: MarketplaceConnector,
  report: string,
  batch: readonly QuantityUpdate[],
): Promise<readonly QuantityOutcome[]> {
  const read = await connector.readQuantityReport?.(report, batch, world.sandbox.clock.now() - MINUTE, signal)
  if (read?.state !== 'done') throw new Error('not done')
  return read.outcomes
}

const messages = (outcomes: readonly QuantityOutcome[]) =>
  outcomes.map((outcome) => (outcome.status === 'failed' ? `${outcome.error.kind}: ${outcome.error.message}` : outcome.status))

describe('the way of so many quantities', () => {
  it('is small batches, and one large one for very many', async () => {
    world = await openDsco()
    expect(world.connector.quantityPlan(1)).toEqual({ way: 'small', batch: 5000 })
    expect(world.connector.quantityPlan(25_000)).toEqual({ way: 'small', batch: 5000 })
    expect(world.connector.quantityPlan(25_001)).toEqual({ way: 'large', batch: 100_000 })
  })
})

describe('a small batch', () => {
  it('sends quantity, status and warehouse of each, and nothing else', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }, { sku: 'HAT' }] })
    await handOver(world.connector, [told('MUG', 7), told('HAT', 0)])

    const [call] = heard(world, STOCK)
    expect(JSON.parse(call?.requestBody ?? '')).toEqual([
      { sku: 'MUG', status: 'in-stock', quantityAvailable: 7, warehouses: [{ code: 'W1', quantity: 7 }] },
      { sku: 'HAT', status: 'out-of-stock', quantityAvailable: 0, warehouses: [{ code: 'W1', quantity: 0 }] },
    ])
    expect(call?.query ?? '').not.toContain('skipItemsThatDontExist')
  })

  it('of five thousand long SKUs stays below the 5 MB of one call', async () => {
    const batch = Array.from({ length: 5000 }, (_, i) => told(`${'Ü'.repeat(85)}${String(i).padStart(5, '0')}`, 999_999))
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    await handOver(world.connector, batch)

    expect(Buffer.byteLength(heard(world, STOCK)[0]?.requestBody ?? '')).toBeLessThan(5_000_000 / 2)
  })

  it('reads the log to its end, page by page', async () => {
    const skus = Array.from({ length: 25 }, (_, i) => `SKU-${i}`)
    world = await openDsco({ settings: { log_page: 10 }, items: skus.map((sku) => ({ sku })) })
    const batch = [...skus, 'GONE'].map((sku, i) => told(sku, i))
    const report = await handOver(world.connector, batch)
    later(world, MINUTE)

    const outcomes = await settled(world.connector, report, batch)

    expect(outcomes.slice(0, 25).every(({ status }) => status === 'accepted')).toBe(true)
    expect(outcomes[25]).toMatchObject({ status: 'unlisted' })
    expect(skus.map((sku) => itemOf(world, sku).quantity)).toEqual(skus.map((_, i) => i))
    expect(heard(world, STOCK_LOG)).toHaveLength(4)
  })

  it('whose answer is lost may be sent again', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    spoil(world, STOCK, 'cut-after')
    expect(await failureOf(handOver(world.connector, [told('MUG', 7)]))).toBeInstanceOf(RetryableError)

    const report = await handOver(world.connector, [told('MUG', 7)])
    later(world, MINUTE)
    expect(await settled(world.connector, report, [told('MUG', 7)])).toEqual([{ status: 'accepted' }])
    expect(itemOf(world, 'MUG').quantity).toBe(7)
  })

  it('refused as a whole is halved until the bad one stands alone', async () => {
    world = await openDsco({ items: [{ sku: 'A' }, { sku: 'B' }, { sku: 'C' }] })
    const body = { messages: [{ code: 'validation_error', severity: 'error', description: 'Odd SKU.' }] }
    world.sandbox.addFault({
      vendor: 'dsco',
      kind: 'status',
      status: 400,
      body,
      times: 99,
      match: { path: STOCK.source, body: '"B"' },
    })

    const outcomes = await world.connector.updateQuantities([told('A', 1), told('B', 2), told('C', 3)], 'small', signal)

    expect(messages(outcomes)).toEqual([
      'reported-later',
      'permanent: rithum inventory/batch/small: answered 400: validation_error: Odd SKU.',
      'reported-later',
    ])
  })

  it('plans each quantity in a dry run', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    const { connector, planned } = world.again({}, { dryRun: true })

    expect(await failureOf(handOver(connector, [{ ...told('MUG', 7), previous: 3 }, told('HAT', 1)]))).toBeInstanceOf(
      RefusedByDryRun,
    )
    expect(planned.map(({ target, detail }) => `${target} ${detail}`)).toEqual(['MUG 3 -> 7', 'HAT ? -> 1'])
    expect(heard(world, STOCK)).toEqual([])
  })
})

describe('the log of a batch', () => {
  it('that is at work is asked again, seldom after a quarter of an hour, and given up after two hours', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    world.sandbox.act('dsco', 'hold-work', {})
    const batch = [told('MUG', 7)]
    const report = await handOver(world.connector, batch)
    const ask = (ageMs: number): Promise<QuantityReport> | undefined =>
      world.connector.readQuantityReport?.(report, batch, world.sandbox.clock.now() - ageMs, signal)

    expect(await ask(MINUTE)).toEqual({ state: 'running', againInMs: 10_000 })
    expect(await ask(HOUR)).toEqual({ state: 'running', againInMs: MINUTE })
    expect(await ask(2 * HOUR + 1)).toMatchObject({
      state: 'done',
      outcomes: [{ status: 'failed', error: { kind: 'retryable' } }],
    })
  })

  it('that does not name a SKU makes it due again, and what it refuses is final, in its words', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }, { sku: 'HAT' }] })
    world.sandbox.act('dsco', 'fail-sku', { sku: 'HAT', code: 'not_today', description: 'Held by jane@example.com.' })
    const report = await handOver(world.connector, [told('MUG', 7), told('HAT', 1)])
    later(world, MINUTE)

    expect(messages(await settled(world.connector, report, [told('MUG', 7), told('HAT', 1), told('OTHER', 1)]))).toEqual([
      'accepted',
      'permanent: rithum inventory/log: refused: not_today: Held by <e-mail>',
      'retryable: rithum inventory/log: the log does not tell of the SKU',
    ])
  })

  it.each([
    ['item_not_found', 'There is no item with this SKU.', 'unlisted'],
    ['ITEM_DOES_NOT_EXIST', undefined, 'unlisted'],
    ['sku_error', "SKU NOT-FOUND-1 doesn't exist in catalog", 'unlisted'],
    ['validation_error', 'Warehouse W9 of the item does not exist.', 'failed'],
    ['validation_error', 'quantityAvailable of item NOT-FOUND-1 must be the sum.', 'failed'],
  ])('that says %s, %s means %s', async (code, description, status) => {
    world = await openDsco({ items: [{ sku: 'NOT-FOUND-1' }] })
    world.sandbox.act('dsco', 'fail-sku', { sku: 'NOT-FOUND-1', code, ...(description === undefined ? {} : { description }) })
    const report = await handOver(world.connector, [told('NOT-FOUND-1', 7)])
    later(world, MINUTE)

    expect(await settled(world.connector, report, [told('NOT-FOUND-1', 7)])).toMatchObject([{ status }])
  })
})

describe('the warehouse', () => {
  const two = { warehouses: [{ code: 'EAST' }, { code: 'WEST' }], items: [{ sku: 'MUG', warehouses: { EAST: 1, WEST: 2 } }] }

  it('is asked for once where there is one', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    await handOver(world.connector, [told('MUG', 7)])
    await handOver(world.again({}, { shared: world.account }).connector, [told('MUG', 8)])

    expect(heard(world, /\/warehouse\/page$/).length).toBeLessThanOrEqual(2)
    expect(heard(world, STOCK)).toHaveLength(2)
  })

  it('has to be named where there are two, and the message names them', async () => {
    world = await openDsco(two)
    const failure = await failureOf(handOver(world.connector, [told('MUG', 7)]))

    expect(failure).toBeInstanceOf(PermanentError)
    expect(String(failure)).toMatch(/set warehouse_code to the one that takes the published quantity: .*EAST.*WEST/)
    expect(heard(world, STOCK)).toEqual([])
  })

  it('that is named takes the quantity, and no list is read', async () => {
    world = await openDsco(two, { warehouseCode: 'WEST' })
    const report = await handOver(world.connector, [told('MUG', 7)])
    later(world, MINUTE)

    await settled(world.connector, report, [told('MUG', 7)])
    expect(itemOf(world, 'MUG').warehouses).toMatchObject({ WEST: 7 })
    expect(heard(world, /\/warehouse\/page$/)).toEqual([])
  })
})

describe('a large batch', () => {
  it('puts its lines where Dsco says, and has one log like any other', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }, { sku: 'HAT' }] })
    const batch = [told('MUG', 7), told('HAT', 2), told('GONE', 1)]
    const report = await handOver(world.connector, batch, 'large')
    later(world, MINUTE)

    expect((await settled(world.connector, report, batch)).map(({ status }) => status)).toEqual([
      'accepted',
      'accepted',
      'unlisted',
    ])
    expect([itemOf(world, 'MUG').quantity, itemOf(world, 'HAT').quantity]).toEqual([7, 2])
    expect(heard(world, STOCK)).toEqual([])
  })

  it('never sends the token to a foreign host: small batches go instead', async () => {
    world = await openDsco({ items: [{ sku: 'MUG' }] })
    const reply = {
      status: 'success',
      requestId: 'r-1',
      eventDate: new Date(NOW).toISOString(),
      dataUrl: 'https://dsco.io.evil.example/put',
    }
    spoil(world, LARGE, 'status', { status: 200, body: reply })

    await handOver(world.connector, [told('MUG', 7)], 'large')

    expect(heard(world, STOCK)).toHaveLength(1)
    expect(world.logged.find(({ level }) => level === 'warn')).toMatchObject({ fields: { host: 'dsco.io.evil.example' } })
  })
})

describe('a SKU that was not listed', () => {
  it('is looked up by itself', async () => {
    world = await openDsco({ items: [{ sku: 'MUG', quantity: 4 }] })

    expect(await world.connector.describeListings?.(['MUG', 'GONE'], signal)).toEqual([
      { sku: 'MUG', listed: true, fulfilment: 'seller', quantity: 4 },
      { sku: 'GONE', listed: false },
    ])
  })
})
