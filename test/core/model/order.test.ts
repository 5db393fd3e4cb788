import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderRow } from '../../../src/core/db/orders.ts'
import { isTaxIncluded, mayShip, type NormalizedOrder, orderStatuses } from '../../../src/core/model/order.ts'
import { changedFields, contentHash, pushHash, withPushedQuantities } from '../../../src/core/orders/content.ts'
import { isOwnKey, orderKeyOf } from '../../../src/core/orders/order-key.ts'
import { fromRows, toColumns, toLineRows } from '../../../src/core/orders/rows.ts'
import { newKey } from '../../../src/core/privacy/keys.ts'
import { createVault } from '../../../src/core/privacy/vault.ts'
import { aLine, anAddress, anOrder } from '../../world/an-order.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const money = fc.integer({ min: 0, max: 1_000_000 })
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })
const optional = { requiredKeys: [] as [] }

const line = fc
  .record({
    sku: text,
    name: text,
    qty: fc.integer({ min: 0, max: 99 }),
    qtyToShip: fc.integer({ min: 0, max: 99 }),
    price: money,
    tax: money,
    discount: money,
  })
  .map((rest) => ({ externalLineId: '', ...rest }))
const address = fc.record(
  {
    name: text,
    address1: text,
    city: text,
    postal: text,
    country: fc.constantFrom('US', 'DE'),
    company: text,
    address2: text,
    state: text,
    phone: text,
    residential: fc.boolean(),
  },
  { requiredKeys: ['name', 'address1', 'city', 'postal', 'country'] },
)
const required = fc.record({
  status: fc.constantFrom(...orderStatuses),
  fulfilledBy: fc.constantFrom('seller' as const, 'marketplace' as const),
  createdAt: instant,
  updatedAt: instant,
  buyer: fc.record({ name: text, email: text, phone: text }, optional),
  shipTo: fc.option(address, { nil: null }),
  lines: fc.array(line, { maxLength: 4 }).map((lines) => lines.map((each, n) => ({ ...each, externalLineId: `L${n}` }))),
  currency: fc.constantFrom('USD', 'JPY', 'KWD'),
  totals: fc.record({ items: money, shipping: money, tax: money, discount: money, total: money }),
  gift: fc.record({ isGift: fc.boolean(), message: text }, { requiredKeys: ['isGift'] }),
  flags: fc.uniqueArray(fc.constantFrom('prime' as const, 'business' as const, 'no_label' as const)),
})
const extras = fc.record(
  {
    sellerOrderId: text,
    marketplaceId: text,
    shipBy: instant,
    deliverBy: instant,
    shippingMethodRequested: text,
    notes: text,
    specialInstructions: text,
  },
  optional,
)
const order: fc.Arbitrary<NormalizedOrder> = fc
  .tuple(required, extras)
  .map(([a, b]) => ({ channel: 'amazon-us', externalOrderId: 'A-1', raw: undefined, ...a, ...b }))

describe('an order', () => {
  it('comes back from the database as it went in, whatever it holds', () => {
    const vault = createVault(newKey('k1'))
    fc.assert(
      fc.property(order, (given) => {
        const row = toColumns(given, 'id', 1, vault, 0) as OrderRow
        const back = fromRows(row, toLineRows(given, 'id'), vault)
        expect(back).toEqual(given)
        expect(pushHash(back)).toBe(pushHash(given))
        expect(changedFields(back, given)).toEqual([])
      }),
    )
  })

  it('has the same content at another time, and another content when anything else differs', () => {
    const base = anOrder('A-1')
    expect(contentHash({ ...base, updatedAt: 1, raw: 'other' })).toBe(contentHash(base))
    fc.assert(
      fc.property(order, order, (a, b) => {
        const other = { ...b, totals: { ...b.totals, total: a.totals.total + 1 } }
        expect(contentHash(a)).not.toBe(contentHash(other))
      }),
    )
  })

  it('names the fields that changed, never their values', () => {
    const base = anOrder('A-1')
    const after = { ...base, status: 'cancelled' as const, shipTo: { ...anAddress, name: 'Grace Hopper' } }
    expect(changedFields(base, after)).toEqual(['status', 'shipTo'])
    const { externalLineId, ...rest } = aLine('L1')
    expect(changedFields(base, { ...base, lines: [{ qtyShipped: 0, ...rest, externalLineId }] })).toEqual([])
  })
})

describe('may an order ship?', () => {
  it('only when it is open, ours, addressed and has something left', () => {
    fc.assert(
      fc.property(order, (given) => {
        const open = given.status === 'open' || given.status === 'partially_shipped'
        const ours = given.fulfilledBy === 'seller' && !given.flags.includes('no_label')
        const left = given.lines.some(({ qtyToShip }) => qtyToShip > 0)
        expect(mayShip(given)).toBe(open && ours && left && given.shipTo !== null)
      }),
    )
  })
})

describe('what ShipStation is told', () => {
  const base = anOrder('A-1', { lines: [aLine('L1', { qty: 3 }), aLine('L2', { qtyToShip: 0 })] })

  it.each([
    ['the address', { shipTo: { ...anAddress, city: 'Salem' } }],
    ['the shipping method', { shippingMethodRequested: 'Express' }],
    ['a note', { notes: 'ring twice' }],
    ['the gift message', { gift: { isGift: true, message: 'Enjoy' } }],
    ['how much of a line', { lines: [aLine('L1', { qty: 2 })] }],
  ])('changes with %s', (_, change) => {
    expect(pushHash({ ...base, ...change })).not.toBe(pushHash(base))
  })

  it('does not change with prices, dates, the buyer, or lines that stay out of ShipStation', () => {
    const change = {
      buyer: { name: 'B' },
      shipBy: 1,
      totals: { ...base.totals, tax: 1 },
      lines: [aLine('L1', { qty: 3, price: 1 })],
    }
    expect(pushHash({ ...base, ...change })).toBe(pushHash(base))
  })

  it('does not change while the channel counts packages, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.integer({ min: 1, max: 9 }), (packages, qty) => {
        const pushed = new Map([['L1', { units: qty, shippedBefore: 0 }]])
        const before = pushHash(anOrder('A-1', { lines: [aLine('L1', { qty })] }))
        let shipped = 0
        for (const units of packages) {
          shipped = Math.min(qty, shipped + units)
          const now = anOrder('A-1', { lines: [aLine('L1', { qty, qtyToShip: qty - shipped, qtyShipped: shipped })] })
          expect(pushHash(withPushedQuantities(now, pushed))).toBe(before)
        }
      }),
    )
  })
})

describe('the key of an order at ShipStation', () => {
  const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 100 })
  const channel = fc.stringMatching(/^[a-z][a-z0-9-]{0,22}[a-z0-9]$/)

  it('is the same each time, ours, and never longer than the vendor takes', () => {
    fc.assert(
      fc.property(channel, id, (code, external) => {
        const key = orderKeyOf(code, external)
        expect(key).toBe(orderKeyOf(code, external))
        expect(isOwnKey(key)).toBe(true)
        expect(key.length).toBeLessThanOrEqual(50)
      }),
    )
    expect(orderKeyOf('amazon-us', '111-2223334-4445556')).toBe('isync:amazon-us:111-2223334-4445556')
  })

  it('is never shared by two orders', () => {
    fc.assert(
      fc.property(fc.tuple(channel, id), fc.tuple(channel, id), (a, b) => {
        fc.pre(a[0] !== b[0] || a[1] !== b[1])
        expect(orderKeyOf(...a)).not.toBe(orderKeyOf(...b))
      }),
    )
  })
})

describe('is the tax in the prices?', () => {
  const totals = { items: 1000, shipping: 200, tax: 100, discount: 50 }

  it.each([
    ['on top', { ...totals, total: 1250 }, false],
    ['inside', { ...totals, total: 1150 }, true],
    ['inside, and the prices are net of the discount', { ...totals, total: 1200 }, true],
    ['on top, and the prices are net of the discount', { ...totals, total: 1300 }, false],
    ['not to be told from amounts that do not add up', { ...totals, total: 1 }, null],
    ['not to be told where tax and discount are the same amount', { ...totals, tax: 50, total: 1200 }, null],
    ['not there', { ...totals, tax: 0, total: 1150 }, null],
  ])('it is %s', (_, given, expected) => {
    expect(isTaxIncluded(given)).toBe(expected)
  })
})
