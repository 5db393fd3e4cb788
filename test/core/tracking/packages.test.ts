import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LineRow, OrderRow } from '../../../src/core/db/orders.ts'
import type { ShipmentItem } from '../../../src/core/model/shipment.ts'
import { linesInPackage, packedKey } from '../../../src/core/tracking/packages.ts'
import { aShipment } from '../../world/a-shipment.ts'

/** An order as `[line, sku, units at ShipStation]`. */
function order(id: string, ...lines: readonly (readonly [string, string, number])[]) {
  const rows = lines.map(
    ([external_line_id, sku, qty]) => ({ external_line_id, sku, qty_to_ship: qty, qty_pushed: qty }) as LineRow,
  )
  return { row: { id } as OrderRow, lines: rows }
}

function pack(
  items: readonly ShipmentItem[] | null,
  orders: readonly ReturnType<typeof order>[],
  packed: Record<string, number> = {},
) {
  const lines = linesInPackage(aShipment(1, { items }), orders, new Map(Object.entries(packed)))
  return lines.map((line) => `${line.order_id} ${line.external_line_id} x${line.quantity}`)
}

const one = order('o', ['L1', 'RED', 2], ['L2', 'RED', 1], ['L3', 'BLUE', 1])

describe('a package', () => {
  it('holds the lines it names', () => {
    expect(pack([{ externalLineId: 'L2', quantity: 1 }], [one])).toEqual(['o L2 x1'])
  })

  it('holds lines by SKU where ShipStation gives no line id back, over several lines if need be', () => {
    expect(pack([{ sku: 'RED', quantity: 3 }], [one])).toEqual(['o L1 x2', 'o L2 x1'])
  })

  it('never holds more than is left, as when every label of an order repeats all of it', () => {
    const all = [
      { externalLineId: 'L1', quantity: 2 },
      { externalLineId: 'L3', quantity: 1 },
    ]
    expect(pack(all, [one], { [packedKey('o', 'L1')]: 1 })).toEqual(['o L1 x1', 'o L3 x1'])
    expect(pack([...all, ...all], [one])).toEqual(['o L1 x2', 'o L3 x1'])
  })

  it('of merged orders whose lines bear the same name holds of each what are its goods', () => {
    const merged = [order('a', ['1', 'RED', 1]), order('b', ['1', 'BLUE', 1])]
    const both = [
      { externalLineId: '1', sku: 'BLUE', quantity: 1 },
      { externalLineId: '1', sku: 'RED', quantity: 1 },
    ]
    expect(pack(both.slice(0, 1), merged)).toEqual(['b 1 x1'])
    expect(pack(both, merged)).toEqual(['b 1 x1', 'a 1 x1'])
    expect(pack([...both, ...both], merged)).toEqual(['b 1 x1', 'a 1 x1'])
    expect(pack([{ externalLineId: '1', sku: 'RENAMED', quantity: 2 }], merged)).toEqual(['a 1 x1', 'b 1 x1'])
  })

  it('holds all that is left when it says nothing', () => {
    expect(pack(null, [one], { [packedKey('o', 'L1')]: 2 })).toEqual(['o L2 x1', 'o L3 x1'])
  })

  it('holds nothing of lines it does not know', () => {
    expect(
      pack([{ externalLineId: 'other', sku: 'RED', quantity: 1 }, { sku: 'GREEN', quantity: 1 }, { quantity: 1 }], [one]),
    ).toEqual([])
  })

  it('takes as much as ShipStation has of a line, not what the channel still wants', () => {
    const shrunk = {
      row: { id: 'o' } as OrderRow,
      lines: [{ external_line_id: 'L1', sku: 'RED', qty_to_ship: 0, qty_pushed: 2 } as LineRow],
    }
    expect(pack(null, [shrunk])).toEqual(['o L1 x2'])
  })

  it('together with all others never holds more than was ordered, whatever they claim', () => {
    const line = fc.constantFrom('L1', 'L2', 'L3', 'L4')
    const item: fc.Arbitrary<ShipmentItem> = fc.oneof(
      fc.record({ externalLineId: line, quantity: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ sku: fc.constantFrom('RED', 'BLUE'), quantity: fc.integer({ min: 0, max: 5 }) }),
    )
    const claim = fc.option(fc.array(item, { maxLength: 4 }), { nil: null })
    const left = fc.record({ L1: fc.nat(4), L2: fc.nat(4), L3: fc.nat(4) })
    fc.assert(
      fc.property(left, fc.array(claim, { maxLength: 6 }), ({ L1, L2, L3 }, claims) => {
        const placed = order('o', ['L1', 'RED', L1], ['L2', 'RED', L2], ['L3', 'BLUE', L3])
        const packed = new Map<string, number>()
        for (const items of claims) {
          for (const { order_id, external_line_id, quantity } of linesInPackage(aShipment(1, { items }), [placed], packed)) {
            expect(quantity).toBeGreaterThan(0)
            const at = packedKey(order_id, external_line_id)
            packed.set(at, (packed.get(at) ?? 0) + quantity)
          }
        }
        const ordered: Record<string, number> = { L1, L2, L3 }
        for (const [name, qty] of Object.entries(ordered)) expect(packed.get(packedKey('o', name)) ?? 0).toBeLessThanOrEqual(qty)
        if (claims.includes(null))
          for (const [name, qty] of Object.entries(ordered)) expect(packed.get(packedKey('o', name)) ?? 0).toBe(qty)
      }),
    )
  })
})
