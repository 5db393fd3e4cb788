import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HealthCheck } from '../../src/core/ports/marketplace.ts'
import { DETAILS, HEAD_OFFICE, ITEMS, MINUTE, NOW, openZoho, SHOWROOM, signal, type ZohoWorld } from './zoho-world.ts'

let world: ZohoWorld

beforeEach(async () => {
  world = await openZoho()
})
afterEach(() => world.sandbox.close())

const health = (of: Pick<ZohoWorld, 'zoho'> = world) => of.zoho.health(signal)

async function check(name: string, of?: Pick<ZohoWorld, 'zoho'>): Promise<HealthCheck | undefined> {
  return (await health(of)).checks.find((one) => one.check === name)
}

describe('a healthy organization', () => {
  it('is found, active, and says what it may be asked', async () => {
    world.seed({ generate: { count: 3 } })

    expect(await health()).toEqual({
      ok: true,
      checks: [
        { check: 'authenticated', ok: true, detail: 'data centre com, token accepted' },
        {
          check: 'organization',
          ok: true,
          detail: '10234695, time zone America/Los_Angeles, plan ENTERPRISE, said to include 10000 calls a day',
        },
        { check: 'clock', ok: true, detail: '0 s ahead of Zoho' },
        {
          check: 'call budget',
          ok: true,
          detail: '2500 calls a day (by zoho.daily_calls; Zoho has not told its own number); 90 a minute',
        },
        {
          check: 'available_field',
          ok: true,
          detail: 'available_stock of 3 of 3 items is readable; available_for_sale_stock is the same on 3 items',
        },
      ],
    })
    expect(world.entries(/./).filter(({ method }) => method === 'GET')).toHaveLength(3)
  })

  it('tells its own quota where it has headers for it', async () => {
    world.seed({ settings: { rate_limit_headers: true, calls_per_day: 7500 } })

    expect((await check('call budget'))?.detail).toMatch(
      /^7500 calls a day \(as Zoho tells\), 7499 left until 20\d\d-.*; 90 a minute$/,
    )
  })

  it('may be new and have nothing', async () => {
    expect(await check('available_field')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('no active item with stock'),
    })
    expect(world.entries(DETAILS)).toHaveLength(0)
  })
})

describe('the choice of the field', () => {
  it('is told with what it costs in units where open orders have some', async () => {
    world.seed({
      generate: { count: 120 },
      items: [
        { sku: 'A', stock: 10, committed: 3, modified_at: NOW },
        { sku: 'B', stock: '5.5', committed: '0.5', modified_at: NOW },
        { sku: 'S', kind: 'service', modified_at: NOW },
      ],
    })

    const found = await check('available_field')

    expect(found?.ok).toBe(true)
    expect(found?.detail).toBe(
      'available_stock of 99 of 99 items is readable; on 2 of 99 items it is not available_for_sale_stock, which has 3 units less for open sales orders. Unless isync takes those orders off itself (shadow.carry: open_orders) these units are sold twice; available_field: available_for_sale_stock leaves them out, at 3 calls for 200 items instead of 1',
    )
    expect(world.asked(ITEMS)[0]).toMatchObject({ per_page: '100', sort_column: 'last_modified_time', sort_order: 'D' })
  })

  it('compares physical stock with physical stock', async () => {
    world.seed({ items: [{ sku: 'A', stock: 10, physical: 8, committed: 9, physical_committed: 1 }] })

    const found = await check('available_field', world.again({ availableField: 'actual_available_stock' }))

    expect(found?.detail).toContain('it is not actual_available_for_sale_stock, which has 1 units less')
  })

  it('of a field for sale is told with what it costs in calls', async () => {
    world.seed({ items: [{ sku: 'A', stock: 10, committed: 3 }] })

    expect(await check('available_field', world.again({ availableField: 'available_for_sale_stock' }))).toEqual({
      check: 'available_field',
      ok: true,
      detail:
        'available_for_sale_stock of 1 of 1 items is readable; a full read asks for details too: 3 calls for 200 items instead of 1',
    })
  })

  it('fails where no item has the field', async () => {
    world.seed({ items: [{ sku: 'A', stock: 10, list: { available_stock: '$absent' } }] })

    expect(await check('available_field')).toEqual({
      check: 'available_field',
      ok: false,
      detail: 'none of 1 items has a number for available_stock',
      fix: 'choose an available_field that your items have, and see zoho.location_ids',
    })
  })

  it('cannot be judged where the details do not tell the other field', async () => {
    world.seed({ items: [{ sku: 'A', stock: 10, details: { available_for_sale_stock: '$absent' } }] })

    expect((await check('available_field'))?.detail).toContain('the details tell no available_for_sale_stock to compare it with')
  })
})

describe('chosen places', () => {
  it.each(['locations', 'warehouses'])('are looked for (%s)', async (places) => {
    world.seed({ settings: { places }, items: [{ sku: 'A', stock: 1 }] })

    expect(await check('location_ids', world.again({ locationIds: [HEAD_OFFICE] }))).toMatchObject({ ok: true })
    expect(await check('location_ids', world.again({ locationIds: [HEAD_OFFICE, '999'] }))).toEqual({
      check: 'location_ids',
      ok: false,
      detail: 'no item of 1 has the location 999',
      fix: `zoho.location_ids may name: ${HEAD_OFFICE}, ${SHOWROOM}`,
    })
  })
})

describe('what is wrong', () => {
  it('with the organization is told with those that there are', async () => {
    world.seed({ organizations: [{ organization_id: '77' }, { organization_id: '78' }] })

    expect(await health()).toMatchObject({
      ok: false,
      checks: [
        { check: 'authenticated', ok: true },
        {
          check: 'organization',
          ok: false,
          detail: "10234695 is not one of this user's",
          fix: 'set zoho.organization_id to one of: 77, 78',
        },
        {},
        {},
      ],
    })
    expect(world.entries(ITEMS)).toHaveLength(0)
  })

  it('with an organization that sleeps is told', async () => {
    world.seed({ organizations: [{ is_org_active: false }] })

    expect(await check('organization')).toMatchObject({ ok: false, detail: expect.stringContaining('it is not active') })
  })

  it('with our clock is told', async () => {
    const ahead = { ...world.clock, now: () => world.clock.now() + 10 * MINUTE }

    expect(await check('clock', world.again({}, { clock: ahead }))).toMatchObject({ ok: false, detail: '600 s ahead of Zoho' })
  })

  it.each([
    ['revoked credentials', 'authenticated', /invalid_code/],
    ['a missing scope', 'can read', /a fresh token was refused too/],
    ['a full day', 'call budget', /the day's calls of the organization are used up/],
    ['no connection', 'reachable', /connection failed/],
  ])('is found out: %s', async (what, name, detail) => {
    if (what === 'revoked credentials') world.act('revoke')
    if (what === 'a missing scope') world.seed({ accounts: [{ scopes: ['ZohoInventory.settings.READ'] }] })
    if (what === 'a full day') {
      await world.zoho.itemsBySku(['A'], signal)
      world.seed({ settings: { calls_per_day: 1 } })
    }
    if (what === 'no connection') world.sandbox.addFault({ vendor: 'zoho', kind: 'cut', times: 9 })

    const { ok, checks } = await health()

    expect(ok).toBe(false)
    expect(checks.at(-1)).toMatchObject({
      check: name,
      ok: false,
      detail: expect.stringMatching(detail),
      fix: expect.any(String),
    })
  })
})
