import { afterAll, describe, expect, it, vi } from 'vitest'
import { databases } from '../world/databases.ts'
import { createJudge, mostOf } from '../world/oversell-judge.ts'
import { race } from '../world/oversell-race.ts'
import { directFetch, openDirect } from '../world/oversell-wire.ts'

// Many thousands of calls: what the connectors send is handed to the stand-ins without sockets. oversell-sockets.test.ts has the sockets.
vi.mock('../../src/connectors/amazon/transport.ts', async () => (await import('../world/oversell-wire.ts')).directSdk)
vi.stubGlobal('fetch', directFetch)

// Others may be at work on this machine; alone it takes a tenth of this.
vi.setConfig({ testTimeout: 300_000 })
const wire = openDirect()
afterAll(() => wire.close())

// oversell.long.test.ts has ten thousand.
const schedules = { sqlite: 100, postgres: 10 }

describe.each(databases)('buyers, pulls, readings and publications in any order, on $name', (database) => {
  it('no channel is told more than the rule gives for what is known, none goes up before its orders are known, and none waits in vain', async () => {
    const result = await race(database, wire, { from: 1, count: schedules[database.name], reduce: true })
    expect(result.first).toBe('')
    expect(result.kinds).toEqual({})
    // They raise and lower: a race in which nothing happens would be won too.
    expect(result.raised).toBeGreaterThan(3 * result.schedules)
    expect(result.told - result.raised).toBeGreaterThan(result.schedules)
    expect(result.interruptions).toBeGreaterThan(result.schedules / 2)
    expect(result.outages).toBeGreaterThan(result.schedules / 4)
  })
})

describe('the same on one database', () => {
  const [database] = databases
  if (database === undefined) throw new Error('no database')

  it('guard `covered`: what goes up knows every order placed before the stock was read, however late Amazon shows it', async () => {
    const result = await race(database, wire, { from: 1, count: 25, fix: { guard: 'covered' }, reduce: true })
    expect(result.first).toBe('')
    expect(result.raised).toBeGreaterThan(2 * result.schedules)
  })

  it('guard off: the same judge finds raises over orders that nobody had read', async () => {
    const { kinds } = await race(database, wire, { from: 1, count: 30, fix: { guard: 'off' }, reduce: false })
    expect(Object.keys(kinds).sort()).toEqual(['raised over a sale', 'raised unpulled'])
  })

  it('guard `pulled` where `covered` is wanted: the judge finds orders that Amazon had not shown yet', async () => {
    const fix = { guard: 'pulled', judgedBy: 'covered', lagMs: 120_000 } as const
    const { kinds } = await race(database, wire, { from: 1, count: 60, fix, reduce: false })
    expect(Object.keys(kinds).sort()).toEqual(['raised over a sale', 'raised unpulled'])
  })
})

describe('the judge', () => {
  it.each([
    { available: 10, half: 4, same: 9, double: 13 },
    { available: 2, half: 0, same: 1, double: 1 },
    { available: 1, half: 0, same: 0, double: 0 },
    { available: -3, half: 0, same: 0, double: 0 },
    { available: 101, half: 50, same: 100, double: 150 },
  ])('works out by itself what $available units allow', ({ available, half, same, double }) => {
    expect(mostOf(available, [1, 2])).toBe(half)
    expect(mostOf(available, [1, 1])).toBe(same)
    expect(mostOf(available, [2, 1])).toBe(double)
  })

  const NOON = Date.UTC(2026, 2, 2, 12)
  const request = (method: string, path: string, body = '') => ({
    method,
    path,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(body),
  })
  const items = request('GET', '/inventory/v1/items')
  const search = request('GET', '/orders/2026-01-01/orders')
  const patch = (quantity: number) =>
    request('PATCH', '/listings/2021-08-01/items/A1SANDBOX/MUG', JSON.stringify({ patches: [{ value: [{ quantity }] }] }))

  /** Ten mugs in Zoho, read at noon; an order of three, placed the minute before. */
  function aCase(readsOrders: boolean) {
    const judge = createJudge({
      shops: ['amazon'],
      ratio: { amazon: [1, 1], mirakl: [1, 1] },
      carry: 'since_sync',
      guard: 'pulled',
    })
    judge.bought({ id: '1', shop: 'amazon', sku: 'MUG', units: 3, at: NOON - 60_000, visibleAt: NOON - 60_000 })
    const stock = { status: 200, body: { items: [{ sku: 'MUG', available_stock: 10 }] } }
    judge.reached('zoho', items, NOON, () => 0)
    judge.answered('zoho', items, stock, NOON, NOON + 50)
    const orders = { status: 200, body: { orders: [{ orderId: '1' }], lastUpdatedBefore: new Date(NOON).toISOString() } }
    if (readsOrders) judge.answered('amazon', search, orders, NOON + 100, NOON + 150)
    return judge
  }

  it.each([
    { told: 6, knowing: true, found: [] },
    { told: 7, knowing: true, found: ['too much'] },
    { told: 5, knowing: true, found: ['too little'] },
    { told: 9, knowing: false, found: ['raised unpulled', 'raised over a sale'] },
    { told: 0, knowing: false, found: ['too little'] },
  ])('of ten mugs and three sold ones, orders read: $knowing, $told are: $found', ({ told, knowing, found }) => {
    const judge = aCase(knowing)
    judge.reached('amazon', patch(told), NOON + 200, () => 0)
    expect(judge.findings.map(({ kind }) => kind)).toEqual(found)
  })

  it('sees what stays on show, and what is held without need', () => {
    const judge = aCase(true)
    judge.reached('amazon', patch(6), NOON + 200, () => 0)
    judge.shows(() => 6, ['MUG'], NOON + 300)
    judge.holdsNothing(['MUG'], NOON + 300)
    expect(judge.findings).toEqual([])
    judge.shows(() => 7, ['MUG'], NOON + 300)
    expect(judge.findings.map(({ kind }) => kind)).toEqual(['too much'])
    judge.answered('zoho', items, { status: 200, body: { items: [{ sku: 'MUG', available_stock: 20 }] } }, NOON, NOON + 400)
    judge.holdsNothing(['MUG'], NOON + 500)
    expect(judge.findings.map(({ kind }) => kind)).toEqual(['too much', 'held for nothing'])
  })
})
