import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedByDryRun } from '../../src/core/errors.ts'
import { type FileWorld, HEADER, LONG_AGO, openFileWorld, pagesOf, parcel, row, signal, table } from './file-world.ts'

let world: FileWorld
beforeEach(() => {
  world = openFileWorld()
})
afterEach(() => world.close())

/** Orders and what was set aside, of a whole pull. */
async function pull(settings = {}) {
  const pages = await pagesOf(world.connect(settings).connector)
  return { orders: pages.flatMap(({ orders }) => orders), poison: pages.flatMap(({ poison }) => poison) }
}

describe('a file with orders', () => {
  it('gives one order per group of rows, with everything that stands there', async () => {
    const columns = `${HEADER},ordered_at,tax,discount,shipping,currency,phone,gift_message,name`
    world.drop(
      'orders.csv',
      `\uFEFF${columns}\r\n${row('9007199254740993001', { sku: '000123' })},2026-11-21T10:00:00+01:00,1.19,0.50,4.99,EUR,0221 1,"Alles ""Gute""",Tasse\r\n` +
        `${row('9007199254740993001', { line: '2', quantity: '1' })},,0.6,,,,,,\r\n`,
    )

    const { orders, poison } = await pull()

    expect(poison).toEqual([])
    expect(orders).toMatchObject([
      {
        externalOrderId: '9007199254740993001',
        status: 'open',
        createdAt: Date.parse('2026-11-21T09:00:00Z'),
        currency: 'EUR',
        shipTo: { name: 'Jürgen Groß', address1: 'Gasse 1, Hof', city: 'Köln', country: 'DE', phone: '0221 1' },
        gift: { isGift: true, message: 'Alles "Gute"' },
        lines: [
          { externalLineId: '1', sku: '000123', name: 'Tasse', qty: 2, qtyToShip: 2, price: 1250, tax: 119, discount: 50 },
          { externalLineId: '2', sku: 'MUG', qty: 1, price: 1250, tax: 60 },
        ],
        totals: { items: 3750, shipping: 499, tax: 179, discount: 50, total: 3750 + 499 + 179 - 50 },
      },
    ])
  })

  it('may have other names for columns, semicolons, decimal commas and the encoding of old spreadsheets', async () => {
    const text =
      'sep=;\r\nOrder No;sku;quantity;ship_name;ship_address1;ship_city;Ship Country;price\r\nA1;MUG;1;Jürgen;Straße 1;Köln;de;12,5\r\n'
    world.drop('orders.csv', Buffer.from(text, 'latin1'))

    const { orders } = await pull({
      ...{ delimiter: ';', decimal: ',', encoding: 'windows-1252', currency: 'EUR' },
      columns: { order_id: 'Order No' },
    })

    expect(orders).toMatchObject([
      { externalOrderId: 'A1', shipTo: { name: 'Jürgen', address1: 'Straße 1', country: 'DE' }, lines: [{ price: 1250 }] },
    ])
  })

  it('moves to the archive when its last page was stored, and not before', async () => {
    world.drop('orders.csv', table(...Array.from({ length: 101 }, (_, i) => row(`A${i}`))))
    const search = world.connect().connector.listOrders(LONG_AGO, signal)[Symbol.asyncIterator]()
    await search.next()
    await search.next()
    expect(world.names('in')).toEqual(['orders.csv'])

    await search.next()

    expect(world.names('in')).toEqual([])
    expect(world.names('archive').some((name) => /^2026-11\/20261122T\d{9}Z-[0-9a-f]{8}-orders\.csv$/.test(name))).toBe(true)
  })

  it('is read again when the run that read it died', async () => {
    world.drop('orders.csv', table(row('A1')))
    const search = world.connect().connector.listOrders(LONG_AGO, signal)[Symbol.asyncIterator]()
    await search.next()
    await search.return?.()

    expect((await pull()).orders.map(({ externalOrderId }) => externalOrderId)).toEqual(['A1'])
  })

  it('has the last word when it is the newest, whatever it is called', async () => {
    world.drop('z.csv', table(row('A1', { city: 'Bonn' })))
    world.drop('a.csv', table(row('A1', { status: 'cancelled' })))

    const { orders } = await pull()
    const { orders: now } = await world.connect().connector.getOrders(['A1', 'A2'], signal)

    expect(orders.map(({ status }) => status)).toEqual(['open', 'cancelled'])
    expect(now.map(({ status }) => status)).toEqual(['cancelled'])
  })

  it('is left alone while it grows, and read whole by the next pull', async () => {
    world.drop('orders.csv', table(row('A1')))
    world.whileAsleep(() => appendFileSync(join(world.root, 'in/orders.csv'), `${row('A2')}\n`))

    expect((await pull()).orders).toEqual([])
    expect((await pull()).orders.map(({ externalOrderId }) => externalOrderId)).toEqual(['A1', 'A2'])
  })

  it('is left alone under the name of a draft, of something else, or without a byte', async () => {
    for (const name of ['.orders.csv', 'orders.csv.tmp', 'orders.csv.filepart', 'orders.pdf']) world.drop(name, table(row('A1')))
    world.drop('orders.csv', '')

    expect((await pull()).orders).toEqual([])
    expect(world.names('in')).toHaveLength(5)
  })

  it('that somebody went on writing after it was read is read again from the archive', async () => {
    world.drop('orders.csv', table(row('A1')))
    const pages = await pagesOf(world.connect().connector)
    const [archived = ''] = world.names('archive').filter((name) => name.endsWith('.csv'))
    appendFileSync(join(world.root, 'archive', archived), `${row('A2')}\n`)

    const later = await pagesOf(world.connect().connector, { at: pages.at(-1)?.next.at ?? 0 })

    expect(later.flatMap(({ orders }) => orders).map(({ externalOrderId }) => externalOrderId)).toEqual(['A1', 'A2'])
  })

  it('that somebody took away while it was read is kept all the same, and a very long name is shortened', async () => {
    const name = `${'ü'.repeat(110)}.csv`
    world.drop(name, table(row('A1')))
    world.drop('orders.csv', table(row('A2')))
    const { connector } = world.connect()
    for await (const { orders } of connector.listOrders(LONG_AGO, signal))
      if (orders[0]?.externalOrderId === 'A2') world.remove('in/orders.csv')

    expect(world.names('in')).toEqual([])
    expect((await connector.getOrders(['A1', 'A2'], signal)).orders).toHaveLength(2)
  })

  it('stays where it is in a dry run', async () => {
    world.drop('orders.csv', table(row('A1')))
    const { connector, planned } = world.connect({}, { dryRun: true })

    expect((await pagesOf(connector)).flatMap(({ orders }) => orders)).toHaveLength(1)
    expect(world.names('in')).toEqual(['orders.csv'])
    expect(planned).toEqual([])
  })
})

describe('a row that cannot be read', () => {
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['an id that a spreadsheet has shortened', row('9.0072E+18'), /order_id: a spreadsheet has shortened/],
    ['an id that ends in zeros as in a spreadsheet', row('9007199254740990000'), /order_id: a spreadsheet may have replaced/],
    ['no number of units', row('B1', { quantity: '2.5' }), /quantity: not a whole number/],
    ['an unknown status', row('B1', { status: 'maybe' }), /status: not one of/],
    ['no city', row('B1', { city: '' }), /ship_city: empty/],
    ['a cell too many', `${row('B1')},more`, /row 3 has 12 cells, the header 11/],
    [
      'another city in each row',
      `${row('B1')}\n${row('B1', { line: '2', city: 'Bonn' })}`,
      /ship_city: the rows of the order disagree/,
    ],
    ['the same line twice', `${row('B1')}\n${row('B1')}`, /line_id: the order has the same line twice/],
    ['a thousands separator', row('B1').replace('12.50', '"1,250.00"'), /price: not an amount with a decimal point/],
    ['no order', row(''), /order_id: empty/],
  ]

  it.each(bad)('sets its order aside and none of the others: %s', async (_what, rows, reason) => {
    world.drop('orders.csv', table(row('A1'), rows, row('A2')))

    const { orders, poison } = await pull()

    expect(orders.map(({ externalOrderId }) => externalOrderId)).toEqual(['A1', 'A2'])
    expect(poison).toMatchObject([{ channel: 'shop', reason: expect.stringMatching(reason) }])
    expect(poison[0]?.reason).not.toMatch(/Jürgen|Gasse|1,250/)
    expect(JSON.stringify(poison[0]?.raw)).toContain('Jürgen')
  })

  it('is fine where ids really look like that', async () => {
    world.drop('orders.csv', table(row('9007199254740990000')))
    expect((await pull({ spreadsheetGuard: false })).orders).toHaveLength(1)
  })
})

describe('a file of which nobody knows what it lacks', () => {
  it.each([
    ['ends in the middle of a row', `${table(row('A1'))}A1,open,Jür`, /ends in the middle of a row/],
    [
      'ends in the middle of a quote',
      `${table(row('A1'))}A1,open,"Jür\n`,
      /cannot be read to its end as CSV \(CSV_QUOTE_NOT_CLOSED\)/,
    ],
    ['has other columns', 'a;b\n1;2\n', /columns are missing: order_id, sku, quantity/],
    ['is not text', Buffer.from([0x6f, 0xfc, 0x0a]), /not utf-8/],
  ])('is set aside as a whole when it %s', async (_what, content, reason) => {
    world.drop('orders.csv', content)

    const { orders, poison } = await pull()

    expect(orders).toEqual([])
    expect(poison).toMatchObject([{ externalOrderId: expect.stringMatching(/^file-/), reason: expect.stringMatching(reason) }])
    expect(world.names('in')).toEqual([])
  })
})

describe('packages', () => {
  beforeEach(async () => {
    world.drop('orders.csv', table(row('A1'), row('A2', { sku: '"CUP, ""big"""' })))
    await pull()
  })

  it('are told in one file that a partner can read', async () => {
    const { connector } = world.connect({ carriers: { ups_walleted: 'UPS-STD' } })

    const outcomes = await connector.confirmShipments([parcel('A2'), parcel('A1')], signal)

    expect(outcomes).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    const [name = '', ...more] = world.names('out')
    expect(more).toEqual([])
    expect(name).toMatch(/^tracking-[0-9a-f]{16}\.csv$/)
    expect(world.text(`out/${name}`)).toBe(
      'order_id,line_id,sku,quantity,carrier,service,tracking_number,shipped_at\r\n' +
        'A1,1,MUG,2,UPS-STD,ups_ground,1Z-A1,2026-11-22T09:00:00.000Z\r\n' +
        'A2,1,"CUP, ""big""",2,UPS-STD,ups_ground,1Z-A2,2026-11-22T09:00:00.000Z\r\n',
    )
  })

  it('are told once, also when the partner has taken the file away', async () => {
    await world.connect().connector.confirmShipments([parcel('A1')], signal)
    world.remove(`out/${world.names('out')[0]}`)

    const outcomes = await world.connect().connector.confirmShipments([parcel('A1'), parcel('A2')], signal)

    expect(outcomes).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    expect(world.names('out')).toHaveLength(1)
    expect(world.text(`out/${world.names('out')[0]}`)).not.toContain('1Z-A1')
  })

  it('whose draft never got its name count as untold, and the repeat is the same file', async () => {
    await world.connect().connector.confirmShipments([parcel('A1')], signal)
    const [name = ''] = world.names('out')
    // As a run leaves it that died right before its last step.
    world.write(`out/.${name}.tmp`, world.text(`out/${name}`))
    world.remove(`out/${name}`)
    const { connector } = world.connect()

    expect(await connector.lookUpConfirmations([parcel('A1'), parcel('A2')], signal)).toEqual(['absent', 'absent'])
    expect((await connector.getOrders(['A1'], signal)).orders).toMatchObject([{ status: 'open' }])
    await connector.confirmShipments([parcel('A1')], signal)

    expect(world.names('out')).toEqual([name])
    expect(await connector.lookUpConfirmations([parcel('A1')], signal)).toEqual(['confirmed'])
  })

  it('make an order shipped that comes again as open', async () => {
    const lines = [{ externalLineId: '1', quantity: 1 }]
    await world.connect().connector.confirmShipments([parcel('A1', { lines, wholeOrder: false })], signal)
    world.drop('again.csv', table(row('A1'), row('A2')))

    const { orders } = await pull()

    expect(orders.slice(-2)).toMatchObject([
      { externalOrderId: 'A1', status: 'partially_shipped', lines: [{ qty: 2, qtyShipped: 1, qtyToShip: 1 }] },
      { externalOrderId: 'A2', status: 'open' },
    ])
  })

  it('fail alone when nobody could do anything with them', async () => {
    const batch = [
      parcel('A1', { trackingNumber: ' ' }),
      parcel('A1', { lines: [{ externalLineId: '9', quantity: 1 }] }),
      parcel('A1', { lines: [] }),
      parcel('A2'),
    ]
    const outcomes = await world.connect().connector.confirmShipments(batch, signal)

    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'accepted'])
  })
})

describe('a folder that is not mounted', () => {
  it('may be there the next time: nothing is refused for good, and no package counts as untold', async () => {
    world.drop('orders.csv', table(row('A1')))
    const { connector } = world.connect()
    await pagesOf(connector)
    for (const folder of ['in', 'out', 'archive']) world.remove(folder)

    const mayWork = { kind: 'retryable', message: expect.stringContaining('there is no') }
    await expect(pagesOf(connector)).rejects.toMatchObject(mayWork)
    await expect(connector.getOrders(['A1'], signal)).rejects.toMatchObject(mayWork)
    await expect(connector.confirmShipments([parcel('A1')], signal)).rejects.toMatchObject(mayWork)
    await expect(connector.lookUpConfirmations([parcel('A1')], signal)).rejects.toMatchObject(mayWork)
    const telling = connector.updateQuantities([{ channel: 'shop', sku: 'A', quantity: 1 }], 'changed', signal)
    await expect(telling).rejects.toMatchObject(mayWork)
  })
})

describe('stock', () => {
  it('goes out as files whose names are in the order of time', async () => {
    const { connector } = world.connect()
    for (const quantity of [9, 4]) {
      await connector.updateQuantities([{ channel: 'shop', sku: '000,1', quantity }], 'changed', signal)
      world.clock.advance(1000)
    }
    const names = world.names('out')
    expect(names).toHaveLength(2)
    expect(names.map((name) => world.text(`out/${name}`))).toEqual([
      'sku,quantity\r\n"000,1",9\r\n',
      'sku,quantity\r\n"000,1",4\r\n',
    ])
  })

  it('is whole in stock.csv, also after the partner took it away and after a crash', async () => {
    const settings = { stock: 'full' } as const
    const tell = (sku: string, quantity: number) =>
      world.connect(settings).connector.updateQuantities([{ channel: 'shop', sku, quantity }], 'full', signal)
    expect(world.connect(settings).connector.quantityPlan(7).way).toBe('full')
    await tell('B', 2)
    await tell('A', 1)
    world.remove('out/stock.csv')
    // As a run leaves it that died between taking the old one away and putting the new one there.
    world.write('archive/.stock.csv.tmp', world.text('archive/stock.csv'))
    world.remove('archive/stock.csv')
    await tell('B', 0)

    expect(world.names('out')).toEqual(['stock.csv'])
    expect(world.text('out/stock.csv')).toBe('sku,quantity\r\nA,1\r\nB,0\r\n')
  })

  it('with a number that is none fails alone', async () => {
    const items = [
      { channel: 'shop', sku: 'A', quantity: -1 },
      { channel: 'shop', sku: 'A\nB', quantity: 1 },
      { channel: 'shop', sku: 'C', quantity: 1 },
    ]
    const outcomes = await world.connect().connector.updateQuantities(items, 'changed', signal)
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed', 'accepted'])
  })

  it('is only told of in a dry run', async () => {
    const { connector, planned } = world.connect({ stock: 'full' }, { dryRun: true })
    const telling = connector.updateQuantities([{ channel: 'shop', sku: 'A', quantity: 3, previous: 1 }], 'full', signal)
    await expect(telling).rejects.toBeInstanceOf(RefusedByDryRun)
    expect(planned).toMatchObject([{ target: 'A', detail: '1 -> 3, in stock.csv' }])
    expect([world.names('out'), world.names('archive')]).toEqual([[], []])
  })
})

describe('health', () => {
  it('names the folder that is not there, and the file that waits too long', async () => {
    world.drop('orders.csv', table(row('A1')))
    world.remove('out')
    world.clock.advance(2 * 86_400_000)

    const { ok, checks } = await world.connect().connector.health(signal)

    expect(ok).toBe(false)
    expect(checks.map(({ check, ok: fine }) => [check, fine])).toEqual([
      ['authenticated', true],
      ['in', true],
      ['out', false],
      ['archive', true],
      ['waiting', false],
    ])
    expect(checks.filter(({ fix }) => fix !== undefined)).toHaveLength(2)
  })

  it('says that the place itself is not there', async () => {
    const { connector } = world.connect({ place: { kind: 'local', path: join(world.root, 'nowhere') } })
    expect(await connector.health(signal)).toMatchObject({ ok: false, checks: [{ check: 'authenticated', ok: false }] })
  })
})
