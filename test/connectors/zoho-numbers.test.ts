import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactJsonOf } from '../../src/connectors/http/json.ts'
import { floorOf, readExact, sumOf } from '../../src/connectors/zoho/exact.ts'
import { itemRow } from '../../src/connectors/zoho/wire.ts'

const floored = (text: unknown) => {
  const exact = readExact(text)
  return exact === undefined ? undefined : floorOf(exact)
}
const added = (...texts: string[]) => floorOf(sumOf(texts.flatMap((text) => readExact(text) ?? [])))

describe('a stock number', () => {
  it.each([
    ['12', 12],
    ['12.00', 12],
    [' 12.99 ', 12],
    ['-0.01', -1],
    ['-3', -3],
    ['-3.0', -3],
    ['-0', 0],
    ['+7', 7],
    ['.5', 0],
    ['1.0E7', 10_000_000],
    ['1.25e1', 12],
    ['125e-1', 12],
    ['5E-1', 0],
    ['0.99999999999999999999', 0],
    ['2.99999999999999999999', 2],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is %d whole pieces', (text, whole) => {
    expect(floored(text)).toBe(whole)
  })

  it.each([
    '',
    ' ',
    '.',
    'e5',
    '1,234',
    '1.234,5',
    '1 000',
    '0x10',
    'NaN',
    'Infinity',
    '12 pcs',
    '--1',
    '1e999',
    '1e99',
    '9007199254740992',
    `${'9'.repeat(41)}`,
  ])("'%s' is no number", (text) => {
    expect(floored(text)).toBeUndefined()
  })

  it.each([12, true, null, undefined, {}, ['12']])('%s is no text', (value) => {
    expect(floored(value)).toBeUndefined()
  })

  it('is rounded down as whole numbers are, whatever its decimals', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.nat(6), (units, scale) => {
        const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
        const text = `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`
        const whole = BigInt(floored(text) ?? Number.NaN)
        expect(whole * 10n ** BigInt(scale) <= units).toBe(true)
        expect((whole + 1n) * 10n ** BigInt(scale) > units).toBe(true)
      }),
    )
  })

  it('is added up before it is rounded', () => {
    expect(added('0.5', '0.5')).toBe(1)
    expect(added('0.1', '0.2', '0.7')).toBe(1)
    expect(added('10', '-0.25', '1e1')).toBe(19)
    expect(added()).toBe(0)
  })
})

describe('a body', () => {
  const read = (text: string) => exactJsonOf({ status: 200, headers: {}, body: Buffer.from(text) })

  it('keeps every digit as it was written', () => {
    expect(read('\uFEFF{"id":4815000000000044209,"n":[12.50,-0.0,1E+2],"t":"7","b":true,"z":null,"o":{"x":0.1}}')).toEqual({
      id: '4815000000000044209',
      n: ['12.50', '-0.0', '1E+2'],
      t: '7',
      b: true,
      z: null,
      o: { x: '0.1' },
    })
  })

  it('that is no JSON is nothing', () => {
    expect(read('<html>')).toBeUndefined()
    expect(read('{"items":[')).toBeUndefined()
    expect(read('')).toBeUndefined()
  })

  it('survives any document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const asText = (one: unknown): unknown => {
          if (typeof one === 'number') return JSON.stringify(one)
          if (Array.isArray(one)) return one.map(asText)
          if (typeof one !== 'object' || one === null) return one
          return Object.fromEntries(Object.entries(one).map(([key, each]) => [key, asText(each)]))
        }
        expect(read(text)).toEqual(asText(JSON.parse(text)))
      }),
    )
  })
})

it('an item needs an id and nothing else, whatever the rest is', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('sku', 'name', 'status', 'locations', 'track_inventory', 'brand'), fc.jsonValue()),
      (row) => {
        expect(itemRow.safeParse({ ...row, item_id: '4815000000000044209' }).success).toBe(true)
        expect(itemRow.safeParse(row).success).toBe(false)
      },
    ),
  )
})
