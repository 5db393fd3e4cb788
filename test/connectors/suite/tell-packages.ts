import { expect } from 'vitest'
import { RetryableError } from '../../../src/core/errors.ts'
import type { ItemOutcome } from '../../../src/core/ports/marketplace.ts'
import type { Connected, Spoil } from './bench.ts'
import {
  aLine,
  anOrder,
  aPackage,
  confirm,
  failureOf,
  manyOrders,
  need,
  placeOne,
  read,
  type Say,
  signal,
  statuses,
  type World,
} from './world.ts'

/** The port's sentences on packages and acknowledgements. */
export function tellPackages(say: Say): void {
  say('confirm: outcomes', async (world) => {
    const near = world.connect()
    const [first, second] = [await placeOne(world, near), await placeOne(world, near)]
    const [a, b] = [aPackage(world, first), aPackage(world, second)]
    const nobodys = aPackage(world, { ...first, externalOrderId: world.channel.unknownId })

    const outcomes = await confirm(near, [a, nobodys, b])

    expect(statuses(outcomes)).toEqual(['accepted', 'failed', 'accepted'])
    expect(outcomes[1]).toMatchObject({ error: { kind: 'permanent' } })
    for (const { externalOrderId, trackingNumber } of [a, b])
      expect(world.channel.packagesOf(externalOrderId)).toMatchObject([{ tracking: trackingNumber }])
    world.channel.clock.advance(near.connector.settleMs)
    expect((await read(near, a.externalOrderId)).status).toBe('shipped')
  })

  say('confirm: many', async (world) => {
    const near = world.connect()
    const { orders } = await near.connector.getOrders(manyOrders(world, Math.min(near.connector.batchSize.confirm, 45)), signal)
    const parcels = orders.map((order) => aPackage(world, order))

    const outcomes = await near.connector.confirmShipments(parcels, signal)

    expect(statuses(outcomes)).toEqual(parcels.map(() => 'accepted'))
    expect(
      parcels.map(({ externalOrderId }) => world.channel.packagesOf(externalOrderId).map(({ tracking }) => tracking)),
    ).toEqual(parcels.map(({ trackingNumber }) => [trackingNumber]))
    world.channel.clock.advance(near.connector.settleMs)
    const answers = await world.connect().connector.lookUpConfirmations(parcels, signal)
    expect(answers).toHaveLength(parcels.length)
    expect(answers).not.toContain('absent')
  })

  say('confirm: repeat', async (world) => {
    const near = world.connect()
    const parcel = aPackage(world, await placeOne(world, near))

    for (const one of [near, near, world.connect()]) {
      expect(statuses(await confirm(one, [parcel]))).toEqual(['accepted'])
      world.channel.clock.advance(near.connector.settleMs)
    }

    expect(world.channel.packagesOf(parcel.externalOrderId)).toHaveLength(1)
  })

  say('confirm: part', async (world) => {
    const near = world.connect()
    const order = await placeOne(world, near, { lines: [aLine({ quantity: 3 })] })
    const [line] = order.lines
    const lines = [{ externalLineId: line?.externalLineId ?? '', quantity: 2 }]

    expect(statuses(await confirm(near, [aPackage(world, order, { lines, wholeOrder: false })]))).toEqual(['accepted'])

    expect(world.channel.packagesOf(order.externalOrderId)).toMatchObject([{ units: { [line?.externalLineId ?? '']: 2 } }])
    world.channel.clock.advance(near.connector.settleMs)
    const now = await read(near, order.externalOrderId)
    expect(now).toMatchObject({ status: 'partially_shipped', lines: [{ qtyToShip: 1 }] })
  })

  say('confirm: two packages', async (world) => {
    const near = world.connect()
    const order = await placeOne(world, near, { lines: [aLine(), aLine({ sku: 'SKU-2' })] })
    world.channel.clock.advance(10 * 60_000)
    const whole = await read(near, order.externalOrderId)
    const parcels = whole.lines.map(({ externalLineId }) =>
      aPackage(world, whole, { lines: [{ externalLineId, quantity: 1 }], wholeOrder: false }),
    )
    expect(parcels).toHaveLength(2)

    expect(statuses(await confirm(near, parcels))).toEqual(['accepted', 'accepted'])

    const booked = world.channel.packagesOf(order.externalOrderId)
    expect(booked.map(({ tracking }) => tracking).sort()).toEqual(parcels.map(({ trackingNumber }) => trackingNumber).sort())
    expect(booked.map(({ units }) => Object.values(units ?? {}))).toEqual([[1], [1]])
    world.channel.clock.advance(near.connector.settleMs)
    expect((await read(near, order.externalOrderId)).status).toBe('shipped')
  })

  say('confirm: answer lost', async (world) => {
    for (const fault of [{ kind: 'cut-after' }, { kind: 'timeout-after' }, { kind: 'status-after', status: 502 }] as const) {
      const { parcel, outcome } = await tellInto(world, fault)
      expect(outcome, fault.kind).toMatchObject({ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } })
      expect(await knownLater(world, parcel), fault.kind).toEqual(['confirmed'])
      expect(world.channel.packagesOf(parcel.externalOrderId), fault.kind).toHaveLength(1)
    }
  })

  say('confirm: request lost', async (world) => {
    for (const fault of [{ kind: 'cut' }, { kind: 'timeout' }, { kind: 'status', status: 502 }] as const) {
      const { parcel, outcome } = await tellInto(world, fault)
      expect(outcome, fault.kind).toMatchObject({ status: 'failed', error: { kind: 'retryable' } })
      expect(await knownLater(world, parcel), fault.kind).not.toEqual(['confirmed'])
      expect(statuses(await confirm(world.connect(), [parcel])), fault.kind).toEqual(['accepted'])
      expect(world.channel.packagesOf(parcel.externalOrderId), fault.kind).toHaveLength(1)
    }
  })

  say('confirm: once', async (world) => {
    const fates = [
      { kind: 'cut-after' },
      { kind: 'status-after', status: 500 },
      { kind: 'truncate' },
      { kind: 'html-after' },
    ] as const
    for (const fault of fates) {
      const { parcel } = await tellInto(world, fault)
      const [known] = await knownLater(world, parcel)
      if (known !== 'confirmed') expect(statuses(await confirm(world.connect(), [parcel])), fault.kind).toEqual(['accepted'])
      expect(world.channel.packagesOf(parcel.externalOrderId), fault.kind).toMatchObject([{ tracking: parcel.trackingNumber }])
    }
  })

  say('look up: order', async (world) => {
    const near = world.connect()
    const [told, untold, otherwise] = [await placeOne(world, near), await placeOne(world, near), await placeOne(world, near)]
    const [there, other] = [aPackage(world, told), aPackage(world, otherwise)]
    await confirm(near, [there, other])
    world.channel.clock.advance(near.connector.settleMs)

    const asked = [
      aPackage(world, untold),
      there,
      aPackage(world, otherwise),
      aPackage(world, { ...told, externalOrderId: world.channel.unknownId }),
    ]
    const answers = await world.connect().connector.lookUpConfirmations(asked, signal)

    expect(answers).toHaveLength(4)
    expect(answers.slice(0, 2)).toEqual(['absent', 'confirmed'])
    expect(answers.slice(2)).not.toContain('confirmed')
  })

  say('acknowledge: outcomes', async (world) => {
    const { connector } = world.connect()
    const acknowledge = need(connector.acknowledgeOrders, 'acknowledgeOrders')
    const ids = world.channel.place([1, 2].map(() => anOrder(world, { state: 'awaiting_acceptance' })))
    const { orders } = await connector.getOrders(ids, signal)
    const [first, second] = orders.map(wholly)
    const nobodys = { ...first!, externalOrderId: world.channel.unknownId }

    const outcomes = await acknowledge([first!, nobodys, second!], signal)

    expect(statuses(outcomes)).toEqual(['accepted', 'failed', 'accepted'])
    expect(ids.map((id) => world.channel.acknowledgedTimes?.(id))).toEqual([1, 1])
  })

  say('acknowledge: repeat', async (world) => {
    const near = world.connect()
    const [id = ''] = world.channel.place([anOrder(world, { state: 'awaiting_acceptance' })])
    const order = wholly(await read(near, id))

    for (const { connector } of [near, near, world.connect()])
      expect(statuses(await need(connector.acknowledgeOrders, 'acknowledgeOrders')([order], signal))).toEqual(['accepted'])

    expect(world.channel.acknowledgedTimes?.(id)).toBe(1)
    expect(['open', 'pending']).toContain((await read(near, id)).status)
  })
}

function wholly({ externalOrderId, lines }: { externalOrderId: string; lines: readonly { externalLineId: string }[] }) {
  return { externalOrderId, externalLineIds: lines.map(({ externalLineId }) => externalLineId), reference: 'isync-1' }
}

/** Tells one package while the vendor has this fault, once, and what came of it; a thrown error counts as the item's. */
async function tellInto(world: World, fault: Spoil) {
  const near = world.connect(fault.kind.startsWith('timeout') ? { timeoutMs: 300 } : {})
  const parcel = aPackage(world, await placeOne(world, near))
  need(world.channel.spoil, 'spoil')({ ...fault, on: 'write', times: 1 })
  let outcome: ItemOutcome | undefined
  const thrown = await failureOf(
    confirm(near, [parcel]).then(([one]) => {
      outcome = one
    }),
  )
  if (thrown instanceof RetryableError) outcome = { status: 'failed', error: thrown }
  else if (thrown !== undefined) throw thrown
  world.channel.heal?.()
  return { parcel, outcome }
}

/** Another process asks, once an unknown outcome can be trusted. */
async function knownLater(world: World, parcel: ReturnType<typeof aPackage>) {
  const later: Connected = world.connect()
  world.channel.clock.advance(later.connector.settleMs)
  return later.connector.lookUpConfirmations([parcel], signal)
}
