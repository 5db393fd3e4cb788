import { describe, expect, it } from 'vitest'
import { roomFor } from '../../../src/core/inbox/room.ts'

const waits = (provider: string, count: number) => ({ provider, count })

describe('room for deliveries', () => {
  it('is there for anybody while little waits, whoever it is of', () => {
    const room = roomFor(1_000, 5)
    expect(room.isFullFor('zoho')).toBe(false)
    room.look([waits('shipstation', 999)])
    expect(room.isFullFor('shipstation')).toBe(false)
  })

  it('that one sender has used up is still there for the others, up to their share', () => {
    const room = roomFor(1_000, 5)
    room.look([waits('shipstation', 700), waits('shipstation', 300), waits('zoho', 10), waits('orders', 199)])
    expect(room.isFullFor('shipstation')).toBe(true)
    expect(room.isFullFor('zoho')).toBe(false)
    expect(room.isFullFor('orders')).toBe(false)
    expect(room.isFullFor('ebay')).toBe(false)
    room.look([waits('shipstation', 1_000), waits('orders', 150), waits('orders', 50)])
    expect(room.isFullFor('orders')).toBe(true)
  })

  it('comes back with the next look', () => {
    const room = roomFor(1_000, 1)
    room.look([waits('zoho', 1_000)])
    expect(room.isFullFor('zoho')).toBe(true)
    room.look([waits('zoho', 999)])
    expect(room.isFullFor('zoho')).toBe(false)
  })
})
