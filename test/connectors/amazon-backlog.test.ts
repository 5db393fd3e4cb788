import { afterEach, describe, expect, it } from 'vitest'
import { ThrottledError } from '../../src/core/errors.ts'
import type { Cursor, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'
import { type BacklogWorld, openBacklog } from './amazon-backlog-world.ts'
import { DAY, failureOf, MINUTE, NOW, signal, UK } from './amazon-world.ts'

/** Open orders that came in one after the other, the last of them an hour ago. */
const open = (count: number) => Array.from({ length: count }, (_, n) => ({ created_at: NOW - 60 * MINUTE - (count - n) * 1000 }))
/** Searches that the last runs made: two are left at once, so that few orders are many. */
const SPENT = 18
const SINCE: Cursor = { at: NOW - DAY }

let world: BacklogWorld
afterEach(() => world.close())

async function pull(connector: MarketplaceConnector, since: Cursor = SINCE, most = 999): Promise<OrderPage[]> {
  const pages: OrderPage[] = []
  for await (const page of connector.listOrders(since, signal)) {
    pages.push(page)
    if (pages.length >= most) break
  }
  return pages
}

const idsOf = (pages: readonly OrderPage[]) => pages.flatMap((page) => page.orders.map((order) => order.externalOrderId))
const distinct = (pages: readonly OrderPage[]) => new Set(idsOf(pages)).size
const callsOf = () => (world.sandbox.books('amazon') as { readonly calls: Record<string, number> }).calls
const throttled = () => (world.sandbox.books('amazon') as { readonly throttled: number }).throttled
/** The numbers by which single orders were asked for. */
const fetched = () =>
  world.sandbox.journal().flatMap(({ path }) => /\/orders\/2026-01-01\/orders\/([\d-]+)$/.exec(path)?.[1] ?? [])
const warnings = () => world.logged.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields['error']))

describe('a search that has to wait for its turn', () => {
  it('is caught up with by the report on unshipped orders, and nothing is missing or refused', async () => {
    world = await openBacklog({ orders: [...open(900), { status: 'PENDING' }, { status: 'CANCELLED' }] }, SPENT)

    const pages = await pull(world.connector())

    expect(distinct(pages)).toBe(902)
    expect(pages.at(-1)?.next).toEqual({ at: NOW - 2 * MINUTE })
    expect(throttled()).toBe(0)
    expect(callsOf()).toMatchObject({ createReport: 1, getReportDocument: 1 })
    expect(fetched().length).toBeGreaterThan(250)
    expect(new Set(fetched()).size).toBe(fetched().length)
  })

  it('keeps to the window of the search and to the marketplaces of the channel', async () => {
    const old = { created_at: NOW - 3 * DAY }
    const foreign = { created_at: NOW - 40 * MINUTE, marketplace_id: UK }
    world = await openBacklog({ reports: { all_channels: true }, orders: [...open(400), old, foreign] }, SPENT)

    const pages = await pull(world.connector())

    expect(distinct(pages)).toBe(400)
    expect(pages.flatMap(({ orders }) => orders.map(({ marketplaceId }) => marketplaceId))).not.toContain(UK)
  })

  it('hands over what was fetched in portions, with a note that names no order', async () => {
    world = await openBacklog({ orders: open(600) }, SPENT)

    const pages = await pull(world.connector())

    expect(Math.max(...pages.map(({ orders }) => orders.length))).toBeLessThanOrEqual(154)
    const notes = pages.map(({ next }) => next.resume ?? '')
    expect(notes.at(-2)).toContain('"report":"70001"')
    for (const note of notes) expect(note.length).toBeLessThan(1500)
    for (const note of notes) expect(note).not.toMatch(/\d{3}-\d{7}-\d{7}|Invented Street|Sample Buyer/)
  })

  it.each(['UTF-8', 'ISO-8859-1', 'UTF-16LE'])('reads a report in %s', async (charset) => {
    const buyer = { name: 'Jürgen\u00a0Größe' }
    const orders = open(320).map((order) => ({ ...order, buyer }))
    world = await openBacklog({ reports: { charset, compress: charset !== 'UTF-8' }, orders }, SPENT)

    const pages = await pull(world.connector())

    expect(distinct(pages)).toBe(320)
    expect(fetched().length).toBeGreaterThan(0)
    expect(warnings()).toEqual([])
  })

  it('does not ask for a report when searches are fast', async () => {
    world = await openBacklog({ rate_limits: { searchOrders: { rate: 0.1, burst: 20 } }, orders: open(2300) })

    expect(distinct(await pull(world.connector()))).toBe(2300)
    expect(callsOf()['createReport']).toBeUndefined()
  })

  it('does not ask for a report when there is little to wait for', async () => {
    world = await openBacklog({ orders: open(800) })

    expect(await pull(world.connector())).toHaveLength(8)
    expect(callsOf()['createReport']).toBeUndefined()
  })
})

describe('a run that does not want to wait long', () => {
  it('goes on with the report, and ends when there is nothing left that it may do', async () => {
    world = await openBacklog({ orders: open(600) }, SPENT)
    const pages: OrderPage[] = []

    const error = await failureOf(
      (async () => {
        for await (const page of world.connector({ maxWaitMs: 10_000 }).listOrders(SINCE, signal)) pages.push(page)
      })(),
    )

    // Everything open is here, though the search has not said so yet.
    expect(error).toBeInstanceOf(ThrottledError)
    expect(distinct(pages)).toBe(600)
    expect(pages.at(-1)?.next).toMatchObject({ at: SINCE.at, resume: expect.any(String) })

    const after = await pull(world.connector(), pages.at(-1)?.next)
    expect(after.at(-1)?.next.resume).toBeUndefined()
    expect(callsOf()['createReport']).toBe(1)
  })

  it('waits some minutes for the report, not for ever; the next run asks for the same one', async () => {
    world = await openBacklog({ reports: { processing_ms: 20 * MINUTE }, orders: open(600) }, SPENT)

    const error = await failureOf(pull(world.connector({ maxWaitMs: 10_000 })))

    expect(error).toBeInstanceOf(ThrottledError)
    expect(world.minutes()).toBeGreaterThan(4)
    expect(world.minutes()).toBeLessThan(8)
    await pull(world.connector())
    expect(callsOf()['createReport']).toBe(1)
  })
})

describe('after a crash', () => {
  it('the same report serves, and what it has brought is not fetched again', async () => {
    world = await openBacklog({ orders: open(900) }, SPENT)
    const before = await pull(world.connector(), SINCE, 6)
    expect(fetched().length).toBeGreaterThan(50)

    const after = await pull(world.connector(), before.at(-1)?.next)

    expect(distinct([...before, ...after])).toBe(900)
    expect(callsOf()).toMatchObject({ createReport: 1, getReportDocument: 2 })
    expect(new Set(fetched()).size).toBe(fetched().length)
  })

  it('between the question and the first note the report is not asked for twice', async () => {
    world = await openBacklog({ orders: open(600) }, SPENT)
    await pull(world.connector(), SINCE, 3)
    expect(callsOf()['createReport']).toBe(1)

    await pull(world.connector(), SINCE)

    expect(callsOf()['createReport']).toBe(1)
  })

  it('a report of yesterday does not serve', async () => {
    world = await openBacklog({ orders: open(600) }, SPENT)
    await pull(world.connector(), SINCE)
    await world.clock.sleep(3 * 60 * MINUTE)
    world.sandbox.act('amazon', 'add-orders', open(500))

    await pull(world.connector(), { at: NOW - 2 * DAY })

    expect(callsOf()['createReport']).toBe(2)
  })
})

describe('without the report the search goes on alone', () => {
  const spoil = (path: string, kind: 'status' | 'html' | 'throttle', more: object = {}) =>
    world.sandbox.addFault({ vendor: 'amazon', kind, times: 99, match: { path }, ...more })
  const errors = { errors: [{ code: 'InternalFailure', message: 'We encountered an internal error.' }] }

  it.each<[string, () => unknown, RegExp]>([
    ['ends FATAL', () => world.sandbox.act('amazon', 'end-next-report', { status: 'FATAL' }), /FATAL/],
    ['is unknown', () => spoil('/reports/7', 'status', { status: 404, body: errors }), /does not know/],
    ['is refused', () => spoil('/reports$', 'status', { status: 403, body: errors }), /Direct-to-Consumer Shipping/],
    ['always fails', () => spoil('/reports$', 'status', { status: 500, body: errors }), /500/],
    ['has a page of a proxy for a document', () => spoil('/report-documents/', 'html'), /no columns/],
    ['lies where nobody finds it', () => spoil('/report-documents/', 'status', { status: 403, body: '<Error/>' }), /403/],
    ['may not even be asked for a token', () => spoil('restrictedDataToken', 'status', { status: 403, body: errors }), /403/],
    ['may not be opened', () => spoil('restrictedDataToken', 'status', { status: 400, body: errors }), /400/],
  ])('when it %s', async (_, break_, why) => {
    world = await openBacklog({ orders: open(700) }, SPENT)
    break_()

    const pages = await pull(world.connector())

    expect(idsOf(pages)).toHaveLength(700)
    expect(distinct(pages)).toBe(700)
    expect(warnings()).toEqual([expect.stringMatching(why)])
    expect(world.shared.opened).toEqual([])
  })

  it.each<[string, () => unknown]>([
    ['is cancelled, for there is nothing in it', () => world.sandbox.act('amazon', 'end-next-report', { status: 'CANCELLED' })],
    ['never ends', () => world.sandbox.act('amazon', 'end-next-report', { status: 'STUCK' })],
    ['is throttled', () => spoil('/reports$', 'throttle', { body: errors })],
  ])('and without a word when it %s', async (_, hinder) => {
    world = await openBacklog({ orders: open(500) }, SPENT)
    hinder()

    const pages = await pull(world.connector())

    expect(idsOf(pages)).toHaveLength(500)
    expect(warnings()).toEqual([])
  })

  it('in a dry run, which leaves no report behind', async () => {
    world = await openBacklog({ orders: open(500) }, SPENT)

    const pages = await pull(world.connector({ dryRun: true }))

    expect(distinct(pages)).toBe(500)
    expect(callsOf()['createReport']).toBeUndefined()
    expect(world.planned.map(({ operation }) => operation)).toEqual(['createReport'])
  })

  it('also where single orders fail: what was fetched is kept', async () => {
    world = await openBacklog({ orders: open(600) }, SPENT)
    spoil('/orders/2026-01-01/orders/', 'status', { status: 500, body: errors, after: 70 })

    const pages = await pull(world.connector())

    expect(distinct(pages)).toBe(600)
    expect(warnings()).toEqual([expect.stringMatching(/getOrder: answered 500/)])
  })
})
