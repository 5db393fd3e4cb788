import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import type { QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import {
  type Answer,
  type Asked,
  center,
  failureOf,
  type Json,
  MINUTE,
  NOW,
  openScripted,
  type ScriptedWorld,
  signal,
} from './channeladvisor-wire.ts'

interface Part {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly body: { readonly Value: { readonly UpdateType: string; readonly Updates: readonly Json[] } }
}

let world: ScriptedWorld
/** SKU -> product id, as the vendor has them: SKUs are found in any case. */
let products: Map<string, number>
/** What each product was told last. */
let quantities: Map<number, unknown>
/** How one write is answered; undefined: it is carried out. */
let onWrite: (productId: number) => Answer | undefined
let onBatch: (asked: Asked) => Answer | undefined
let pageSize: number

beforeEach(async () => {
  products = new Map([
    ['MUG', 1],
    ["Tom's / 5% #1, é", 2],
    ['CAP', 3],
  ])
  quantities = new Map()
  onWrite = () => undefined
  onBatch = () => undefined
  pageSize = 100
  world = await openScripted(account)
})
afterEach(() => world.close())

function account(asked: Asked): Answer | undefined {
  if (asked.path === '/v1/Products') return readProducts(asked)
  if (asked.path === '/v1/$batch') return onBatch(asked) ?? runBatch(asked)
  const [, id] = /^\/v1\/Products\((\d+)\)\/UpdateQuantity$/.exec(asked.path) ?? []
  return id === undefined ? undefined : write(Number(id), asked.json as Part['body'])
}

function readProducts({ query, url }: Asked): Answer {
  const wanted = [...(query.get('$filter') ?? '').matchAll(/Sku eq '((?:[^']|'')*)'/g)].map(([, sku = '']) =>
    sku.replaceAll("''", "'").toLowerCase(),
  )
  const found = [...products].filter(([sku]) => wanted.includes(sku.toLowerCase())).map(([Sku, ID]) => ({ ID, Sku }))
  const at = Number(query.get('$skip') ?? 0)
  const next =
    at + pageSize >= found.length
      ? {}
      : { '@odata.nextLink': `${world.origin}${url.replace(/&\$skip=\d+/, '')}&$skip=${at + pageSize}` }
  return { body: { value: found.slice(at, at + pageSize), ...next } }
}

/** Answers come back last one first, as they may. */
function runBatch({ json }: Asked): Answer {
  const { requests } = json as { readonly requests: readonly Part[] }
  const responses = requests.map(({ id, url, body }) => ({
    id,
    status: 204,
    ...write(Number(/\d+/.exec(url.slice(3))?.[0]), body),
  }))
  return { body: { responses: responses.reverse() } }
}

function write(productId: number, body: Part['body']): Answer {
  const refused = onWrite(productId)
  if (refused !== undefined) return refused
  if (![...products.values()].includes(productId)) return { status: 404, body: { error: { code: '', message: 'Not found' } } }
  quantities.set(productId, body.Value.Updates[0]?.['Quantity'])
  return { status: 204 }
}

const update = (sku: string, quantity: number, over: Partial<QuantityUpdate> = {}): QuantityUpdate => ({
  channel: 'ca-test',
  sku,
  quantity,
  ...over,
})
const tell = (batch: readonly QuantityUpdate[], connector = world.connector) => connector.updateQuantities(batch, 'batch', signal)
const batches = () => world.calls(/\$batch$/)
const partsOf = (asked: Asked | undefined) => (asked?.json as { readonly requests: readonly Part[] } | undefined)?.requests ?? []
const singles = () => world.calls(/UpdateQuantity$/)
const statusesOf = (outcomes: readonly QuantityOutcome[]) => outcomes.map(({ status }) => status)
const many = (count: number) => {
  for (let at = 0; at < count; at += 1) products.set(`SKU-${at}`, 1000 + at)
  return Array.from({ length: count }, (_, at) => update(`SKU-${at}`, at))
}

describe('quantities', () => {
  it('go as absolute ones of one distribution center, in one batch', async () => {
    expect(await tell([update('MUG', 7), update('CAP', 0)])).toEqual([{ status: 'accepted' }, { status: 'accepted' }])

    expect(batches()).toHaveLength(1)
    expect(partsOf(batches()[0])).toEqual([
      {
        id: '1',
        method: 'POST',
        url: '/v1/Products(1)/UpdateQuantity',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: { Value: { UpdateType: 'UnShipped', Updates: [{ DistributionCenterID: 0, Quantity: 7 }] } },
      },
      {
        id: '2',
        method: 'POST',
        url: '/v1/Products(3)/UpdateQuantity',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: { Value: { UpdateType: 'UnShipped', Updates: [{ DistributionCenterID: 0, Quantity: 0 }] } },
      },
    ])
    expect([...quantities]).toEqual([
      [1, 7],
      [3, 0],
    ])
  })

  it('mean what the configuration says, and go where it says', async () => {
    world.play((asked) =>
      asked.path === '/v1/DistributionCenters' ? { body: { value: [center(5, 'Second')] } } : account(asked),
    )
    await tell([update('MUG', 7)], world.again({ updateType: 'Available', distributionCenterId: 5 }))
    expect(singles()[0]?.json).toEqual({
      Value: { UpdateType: 'Available', Updates: [{ DistributionCenterID: 5, Quantity: 7 }] },
    })
  })

  it('are handed over a hundred at a time', () => {
    expect(world.connector.quantityPlan(1)).toEqual({ way: 'batch', batch: 100 })
    expect(world.connector.quantityPlan(50_000)).toEqual({ way: 'batch', batch: 100 })
    expect(world.connector.checksListings).toBe(false)
  })

  it('of a SKU with quotes, strokes and signs find their product', async () => {
    expect(await tell([update("Tom's / 5% #1, é", 3)])).toEqual([{ status: 'accepted' }])
    expect(quantities.get(2)).toBe(3)
  })

  it('of unknown SKUs are unlisted, and the others go on; outcomes keep their order', async () => {
    expect(statusesOf(await tell([update('NONE', 1), update('MUG', 2), update('Mug', 3), update('CAP', 4)]))).toEqual([
      'unlisted',
      'accepted',
      'failed',
      'accepted',
    ])
    expect(quantities.get(1)).toBe(2)
  })

  it('go to the product of the very same spelling first', async () => {
    products.set('mug', 4)
    await tell([update('mug', 5), update('MUG', 6)])
    expect([quantities.get(4), quantities.get(1)]).toEqual([5, 6])
    expect(await tell([update('Mug', 7)])).toMatchObject([
      { status: 'failed', error: { kind: 'permanent', message: /several products have this SKU \(1, 4\)/ } },
    ])
  })

  it('that are no whole number of 0 or more are not sent', async () => {
    expect(statusesOf(await tell([update('MUG', -1), update('CAP', 1.5), update("Tom's / 5% #1, é", 1)]))).toEqual([
      'failed',
      'failed',
      'accepted',
    ])
  })

  it('of nothing cost nothing', async () => {
    expect(await tell([])).toEqual([])
    expect(world.heard).toEqual([])
  })

  it('in a dry run stand in the plan with what was told before', async () => {
    const dry = world.again({}, { dryRun: true })
    expect(await failureOf(tell([update('MUG', 7, { previous: 9 }), update('CAP', 1), update('NONE', 1)], dry))).toMatchObject({
      name: 'RefusedByDryRun',
    })
    expect(world.planned.map(({ target, detail }) => [target, detail])).toEqual([
      ['MUG', '9 -> 7'],
      ['CAP', '? -> 1'],
    ])
    expect([...batches(), ...singles()]).toEqual([])
  })
})

describe('product ids', () => {
  it('are asked for in addresses that are never too long, and once per process', async () => {
    const updates = many(100)
    await tell(updates)
    await tell(updates)

    const asked = world.calls(/Products$/)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.length).toBeLessThan(8)
    expect(Math.max(...asked.map(({ url }) => url.length))).toBeLessThanOrEqual(1500)
    expect(asked[0]?.query.get('$select')).toBe('ID,Sku')
  })

  it('are read to the last page', async () => {
    pageSize = 1
    expect(statusesOf(await tell([update('MUG', 1), update('CAP', 2)]))).toEqual(['accepted', 'accepted'])
  })

  it('that are gone are asked for once more: a product may have been made anew', async () => {
    await tell([update('MUG', 1), update('CAP', 1)])
    products.set('MUG', 77)
    products.delete('CAP')

    expect(statusesOf(await tell([update('MUG', 5), update('CAP', 5)]))).toEqual(['accepted', 'unlisted'])
    expect(quantities.get(77)).toBe(5)
  })

  it('that cannot be read are not taken for absent ones', async () => {
    world.play((asked) => (asked.path === '/v1/Products' ? { body: { value: [{ Sku: 'MUG' }] } } : account(asked)))
    expect(await failureOf(tell([update('MUG', 1)]))).toMatchObject({ kind: 'retryable' })
  })
})

describe('a listing', () => {
  it('is there or not, one answer per SKU in order, asked anew each time', async () => {
    const describeThem = () => world.connector.describeListings?.(['CAP', 'NONE', 'MUG'], signal)
    expect(await describeThem()).toEqual([
      { sku: 'CAP', listed: true, fulfilment: 'seller' },
      { sku: 'NONE', listed: false },
      { sku: 'MUG', listed: true, fulfilment: 'seller' },
    ])
    products.delete('CAP')
    expect((await describeThem())?.[0]).toEqual({ sku: 'CAP', listed: false })
  })
})

describe('the distribution center', () => {
  it("that is somebody else's takes nothing from us", async () => {
    const outcomes = await tell([update('MUG', 1), update('CAP', 1)], world.again({ distributionCenterId: 7 }))
    expect(outcomes).toEqual([
      { status: 'not-ours', detail: "distribution center 7 (FBA) is not the seller's to write" },
      { status: 'not-ours', detail: "distribution center 7 (FBA) is not the seller's to write" },
    ])
    expect(singles()).toEqual([])
  })

  it.each([
    ['is not there', [center(0, 'Main')]],
    ['was taken out', [center(0, 'Main'), center(5, 'Old', 'Warehouse', { IsDeleted: true })]],
  ])('that %s is refused with the ones to choose from', async (_, value) => {
    world.play((asked) => (asked.path === '/v1/DistributionCenters' ? { body: { value } } : account(asked)))
    const [outcome] = await tell([update('MUG', 1)], world.again({ distributionCenterId: 5 }))
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent' } })
    expect(outcome?.status === 'failed' && outcome.error.message).toMatch(
      /set distribution_center_id of ca-test to one of: 0 Main$/,
    )
  })

  it('that only the write shows to be external is not ours either', async () => {
    onWrite = () => ({ status: 400, body: { error: { code: '', message: 'Distribution center is externally managed.' } } })
    expect(statusesOf(await tell([update('MUG', 1), update('CAP', 1)]))).toEqual(['not-ours', 'not-ours'])
  })
})

describe('a batch', () => {
  it('hides failures under a good answer: each part is judged by its own', async () => {
    const troubles: Record<number, Answer> = {
      1000: { status: 400, body: { error: { code: '', message: 'Quantity is not allowed for a parent' } } },
      1001: { status: 406 },
      1002: { status: 500, body: { Message: 'An error has occurred.' } },
    }
    onWrite = (id) => troubles[id]

    expect(await tell(many(4))).toMatchObject([
      { status: 'failed', error: { kind: 'permanent', status: 400, message: /not allowed for a parent/ } },
      { status: 'failed', error: { kind: 'retryable' } },
      { status: 'failed', error: { kind: 'retryable', status: 500 } },
      { status: 'accepted' },
    ])
  })

  it('whose answer leaves a part out says nothing about that part', async () => {
    onBatch = () => ({ body: { responses: [{ id: '2', status: 204 }] } })
    expect(await tell(many(2))).toMatchObject([
      { status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } },
      { status: 'accepted' },
    ])
  })

  it('with a spent limit inside holds every call', async () => {
    onWrite = (id) => (id === 1001 ? { status: 429 } : undefined)
    expect(await tell(many(2))).toMatchObject([
      { status: 'accepted' },
      { status: 'failed', error: { kind: 'throttled', waitMs: MINUTE } },
    ])
    expect(world.account.drained).toContainEqual({ bucket: 'batch', until: NOW + MINUTE })
  })

  it('whose parts find the token old is sent again with a fresh one', async () => {
    let refused = 0
    onBatch = () => {
      refused += 1
      return refused === 1
        ? {
            body: {
              responses: [
                { id: '1', status: 401 },
                { id: '2', status: 401 },
              ],
            },
          }
        : undefined
    }
    expect(statusesOf(await tell(many(2)))).toEqual(['accepted', 'accepted'])
    expect(world.account.minted).toHaveLength(2)
  })

  it.each<[string, Answer]>([
    ['refuses the form with 400', { status: 400, body: { error: { code: '', message: 'Invalid batch' } } }],
    ['wants another content type', { status: 415 }],
    ['knows no such address', { status: 404 }],
    ['answers in the older form', { status: 200, headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: '--b--' }],
  ])('that the account %s is not tried again for a day: quantities go one by one', async (_, answer) => {
    onBatch = () => answer
    const updates = many(6)

    expect(statusesOf(await tell(updates))).toEqual(updates.map(() => 'accepted'))
    expect(statusesOf(await tell(updates, world.again()))).toEqual(updates.map(() => 'accepted'))

    expect(batches()).toHaveLength(1)
    expect(singles()).toHaveLength(12)
    expect(updates.map((_, at) => quantities.get(1000 + at))).toEqual([0, 1, 2, 3, 4, 5])
    expect(world.logged.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('that breaks off is smaller the next time', async () => {
    const updates = many(100)
    world.play((asked) => (asked.path === '/v1/$batch' ? new Promise(() => undefined) : account(asked)))
    expect(await tell(updates, world.again({ timeoutMs: 100 }))).toMatchObject([
      { status: 'failed', error: { kind: 'retryable' } },
      ...updates.slice(1).map(() => ({})),
    ])

    world.play(account)
    expect(statusesOf(await tell(updates))).toEqual(updates.map(() => 'accepted'))
    expect(batches().map((one) => partsOf(one).length)).toEqual([100, 50, 50])
  })

  it('behind a page of something else is tried again, not given up', async () => {
    onBatch = () => ({ status: 200, body: '<html>hello</html>' })
    expect(statusesOf(await tell(many(2)))).toEqual(['failed', 'failed'])
    onBatch = () => undefined
    expect(statusesOf(await tell(many(2)))).toEqual(['accepted', 'accepted'])
    expect(batches()).toHaveLength(2)
  })
})
