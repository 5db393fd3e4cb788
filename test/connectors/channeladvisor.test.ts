import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Health } from '../../src/core/ports/marketplace.ts'
import {
  type Answer,
  anOrder,
  center,
  MINUTE,
  NOW,
  openScripted,
  pages,
  type ScriptedWorld,
  SECRETS,
  signal,
  TOKEN,
} from './channeladvisor-wire.ts'

let world: ScriptedWorld
let orders: Answer
beforeEach(async () => {
  orders = { body: { value: [anOrder()] } }
  world = await openScripted(({ path }) => (path === '/v1/Orders' ? orders : undefined))
})
afterEach(() => world.close())

const health = (connector = world.connector) => connector.health(signal)
const checkOf = ({ checks }: Health, name: string) => checks.find(({ check }) => check === name)

describe('the token', () => {
  it('is asked for with both credentials and the refresh token, once for all calls of an hour', async () => {
    await pages(world.connector)
    await pages(world.again())

    const asked = world.heard.filter(({ path }) => path === '/oauth2/token')
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ method: 'POST', text: `grant_type=refresh_token&refresh_token=${SECRETS.refreshToken}` })
    const pair = Buffer.from(`${SECRETS.applicationId}:${SECRETS.sharedSecret}`).toString('base64')
    expect(asked[0]?.headers.authorization).toBe(`Basic ${pair}`)
    expect(world.calls().every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true)
  })
})

describe('health', () => {
  it('tells what the credentials open, in two reads', async () => {
    const found = await health()

    expect(found.ok).toBe(true)
    expect(found.checks.map(({ check }) => check)).toEqual([
      'authenticated',
      'orders',
      'clock',
      'sites',
      'distribution center',
      'stock',
      'limits',
    ])
    expect(checkOf(found, 'distribution center')?.detail).toBe(
      "quantities go to 0 Main, out of: 0 Main; 7 FBA (not the seller's)",
    )
    expect(checkOf(found, 'stock')?.detail).toMatch(/update_type: UnShipped/)
    expect(checkOf(found, 'sites')?.detail).toBe('Walmart (576)')
    expect(world.calls()).toHaveLength(2)
    expect(world.calls().every(({ method }) => method === 'GET')).toBe(true)
  })

  it('warns of sites that isync may reach in another way, unless they are left out', async () => {
    const sites = [
      anOrder(),
      anOrder({ SiteID: 640, SiteName: 'Amazon Seller Central - US' }),
      anOrder({ SiteID: 1, SiteName: 'eBay Fixed Price US' }),
    ]
    orders = { body: { value: sites } }
    const found = await health(world.again({ excludeSites: ['640'] }))
    expect(found.ok).toBe(true)
    expect(checkOf(found, 'sites')?.detail).toBe(
      'Walmart (576); Amazon Seller Central - US (640), left out; eBay Fixed Price US (1). Watch out: if another channel of isync sells on eBay Fixed Price US (1), those orders arrive twice; then name the site in exclude_sites',
    )
  })

  it('names what is left out and does not come: a name may be misspelled', async () => {
    orders = { body: { value: [anOrder(), anOrder({ SiteID: 1, SiteName: 'eBay' })] } }
    const found = await health(world.again({ excludeSites: ['eBay', 'Amazon Seler Central'] }))
    expect(checkOf(found, 'sites')?.detail).toBe(
      'Walmart (576); eBay (1), left out. Of exclude_sites none of these orders is meant by: Amazon Seler Central',
    )
  })

  it('of an account without orders is good', async () => {
    orders = { body: { value: [] } }
    expect(checkOf(await health(), 'sites')).toMatchObject({ ok: true, detail: 'no orders in the last 7 days' })
  })

  it.each([
    [5, true],
    [-5 * MINUTE, false],
    [5 * MINUTE, false],
  ])('finds a clock that is %i ms wrong: %s', async (skewMs, ok) => {
    orders = { body: { value: [] }, headers: { date: new Date(NOW - skewMs).toUTCString() } }
    const found = await health()
    expect([found.ok, checkOf(found, 'clock')?.ok]).toEqual([ok, ok])
  })

  it.each([
    [7, /is not the seller's to write/],
    [99, /is not there/],
  ])('finds a distribution center that takes nothing: %i', async (distributionCenterId, detail) => {
    const found = await health(world.again({ distributionCenterId }))
    expect(found.ok).toBe(false)
    expect(checkOf(found, 'distribution center')).toMatchObject({
      ok: false,
      detail,
      fix: /set distribution_center_id of ca-test to one of: 0 Main/,
    })
  })

  it('finds that the inventory is closed to us', async () => {
    world.play(({ path }) => (path === '/v1/DistributionCenters' ? { status: 401 } : path === '/v1/Orders' ? orders : undefined))
    expect(checkOf(await health(), 'distribution center')).toMatchObject({ ok: false, detail: /lacks the scope inventory/ })
  })

  it.each<[string, Answer, string]>([
    ['refused credentials', { status: 401 }, 'authenticated'],
    ['a spent limit', { status: 429 }, 'limits'],
    ['a vendor in trouble', { status: 503 }, 'reachable'],
    ['a question that it does not understand', { status: 400 }, 'orders'],
  ])('of %s says so and does not throw', async (_, answer, check) => {
    orders = answer
    const found = await health()
    expect(found.ok).toBe(false)
    expect(checkOf(found, check)).toMatchObject({ ok: false, fix: /./ })
  })

  it('reads a list of centers to its last page', async () => {
    world.play(({ path, query }) => {
      if (path === '/v1/Orders') return orders
      if (path !== '/v1/DistributionCenters') return undefined
      const link = { '@odata.nextLink': `${world.origin}/v1/DistributionCenters?$skip=1` }
      return { body: query.has('$skip') ? { value: [center(5, 'Second')] } : { value: [center(0, 'Main')], ...link } }
    })
    expect(checkOf(await health(), 'distribution center')?.detail).toMatch(/0 Main; 5 Second$/)
  })
})
