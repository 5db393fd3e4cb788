import { describe, expect, it } from 'vitest'
import { normalizeAll, normalizeOrder } from '../../src/connectors/amazon/orders.ts'
import { mayShip, type NormalizedOrder } from '../../src/core/model/order.ts'
import { changed, read, reasonOf, type Wire } from './amazon-wire.ts'

describe('units to ship', () => {
  const withLine = (status: string, line: object) =>
    changed((wire) => {
      wire['fulfillment'].fulfillmentStatus = status
      wire['orderItems'] = [{ ...wire['orderItems'][0], ...line }]
    })
  const units = (order: NormalizedOrder) => order.lines.map(({ qty, qtyToShip }) => [qty, qtyToShip])
  const cancelled = { cancellationExecution: { cancelledBy: 'BUYER' } }

  it('are those that Amazon calls unfulfilled', () => {
    expect(units(read(withLine('PARTIALLY_SHIPPED', { fulfillment: { quantityFulfilled: 2, quantityUnfulfilled: 1 } })))).toEqual(
      [[3, 1]],
    )
  })

  it('are all of them while nothing is said of a new order', () => {
    expect(units(read(withLine('UNSHIPPED', { fulfillment: undefined })))).toEqual([[3, 3]])
  })

  it('are never guessed once something has shipped', () => {
    expect(reasonOf(withLine('PARTIALLY_SHIPPED', { fulfillment: { quantityFulfilled: 1 } }))).toContain(
      'quantityUnfulfilled: absent',
    )
  })

  it('are none of a cancelled line', () => {
    const line = { cancellation: cancelled, fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 3 } }
    expect(units(read(withLine('UNSHIPPED', line)))).toEqual([[0, 0]])
  })

  it('are those kept of a line that is cancelled in part', () => {
    const line = { cancellation: cancelled, fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 2 } }
    expect(units(read(withLine('UNSHIPPED', line)))).toEqual([[2, 2]])
  })

  it('are none of a cancelled or shipped order', () => {
    expect(units(read(withLine('CANCELLED', {})))).toEqual([[3, 0]])
    expect(units(read(withLine('SHIPPED', {})))).toEqual([[3, 0]])
  })
})

describe("a buyer's wish to cancel", () => {
  const wish = { cancellationRequest: { requester: 'BUYER', cancelReason: 'Changed my mind' } }

  it('holds its line and lets the others ship', () => {
    const order = read(changed((wire) => Object.assign(wire['orderItems'][0], { cancellation: wish })))

    expect(order).toMatchObject({ status: 'open', flags: ['cancel_requested'] })
    expect(order.lines.map((line) => line.qtyToShip)).toEqual([0, 1])
  })

  it('holds the whole order when nothing else is left', () => {
    const order = read(
      changed((wire) => {
        for (const item of wire['orderItems']) item.cancellation = wish
      }),
    )

    expect(order).toMatchObject({ status: 'on_hold', flags: ['cancel_requested'] })
    expect(mayShip(order)).toBe(false)
  })

  it('is understood without the middle object, too', () => {
    const order = read(changed((wire) => Object.assign(wire['orderItems'][0], { cancellation: { requester: 'BUYER' } })))

    expect(order.flags).toEqual(['cancel_requested'])
  })

  it('is over once it is executed', () => {
    const done = { ...wish, cancellationExecution: { cancelledBy: 'BUYER' } }
    const order = read(changed((wire) => Object.assign(wire['orderItems'][0], { cancellation: done, fulfillment: {} })))

    expect(order).toMatchObject({ status: 'open', flags: [] })
    expect(order.lines[0]).toMatchObject({ qty: 0, qtyToShip: 0 })
  })
})

describe('an order that must not pass', () => {
  it('is skipped when Amazon ships it', () => {
    const wire = changed((order) => Object.assign(order['fulfillment'], { fulfilledBy: 'AMAZON' }))

    expect(normalizeAll('amazon-us', [{ raw: wire, wire }])).toEqual({ orders: [], poison: [], skipped: 1 })
  })

  it.each([
    ['without a fulfiller', (wire: Wire) => Object.assign(wire.fulfillment, { fulfilledBy: null }), /fulfilledBy: absent/],
    [
      'with an unknown fulfiller',
      (wire: Wire) => Object.assign(wire.fulfillment, { fulfilledBy: 'DRONE' }),
      /fulfilledBy: DRONE/,
    ],
    ['without fulfillment', (wire: Wire) => Object.assign(wire, { fulfillment: null }), /fulfilledBy: absent/],
    ['without lines', (wire: Wire) => Object.assign(wire, { orderItems: [] }), /^orderItems: empty/],
    ['without a list of lines', (wire: Wire) => Object.assign(wire, { orderItems: 'none' }), /^orderItems: invalid_type/],
    [
      'with half a unit',
      (wire: Wire) => Object.assign(wire.orderItems[0]!, { quantityOrdered: 0.5 }),
      /^orderItems.0.quantityOrdered/,
    ],
    [
      'without a SKU',
      (wire: Wire) => Object.assign(wire.orderItems[1]!.product, { sellerSku: ' ' }),
      /^orderItems.1.product.sellerSku/,
    ],
    [
      'without a creation time',
      (wire: Wire) => Object.assign(wire, { createdTime: 'yesterday' }),
      /^createdTime: not an instant/,
    ],
    [
      'without a country',
      (wire: Wire) => Object.assign(wire.recipient.deliveryAddress, { countryCode: null }),
      /countryCode: absent/,
    ],
  ])('%s is poison with a reason', (_, change, reason) => {
    expect(reasonOf(changed((wire) => void change(wire as Wire)))).toMatch(reason)
  })

  it.each([
    ['address line', (wire: Wire) => Object.assign(wire.recipient.deliveryAddress, { addressLine1: '' })],
    ['address', (wire: Wire) => Object.assign(wire.recipient, { deliveryAddress: null })],
    ['recipient', (wire: Wire) => Object.assign(wire, { recipient: undefined })],
  ])('without %s is poison that names the missing role and the way out', (_, change) => {
    const reason = reasonOf(changed((wire) => void change(wire as Wire)))

    expect(reason).toContain('"Direct-to-Consumer Shipping"')
    expect(reason).toContain('authorise the app again')
    expect(reason).not.toMatch(/Springfield|Recipient Ltd/)
  })

  it('needs no address where Amazon arranges the way', () => {
    const order = read(changed((wire) => Object.assign(wire, { recipient: null, programs: ['IN_STORE_PICK_UP'] })))

    expect(order).toMatchObject({ shipTo: null, flags: ['no_label'] })
  })

  it.each([undefined, null, 'text', [], { orderId: 7 }, { orderId: '' }])('is named by a digest when it is %j', (wire) => {
    const reading = normalizeOrder('amazon-us', { raw: wire, wire })

    expect(reading).toMatchObject({
      kind: 'poison',
      poison: { externalOrderId: expect.stringMatching(/^unreadable-[0-9a-f]{16}$/) },
    })
    expect(normalizeOrder('amazon-us', { raw: wire, wire })).toEqual(reading)
  })
})
