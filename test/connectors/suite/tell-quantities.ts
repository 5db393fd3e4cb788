import { expect } from 'vitest'
import { need, type Say, signal, statuses, tell, updatesOf, waysOf } from './world.ts'

/** Enough for several calls of any vendor's, and quick. */
const MANY = 120

/** The port's sentences on quantities and listings. */
export function tellQuantities(say: Say): void {
  say('quantity: plan', async (world) => {
    const { connector } = world.connect()
    for (const due of [0, 1, 2, 99, 5_000, 1_000_000]) {
      const plan = connector.quantityPlan(due)
      expect(plan.way).toMatch(/./)
      expect(plan.batch).toBeGreaterThanOrEqual(1)
      expect(connector.quantityPlan(due)).toEqual(plan)
    }
    expect(world.channel.calls()).toBe(0)
  })

  say('quantity: absolute', async (world) => {
    const near = world.connect()
    world.channel.list(['A', 'B', 'C'].map((sku) => ({ sku, quantity: 5 })))
    for (const way of waysOf(near).keys()) {
      for (const told of [
        { A: 9, B: 2, C: 0 },
        { A: 9, B: 2, C: 0 },
        { A: 4, B: 5, C: 6 },
      ]) {
        const outcomes = await tell(world, near, updatesOf(world, told), way)
        expect(statuses(outcomes), way).toEqual(['accepted', 'accepted', 'accepted'])
        expect(['A', 'B', 'C'].map(world.channel.quantityOf), way).toEqual(Object.values(told))
        world.channel.clock.advance(5 * 60_000)
      }
    }
  })

  say('quantity: many', async (world) => {
    const near = world.connect()
    const skus = Array.from({ length: MANY }, (_, i) => `MANY-${String(i).padStart(4, '0')}`)
    world.channel.list(skus.map((sku) => ({ sku, quantity: 1 })))
    let base = 10
    for (const [way, batch] of waysOf(near)) {
      base += 1000
      for (let at = 0; at < skus.length; at += batch) {
        const part = skus.slice(at, at + batch)
        const told = Object.fromEntries(part.map((sku, i) => [sku, base + at + i]))
        const outcomes = await tell(world, near, updatesOf(world, told), way)
        expect(new Set(statuses(outcomes)), way).toEqual(new Set(['accepted']))
      }
      expect(skus.map(world.channel.quantityOf), way).toEqual(skus.map((_, i) => base + i))
    }
  })

  say('quantity: unlisted', async (world) => {
    const near = world.connect()
    world.channel.list([
      { sku: 'A', quantity: 5 },
      { sku: 'B', quantity: 5 },
    ])
    let quantity = 6
    for (const way of waysOf(near).keys()) {
      quantity += 1
      const outcomes = await tell(world, near, updatesOf(world, { A: quantity, NOBODYS: 3, B: quantity }), way)
      expect(statuses(outcomes), way).toEqual(['accepted', 'unlisted', 'accepted'])
      expect(['A', 'NOBODYS', 'B'].map(world.channel.quantityOf), way).toEqual([quantity, undefined, quantity])
    }
  })

  say('quantity: refused', async (world) => {
    const near = world.connect()
    world.channel.list(['A', 'BAD', 'B'].map((sku) => ({ sku, quantity: 5 })))
    need(world.channel.refuse, 'refuse')('BAD')
    let quantity = 6
    for (const way of waysOf(near).keys()) {
      quantity += 1
      const outcomes = await tell(world, near, updatesOf(world, { A: quantity, BAD: quantity, B: quantity }), way)
      expect(statuses(outcomes), way).toEqual(['accepted', 'failed', 'accepted'])
      expect(['A', 'BAD', 'B'].map(world.channel.quantityOf), way).toEqual([quantity, 5, quantity])
    }
  })

  say('quantity: not ours', async (world) => {
    const { connector } = world.connect()
    need(world.channel.listForeign, 'listForeign')('THEIRS')
    const [listing] = (await connector.describeListings?.(['THEIRS'], signal)) ?? []

    expect(connector.checksListings).toBe(true)
    expect(listing).toMatchObject({ sku: 'THEIRS', listed: true })
    expect(listing).not.toMatchObject({ fulfilment: 'seller' })
  })

  say('quantity: left alone', async (world) => {
    const { connector } = world.connect()
    need(world.channel.listForeign, 'listForeign')('THEIRS')
    const before = [world.channel.quantityOf('THEIRS'), world.channel.restOf('THEIRS')]
    for (const way of waysOf(world.connect()).keys()) {
      const outcomes = await connector.updateQuantities(updatesOf(world, { THEIRS: 8 }), way, signal)
      expect(statuses(outcomes), way).toEqual(['not-ours'])
    }
    expect([world.channel.quantityOf('THEIRS'), world.channel.restOf('THEIRS')]).toEqual(before)
  })

  say('quantity: nothing else', async (world) => {
    const near = world.connect()
    world.channel.list([{ sku: 'A', quantity: 5 }])
    const before = world.channel.restOf('A')
    expect(before).toContain('A')
    let quantity = 6
    for (const way of waysOf(near).keys()) {
      quantity += 1
      await tell(world, near, updatesOf(world, { A: quantity }), way)
      expect(world.channel.quantityOf('A'), way).toBe(quantity)
      expect(world.channel.restOf('A'), way).toBe(before)
    }
  })

  say('quantity: report', async (world) => {
    const near = world.connect()
    world.channel.list([
      { sku: 'A', quantity: 5 },
      { sku: 'B', quantity: 5 },
    ])
    const reports: string[] = []
    for (const way of waysOf(near).keys()) {
      const sent = updatesOf(world, { A: 7, NOBODYS: 2, B: 8 })
      const sentAt = world.channel.clock.now()
      const told = await near.connector.updateQuantities(sent, way, signal)
      const report = told.flatMap((one) => (one.status === 'reported-later' ? [one.report] : []))[0]
      if (report === undefined) continue
      reports.push(report)
      const later = sent.filter((_, i) => told[i]?.status === 'reported-later')
      // Whoever asks need not be who has handed it over.
      const asker = world.connect()
      const ask = () => need(asker.connector.readQuantityReport, 'readQuantityReport')(report, later, sentAt, signal)
      expect(await ask()).toMatchObject({ state: 'running' })
      world.channel.clock.advance(30 * 60_000)
      const found = await ask()
      expect(found.state === 'done' && statuses(found.outcomes)).toEqual(
        later.map(({ sku }) => (sku === 'NOBODYS' ? 'unlisted' : 'accepted')),
      )
      expect(['A', 'B'].map(world.channel.quantityOf)).toEqual([7, 8])
    }
    expect(reports).not.toEqual([])
  })

  say('quantity: report lost', async (world) => {
    const near = world.connect()
    world.channel.list([{ sku: 'A', quantity: 5 }])
    const deadline = need(world.channel.reportDeadlineMs, 'reportDeadlineMs')
    let lost = 0
    for (const way of waysOf(near).keys()) {
      need(world.channel.stickReport, 'stickReport')()
      const sent = updatesOf(world, { A: 7 })
      const sentAt = world.channel.clock.now()
      const [told] = await near.connector.updateQuantities(sent, way, signal)
      if (told?.status !== 'reported-later') continue
      const ask = () => near.connector.readQuantityReport!(told.report, sent, sentAt, signal)
      world.channel.clock.advance(60_000)
      expect(await ask()).toMatchObject({ state: 'running' })
      world.channel.clock.advance(deadline)
      expect(await ask()).toMatchObject({ state: 'done', outcomes: [{ status: 'failed', error: { kind: 'retryable' } }] })
      const never = await near.connector.readQuantityReport!('nobody-knows-it', sent, sentAt, signal)
      expect(never).toMatchObject({ state: 'done', outcomes: [{ status: 'failed', error: { kind: 'retryable' } }] })
      lost += 1
    }
    expect(lost).toBeGreaterThan(0)
  })

  say('listings: order', async (world) => {
    const near = world.connect()
    const describeListings = need(near.connector.describeListings, 'describeListings')
    world.channel.list([
      { sku: 'B', quantity: 9 },
      { sku: 'A', quantity: 9 },
    ])
    for (const way of waysOf(near).keys()) await tell(world, near, updatesOf(world, { A: 1, B: 2 }), way)
    world.channel.clock.advance(30 * 60_000)

    const listings = await describeListings(['A', 'NOBODYS', 'B', 'A'], signal)

    expect(listings.map(({ sku, listed }) => [sku, listed])).toEqual([
      ['A', true],
      ['NOBODYS', false],
      ['B', true],
      ['A', true],
    ])
    expect(listings.flatMap((one) => (one.listed ? [[one.fulfilment, one.quantity]] : []))).toEqual([
      ['seller', 1],
      ['seller', 2],
      ['seller', 1],
    ])
  })
}
