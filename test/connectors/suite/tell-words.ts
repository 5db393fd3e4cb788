import { expect } from 'vitest'
import type { PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import {
  aLine,
  anOrder,
  aPackage,
  byId,
  confirm,
  need,
  person,
  placeOne,
  pull,
  type Say,
  since,
  statuses,
  tell,
  updatesOf,
  waysOf,
} from './world.ts'

/** Beyond what a binary number holds. */
const LONG_ID = '9007199254740993001'

const oddSkus = {
  'sku: slash': 'LAMP/RED/1',
  'sku: comma': 'LAMP,RED;1',
  'sku: quote': `LAMP 5'11 O''K "X"`,
  'sku: percent': 'LAMP 50%2F %41',
  'sku: hash': 'LAMP#1?a=b&c',
  'sku: zeros': '000123',
} as const satisfies Partial<Record<Sentence, string>>

/** The port's sentences on money, text and ids: what comes in goes out again unchanged. */
export function tellWords(say: Say): void {
  const amounts: readonly [Sentence, Partial<PlacedOrder>, object, object][] = [
    [
      'money: yen',
      { currency: 'JPY', lines: [aLine({ quantity: 2, price: '1250', tax: '250' })] },
      { price: 1250, tax: 250 },
      { items: 2500, tax: 250, total: 2750 },
    ],
    [
      'money: dinar',
      { currency: 'KWD', lines: [aLine({ quantity: 2, price: '12.345', tax: '1.235' })] },
      { price: 12_345, tax: 1_235 },
      { items: 24_690, tax: 1_235, total: 25_925 },
    ],
    [
      'money: tax excluded',
      {
        tax: 'excluded',
        lines: [aLine({ quantity: 3, price: '19.99', tax: '4.35' }), aLine({ sku: 'B', price: '0.07', tax: '0.01' })],
      },
      { price: 1999, tax: 435 },
      { items: 6004, tax: 436, total: 6440 },
    ],
    [
      'money: tax included',
      { tax: 'included', lines: [aLine({ quantity: 2, price: '11.90', tax: '3.80' })] },
      { price: 1190 },
      { items: 2380, total: 2380 },
    ],
  ]
  for (const [sentence, placed, line, totals] of amounts) {
    say(sentence, async (world) => {
      const near = world.connect()
      const [id = ''] = world.channel.place([anOrder(world, placed)])
      // Some vendors put an order of several lines together before one's eyes.
      const order = byId(await pull(near.connector, since(world))).get(id)

      expect(order?.currency).toBe(placed.currency ?? 'USD')
      expect(order?.lines[0]).toMatchObject(line)
      expect(order?.totals).toMatchObject({ ...totals, shipping: 0, discount: 0 })
    })
  }

  say('text: chunks', async (world) => {
    const names = Array.from({ length: 7 }, (_, i) => ({
      ...person,
      first: `${'x'.repeat(i)}Jürgen😀😀👩‍👩‍👧`,
      last: `Canärius-Größe-${'🎁'.repeat(8)}`,
    }))
    const title = `Lämpchen 🏮 – ${'漢'.repeat(20)}`
    need(world.channel.spoil, 'spoil')({ kind: 'slow' })

    const ids = world.channel.place(names.map((one) => anOrder(world, { person: one, lines: [aLine({ title })] })))
    const found = byId(await pull(world.connect().connector, since(world)))

    expect(ids.map((id) => found.get(id)?.shipTo?.name)).toEqual(names.map(({ first, last }) => `${first} ${last}`))
    expect(ids.map((id) => found.get(id)?.lines[0]?.name)).toEqual(ids.map(() => title))
  })

  say('ids: long', async (world) => {
    const near = world.connect()
    const order = await placeOne(world, near, { lines: [aLine({ id: LONG_ID })] })
    const parcel = aPackage(world, order)

    expect(`${order.externalOrderId} ${order.lines[0]?.externalLineId}`).toContain(LONG_ID)
    expect(statuses(await confirm(near, [parcel]))).toEqual(['accepted'])
    const [booked] = world.channel.packagesOf(order.externalOrderId)
    expect(booked?.tracking).toBe(parcel.trackingNumber)
    expect(Object.keys(booked?.units ?? { [order.lines[0]?.externalLineId ?? '']: 1 })).toEqual([order.lines[0]?.externalLineId])
  })

  for (const sentence of Object.keys(oddSkus) as (keyof typeof oddSkus)[]) {
    const sku = oddSkus[sentence]
    say(sentence, async (world) => {
      const near = world.connect()
      const order = await placeOne(world, near, { lines: [aLine({ sku })] })
      expect(order.lines[0]?.sku).toBe(sku)
      expect(statuses(await confirm(near, [aPackage(world, order)]))).toEqual(['accepted'])
      expect(world.channel.packagesOf(order.externalOrderId)).toHaveLength(1)

      // One that is like it stands beside, so that a SKU read wrongly is found out.
      world.channel.list([sku, 'LAMP', '123'].map((one) => ({ sku: one, quantity: 5 })))
      let quantity = 10
      for (const way of waysOf(near).keys()) {
        quantity += 1
        expect(statuses(await tell(world, near, updatesOf(world, { [sku]: quantity }), way)), way).toEqual(['accepted'])
        expect([sku, 'LAMP', '123'].map(world.channel.quantityOf), way).toEqual([quantity, 5, 5])
      }
      const [listing] = (await near.connector.describeListings?.([sku], new AbortController().signal)) ?? [{ sku, listed: true }]
      expect(listing).toMatchObject({ sku, listed: true })
    })
  }
}
