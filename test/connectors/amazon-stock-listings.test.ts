import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, RetryableError } from '../../src/core/errors.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { ITEM, listed, openShop, patch, SEARCH, update } from './amazon-stock-world.ts'
import { type AmazonWorld, calls, failureOf, queryOf, signal, UK, US } from './amazon-world.ts'

let world: AmazonWorld

afterEach(() => world.sandbox.close())

const spoil = (kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: ITEM.source }, ...more })
const describeThem = (...skus: readonly string[]) => world.connector.describeListings!(skus, signal)

describe('what Amazon lists', () => {
  it('is told per SKU, in order: by the seller, by Amazon, by location, or not at all', async () => {
    world = await openShop([
      { sku: 'MUG', quantity: 3, product_type: 'DRINKING_CUP' },
      { sku: 'FBA-MUG', channel: 'FBA' },
      { sku: 'SPREAD', channel: 'LOCATIONS', quantity: 9 },
    ])

    expect(await describeThem('GONE', 'SPREAD', 'MUG', 'FBA-MUG')).toEqual([
      { sku: 'GONE', listed: false },
      { sku: 'SPREAD', listed: true, fulfilment: 'locations', quantity: 0, productType: 'HOME' },
      { sku: 'MUG', listed: true, fulfilment: 'seller', quantity: 3, productType: 'DRINKING_CUP' },
      { sku: 'FBA-MUG', listed: true, fulfilment: 'marketplace', productType: 'HOME' },
    ])
    expect(calls(world.sandbox, SEARCH).map(queryOf)).toEqual([
      {
        marketplaceIds: US,
        identifiers: 'GONE,SPREAD,MUG,FBA-MUG',
        identifiersType: 'SKU',
        includedData: 'fulfillmentAvailability,productTypes,issues',
        pageSize: '20',
      },
    ])
  })

  it("stays Amazon's to ship where somebody has already made a second record of it", async () => {
    world = await openShop([{ sku: 'FBA-MUG', channel: 'FBA' }])
    await patch(world, update('FBA-MUG', 2))

    expect(listed(world, 'FBA-MUG').doubled).toBe(true)
    expect(await describeThem('FBA-MUG')).toMatchObject([{ fulfilment: 'marketplace' }])
  })

  it('tells of a fault that Amazon found with a quantity after it had accepted it, and of no other', async () => {
    world = await openShop([{ sku: 'MUG', quantity: 3 }, { sku: 'CUP' }])
    const fault = { sku: 'MUG', code: '8541', message: 'Conflicts with the catalog of ada@seller.example.', late: true }
    world.sandbox.act('amazon', 'fail-sku', fault)
    expect(await patch(world, update('MUG', 5))).toEqual([{ status: 'accepted' }])

    await describeThem('MUG', 'CUP')

    expect(world.logged.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      {
        channel: 'amazon-us',
        step: 'inventory',
        sku: 'MUG',
        marketplace: US,
        error: '8541: Conflicts with the catalog of <e-mail>',
      },
    ])
  })

  it('does not tell of faults of pictures, and can do without remarks that it cannot read', async () => {
    world = await openShop([{ sku: 'MUG', quantity: 3 }])
    const picture = { code: '18027', message: 'No picture.', severity: 'ERROR', attributeNames: ['main_image'], categories: [] }
    const item = { sku: 'MUG', fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: 3 }] }
    const say = (issues: unknown) =>
      world.sandbox.addFault({
        vendor: 'amazon',
        kind: 'status',
        status: 200,
        match: { path: SEARCH.source },
        body: { numberOfResults: 1, items: [{ ...item, issues }] },
      })
    for (const issues of [[picture], 'many', [7], null]) {
      say(issues)
      expect(await describeThem('MUG')).toMatchObject([{ sku: 'MUG', listed: true, fulfilment: 'seller', quantity: 3 }])
    }

    expect(world.logged.filter(({ level }) => level === 'warn')).toEqual([])
  })

  it('is asked for in twenties', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 45, quantity: 1 }])

    const listings = await describeThem(...Array.from({ length: 50 }, (_, n) => `S-${n + 1}`))

    expect(listings.filter((listing) => listing.listed)).toHaveLength(45)
    expect(listings.map(({ sku }) => sku)).toEqual(Array.from({ length: 50 }, (_, n) => `S-${n + 1}`))
    expect(calls(world.sandbox, SEARCH).map((entry) => queryOf(entry)['identifiers']?.split(',').length)).toEqual([20, 20, 10])
  })

  it('is found under SKUs that no list and no address takes as they are', async () => {
    const skus = ['A,B', 'C/D', "it's (new)!*", 'Größe 40', 'E#1 50%', 'A']
    world = await openShop(skus.map((sku) => ({ sku, quantity: 1 })))

    expect(await describeThem(...skus, 'X,Y')).toMatchObject([...skus.map((sku) => ({ sku, listed: true })), { listed: false }])
    expect(calls(world.sandbox, ITEM).map((entry) => entry.path.split('/').at(-1))).toEqual(['A%2CB', 'X%2CY'])
  })

  it.each(['', '.', '..', 'half \ud83d'])('is nothing under a SKU that cannot be asked for: %j', async (sku) => {
    world = await openShop([{ sku: 'MUG' }])

    expect(await describeThem(sku, 'MUG')).toMatchObject([{ sku, listed: false }, { listed: true }])
  })

  it('is told of the others when Amazon does not take one for a SKU', async () => {
    world = await openShop([{ sku: 'MUG', quantity: 3 }, { sku: 'BAD' }])
    const refusal = { errors: [{ code: 'InvalidInput', message: 'The SKU is malformed.' }] }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 400, match: { path: SEARCH.source }, body: refusal })
    spoil('status', { status: 400, match: { path: '/BAD$' }, body: refusal })

    expect(await describeThem('BAD', 'MUG')).toMatchObject([
      { sku: 'BAD', listed: false },
      { sku: 'MUG', listed: true },
    ])
  })

  it('is not guessed where Amazon refuses the question itself', async () => {
    world = await openShop([{ sku: 'MUG' }], { marketplaceIds: [UK] })

    expect(await failureOf(describeThem('MUG'))).toMatchObject({ kind: 'permanent', status: 400 })
  })

  it.each([
    ['a cut answer', 'truncate'],
    ['a web page', 'html'],
  ] as const)('is not guessed from %s', async (_, kind) => {
    world = await openShop([{ sku: 'MUG' }])
    world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: SEARCH.source } })

    expect(await failureOf(describeThem('MUG'))).toBeInstanceOf(RetryableError)
  })

  it('is read to the last page', async () => {
    world = await openShop([
      { sku: 'MUG', quantity: 3 },
      { sku: 'LAMP', quantity: 4 },
    ])
    const item = (sku: string) => ({ sku, fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: 5 }] })
    const page = { numberOfResults: 2, items: [item('LAMP')], pagination: { nextToken: 'more' } }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 200, match: { path: SEARCH.source }, body: page })
    const rest = { numberOfResults: 2, items: [item('MUG')] }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 200, match: { path: SEARCH.source }, body: rest })

    expect(await describeThem('MUG', 'LAMP')).toMatchObject([{ listed: true }, { listed: true }])
    expect(calls(world.sandbox, SEARCH).map((entry) => queryOf(entry)['pageToken'])).toEqual([undefined, 'more'])
  })

  it('is not asked for to the end where nobody answers', async () => {
    world = await openShop([])
    const path = SEARCH.source
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 503, times: 99, match: { path } })

    expect(await failureOf(describeThem(...Array.from({ length: 400 }, (_, n) => `S-${n}`)))).toBeInstanceOf(RetryableError)
    expect(calls(world.sandbox, SEARCH).length).toBeLessThanOrEqual(4)
  })

  it('is not a listing where Amazon keeps no offer under the SKU', async () => {
    world = await openShop([])
    const body = { numberOfResults: 1, items: [{ sku: 'MUG', fulfillmentAvailability: [], productTypes: [] }] }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 200, match: { path: SEARCH.source }, body })

    expect(await describeThem('MUG')).toEqual([{ sku: 'MUG', listed: false }])
  })

  it('closes no account for want of the role; the message names it', async () => {
    world = await openShop([{ sku: 'MUG' }])
    const body = { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.' }] }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 403, match: { path: SEARCH.source }, body })

    const error = await failureOf(describeThem('MUG'))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('lacks the role "Product Listing"')
    expect(world.account.opened).toEqual([])
    expect(await describeThem('MUG')).toMatchObject([{ listed: true }])
  })
})
