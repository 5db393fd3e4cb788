import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cursor } from '../../src/core/ports/marketplace.ts'
import {
  type Answer,
  type Asked,
  aFulfillment,
  anItem,
  anOrder,
  center,
  failureOf,
  HOUR,
  type Json,
  MINUTE,
  NOW,
  openScripted,
  pages,
  type ScriptedWorld,
  signal,
  TOKEN,
} from './channeladvisor-wire.ts'

const SINCE: Cursor = { at: NOW - HOUR }
const END = NOW - 2 * MINUTE
const order = (ID: number, over: Json = {}) => anOrder({ ID, ...over })

let world: ScriptedWorld
/** What lies in the account, in the order of ids; a script may change it between pages. */
let shelf: Json[]
let pageSize: number
let linkOrigin: string | undefined

beforeEach(async () => {
  shelf = []
  pageSize = 2
  world = await openScripted(account)
  linkOrigin = world.origin
})
afterEach(() => world.close())

/** Pages as the vendor gives them: by places, and the first page again beyond the last one. */
function account({ path, query, url }: Asked): Answer | undefined {
  const single = /^\/v1\/Orders\((\d+)\)$/.exec(path)
  if (single !== null) {
    const found = shelf.find(({ ID }) => String(ID) === single[1])
    return found === undefined ? undefined : { body: found }
  }
  if (path !== '/v1/Orders') return undefined
  const ids = [...(query.get('$filter') ?? '').matchAll(/ID eq (\d+)/g)].map(([, id]) => id)
  const all = ids.length === 0 ? shelf : shelf.filter(({ ID }) => ids.includes(String(ID)))
  const asked = Number(query.get('$skip') ?? 0)
  const at = asked >= all.length ? 0 : asked
  const value = all.slice(at, at + pageSize)
  const isLast = at + pageSize >= all.length
  const rest = url.replace(/&?\$skip=\d+/, '')
  const link = { '@odata.nextLink': `${linkOrigin}${rest}&$skip=${at + pageSize}` }
  return { body: { '@odata.count': all.length, value, ...(isLast ? {} : link) } }
}

const idsOf = async (since: Cursor = SINCE) =>
  (await pages(world.connector, since)).flatMap(({ orders }) => orders.map((one) => one.externalOrderId))

describe('a search', () => {
  it('asks for everything imported or changed since, in whatever status, with all that belongs to it', async () => {
    await pages(world.connector)

    const [asked] = world.calls()
    const since = new Date(SINCE.at).toISOString()
    expect(asked?.query.get('$filter')).toBe(`UpdatedDateUtc ge ${since} or ImportDateUtc ge ${since}`)
    expect(asked?.query.get('$expand')).toBe('Items($expand=Promotions,Adjustments),Fulfillments($expand=Items)')
    expect(asked?.query.get('$orderby')).toBe('ID')
    expect(asked?.query.has('exported')).toBe(false)
    expect(asked?.url).not.toMatch(/access_token/)
    expect(asked?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  it('follows the next links, and moves the cursor with the last page only', async () => {
    shelf = [1, 2, 3, 4, 5].map((id) => order(id))

    const found = await pages(world.connector)

    expect(found.map(({ orders }) => orders.map(({ externalOrderId }) => externalOrderId))).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5'],
    ])
    expect(found.map(({ next }) => next.at)).toEqual([SINCE.at, SINCE.at, END])
    expect(found.map(({ next }) => next.resume !== undefined)).toEqual([true, true, false])
  })

  it('of nothing ends at once, and has the cursor moved', async () => {
    expect(await pages(world.connector)).toEqual([{ orders: [], poison: [], skipped: 0, next: { at: END } }])
  })

  it('never reads ahead of whoever stores its pages', async () => {
    shelf = [1, 2, 3, 4, 5].map((id) => order(id))
    await pages(world.connector, SINCE, 2)
    expect(world.calls()).toHaveLength(2)
  })

  it('never moves the cursor past the vendor, nor back', async () => {
    const behind = new Date(NOW - 20 * MINUTE).toUTCString()
    world.play(() => ({ body: { value: [] }, headers: { date: behind } }))
    world.play(({ path }) => (path === '/v1/Orders' ? { body: { value: [] }, headers: { date: behind } } : undefined))
    expect((await pages(world.connector))[0]?.next.at).toBe(NOW - 22 * MINUTE)

    const fresh = { at: NOW - MINUTE }
    expect((await pages(world.connector, fresh))[0]?.next.at).toBe(fresh.at)
  })

  it('tells an order twice rather than not at all when others come in before it', async () => {
    shelf = [10, 20, 30, 40].map((id) => order(id))
    world.play((asked) => {
      const answer = account(asked)
      // Changed just now, after the first page was given.
      if (asked.path === '/v1/Orders' && shelf.length === 4) shelf = [order(5), ...shelf]
      return answer
    })
    expect(await idsOf()).toEqual(['10', '20', '30', '40'])
  })

  it('begins anew when orders leave it, and hands out none twice', async () => {
    shelf = [1, 2, 3, 4, 5].map((id) => order(id))
    world.play((asked) => {
      const answer = account(asked)
      // Merged into another one after the first page was given: the third moves to the place of the second.
      if (asked.path === '/v1/Orders' && shelf.length === 5) shelf = shelf.slice(1)
      return answer
    })
    expect(await idsOf()).toEqual(['1', '2', '3', '4', '5'])
  })

  it('gives up when they never stop leaving', async () => {
    shelf = Array.from({ length: 50 }, (_, at) => order(at + 1))
    world.play((asked) => {
      const answer = account(asked)
      if (asked.path === '/v1/Orders') shelf = shelf.slice(1)
      return answer
    })
    expect(await failureOf(pages(world.connector))).toMatchObject({ kind: 'retryable', operation: 'GET Orders' })
  })

  it('ends where the first page comes again', async () => {
    shelf = [1, 2, 3].map((id) => order(id))
    world.play((asked) => {
      if (asked.path !== '/v1/Orders') return undefined
      // The link goes on for ever.
      const next = Number(asked.query.get('$skip') ?? 0) + 2
      const link = `${world.origin}${asked.url.replace(/&\$skip=\d+/, '')}&$skip=${next}`
      return { body: { ...(account(asked)?.body as Json), '@odata.nextLink': link } }
    })
    const found = await pages(world.connector)
    expect(found.flatMap(({ orders }) => orders.map(({ externalOrderId }) => externalOrderId))).toEqual(['1', '2', '3'])
    expect(found.at(-1)?.next).toEqual({ at: END })
  })

  it('refuses the same page under ever new links', async () => {
    shelf = [1, 2, 3, 4].map((id) => order(id))
    world.play((asked) => {
      if (asked.path !== '/v1/Orders') return undefined
      const body = account(asked)?.body as Json
      return { body: { ...body, '@odata.nextLink': `${world.origin}${asked.url}&$skip=2&again=1` } }
    })
    expect(String(await failureOf(pages(world.connector)))).toMatch(/the same page was offered twice/)
  })

  it('refuses to go round in a circle', async () => {
    shelf = [1, 2, 3, 4].map((id) => order(id))
    world.play((asked) => {
      const answer = account(asked)
      const body = answer?.body as Json
      return asked.path === '/v1/Orders' && asked.query.has('$skip')
        ? { body: { ...body, '@odata.nextLink': `${world.origin}${asked.url}` } }
        : answer
    })
    expect(String(await failureOf(pages(world.connector)))).toMatch(/the same page was offered twice/)
  })

  it('goes to no other host, wherever a link leads', async () => {
    shelf = [1, 2, 3].map((id) => order(id))
    linkOrigin = 'http://127.0.0.1:9'
    expect(String(await failureOf(pages(world.connector)))).toMatch(/the next page is on another host/)
    linkOrigin = `${world.origin}@evil.example`
    expect(String(await failureOf(pages(world.connector)))).toMatch(/another host/)
  })

  it("takes the vendor's own links through a proxy, and the token out of them", async () => {
    shelf = [1, 2, 3].map((id) => order(id))
    linkOrigin = 'https://api.channeladvisor.com'
    world.play((asked) => {
      const answer = account(asked)
      const body = answer?.body as Json | undefined
      const link = body?.['@odata.nextLink']
      return typeof link === 'string'
        ? { body: { ...body, '@odata.nextLink': link.replace('?', '?access_token=leaked&') } }
        : answer
    })
    const found = await pages(world.connector)
    expect(found.flatMap(({ orders }) => orders)).toHaveLength(3)
    expect(
      world
        .calls()
        .map(({ url }) => url)
        .join(),
    ).not.toMatch(/leaked/)
    expect(JSON.stringify(found.map(({ next }) => next))).not.toMatch(/leaked|access_token/)
  })

  it('goes on with the others when one is poison', async () => {
    shelf = [order(1), { ...order(2), Currency: null }, order(3)]
    const found = await pages(world.connector)
    expect(found.flatMap(({ orders }) => orders.map((one) => one.externalOrderId))).toEqual(['1', '3'])
    expect(found.flatMap(({ poison }) => poison.map((one) => one.externalOrderId))).toEqual(['2'])
  })

  it('stops when told to', async () => {
    shelf = [1, 2, 3].map((id) => order(id))
    const stop = new AbortController()
    const reading = world.connector.listOrders(SINCE, stop.signal)[Symbol.asyncIterator]()
    await reading.next()
    stop.abort()
    expect(await failureOf(reading.next())).toMatchObject({ name: 'StoppedError' })
  })
})

describe('after a crash', () => {
  const crashAfter = async (most: number) => (await pages(world.connector, SINCE, most)).at(-1)?.next ?? SINCE

  it.each([1, 2, 3])('after page %i the search goes on where it was', async (most) => {
    shelf = [1, 2, 3, 4, 5, 6, 7].map((id) => order(id))
    const next = await crashAfter(most)
    const rest = await pages(world.again(), { at: SINCE.at, ...(next.resume === undefined ? {} : { resume: next.resume }) })
    expect(rest.flatMap(({ orders }) => orders.map((one) => Number(one.externalOrderId)))).toEqual(
      [1, 2, 3, 4, 5, 6, 7].slice(most * 2),
    )
    expect(rest.at(-1)?.next).toEqual({ at: END })
  })

  it.each<[string, (resume: string) => Cursor]>([
    ['is no note of ours', () => ({ at: SINCE.at, resume: 'page 7' })],
    ['leads elsewhere', (resume) => ({ at: SINCE.at, resume: resume.replace('/v1/Orders?', 'http://evil.example/v1/Orders?') })],
    ['began later than what is asked now', (resume) => ({ at: SINCE.at - 1, resume })],
    ['is too old', (resume) => ({ at: SINCE.at, resume: JSON.stringify({ ...JSON.parse(resume), startedAt: NOW - 2 * HOUR }) })],
  ])('the search begins anew when its note %s', async (_, cursorOf) => {
    shelf = [1, 2, 3].map((id) => order(id))
    const { resume = '' } = await crashAfter(1)
    expect(await idsOf(cursorOf(resume))).toEqual(['1', '2', '3'])
  })

  it('the search begins anew when the vendor no longer takes its place', async () => {
    shelf = [1, 2, 3].map((id) => order(id))
    const { resume = '' } = await crashAfter(1)
    let refused = 0
    world.play((asked) => {
      if (!asked.query.has('$skip') || refused > 0) return account(asked)
      refused += 1
      return { status: 400, body: { error: { code: '', message: 'The query specified in the URI is not valid.' } } }
    })
    expect(await idsOf({ at: SINCE.at, resume })).toEqual(['1', '2', '3'])
    expect(refused).toBe(1)
  })
})

describe('an order of more than twenty lines', () => {
  const items = (most: number) => Array.from({ length: most }, (_, at) => anItem({ ID: 600 + at, Quantity: 1 }))
  const whole = (most: number) => order(1, { Items: items(most), Fulfillments: [aFulfillment({ Items: [] })] })

  it('is read by its id, since a list shows twenty of them', async () => {
    world.play((asked) => {
      if (asked.path === '/v1/Orders(1)') return { body: whole(25) }
      const link = `${world.origin}/v1/Orders(1)/Items?$skip=20`
      return asked.path === '/v1/Orders' ? { body: { value: [{ ...whole(20), 'Items@odata.nextLink': link }] } } : undefined
    })
    const [page] = await pages(world.connector)
    expect(page?.orders[0]?.lines).toHaveLength(25)
    expect(world.calls(/Orders\(1\)$/)).toHaveLength(1)
  })

  it('is read by its id also where the list does not say that it was cut', async () => {
    world.play((asked) => {
      if (asked.path === '/v1/Orders(1)') return { body: whole(21) }
      return asked.path === '/v1/Orders' ? { body: { value: [whole(20)] } } : undefined
    })
    expect((await pages(world.connector))[0]?.orders[0]?.lines).toHaveLength(21)
  })

  it('is poison where even that shows a part of it', async () => {
    const cut = { ...whole(20), Fulfillments: [{ ...aFulfillment(), 'Items@odata.nextLink': 'more' }] }
    world.play(({ path }) =>
      path === '/v1/Orders(1)' ? { body: cut } : path === '/v1/Orders' ? { body: { value: [cut] } } : undefined,
    )
    expect(await pages(world.connector)).toMatchObject([
      { orders: [], poison: [{ externalOrderId: '1', reason: /only a part/ }] },
    ])
  })
})

describe('orders asked for by id', () => {
  it('come as they are now, twenty in a call; unknown ids are absent', async () => {
    pageSize = 100
    shelf = Array.from({ length: 45 }, (_, at) => order(at + 1))
    const wanted = [...shelf.map(({ ID }) => String(ID)), '999', '999', 'B-1', '']

    const { orders, poison, skipped } = await world.connector.getOrders(wanted, signal)

    expect(orders).toHaveLength(45)
    expect([poison.length, skipped]).toEqual([0, 0])
    expect(world.calls(/Orders$/)).toHaveLength(3)
  })

  it('that are none cost no call', async () => {
    expect(await world.connector.getOrders(['B-1', ''], signal)).toEqual({ orders: [], poison: [], skipped: 0 })
    expect(world.heard).toEqual([])
  })

  it('show only what was asked for, whatever the vendor adds', async () => {
    world.play(({ path }) => (path === '/v1/Orders' ? { body: { value: [order(1), order(2)] } } : undefined))
    expect((await world.connector.getOrders(['2'], signal)).orders.map((one) => one.externalOrderId)).toEqual(['2'])
  })
})

describe('the distribution centers', () => {
  it('are asked for only by an order that may lie elsewhere, and kept for all processes', async () => {
    shelf = [order(1)]
    await pages(world.connector)
    expect(world.calls(/DistributionCenters/)).toHaveLength(0)

    shelf = [order(1, { DistributionCenterTypeRollup: 'Mixed' }), order(2, { DistributionCenterTypeRollup: null })]
    await pages(world.connector)
    await pages(world.again())
    expect(world.calls(/DistributionCenters/)).toHaveLength(1)
  })

  it('are asked for again by an order that lies in one that is new', async () => {
    const mixed = (id: number, DistributionCenterID: number) =>
      order(id, { DistributionCenterTypeRollup: 'Mixed', Fulfillments: [aFulfillment({ DistributionCenterID })] })
    shelf = [mixed(1, 0)]
    await pages(world.connector)
    world.play((asked) =>
      asked.path === '/v1/DistributionCenters' ? { body: { value: [center(0, 'Main'), center(9, 'New')] } } : account(asked),
    )

    shelf = [mixed(1, 9)]
    expect((await pages(world.connector))[0]?.orders).toMatchObject([{ status: 'open' }])
    expect(world.calls(/DistributionCenters/)).toHaveLength(2)
  })
})
