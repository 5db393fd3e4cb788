import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOwnKey, orderKeyOf } from '../../../src/core/orders/order-key.ts'

const channel = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,22}[a-z0-9]$/)

describe("an order's key at ShipStation", () => {
  it('is readable where it fits', () => {
    expect(orderKeyOf('amazon-us', '113-1234567-7654321')).toBe('isync:amazon-us:113-1234567-7654321')
  })

  it('is never longer than 50 characters, is always the same, and is known as ours', () => {
    fc.assert(
      fc.property(channel, fc.string({ minLength: 1, maxLength: 100 }), (code, id) => {
        const key = orderKeyOf(code, id)
        expect(key.length).toBeLessThanOrEqual(50)
        expect(orderKeyOf(code, id)).toBe(key)
        expect(isOwnKey(key)).toBe(true)
      }),
    )
  })

  it('differs between two long numbers that begin alike', () => {
    const long = 'a-commercial-id-of-a-marketplace-that-likes-them-long'
    expect(orderKeyOf('mirakl-macys', `${long}-A`)).not.toBe(orderKeyOf('mirakl-macys', `${long}-B`))
  })
})
