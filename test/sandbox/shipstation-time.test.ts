import { describe, expect, it } from 'vitest'
import { dateOnly, dateTime7, dateTimeShort, parseDate } from '../../src/sandbox/shipstation/los-angeles.ts'

describe('Los Angeles time', () => {
  it('has 7 digits on orders, trimmed ones on items, none on days', () => {
    const instant = Date.UTC(2015, 5, 29, 15, 46, 27, 780)
    expect(dateTime7(instant)).toBe('2015-06-29T08:46:27.7800000')
    expect(dateTimeShort(instant)).toBe('2015-06-29T08:46:27.78')
    expect(dateTimeShort(instant - 780)).toBe('2015-06-29T08:46:27')
    expect(dateOnly(Date.UTC(2015, 5, 29, 3))).toBe('2015-06-28')
  })

  it.each([
    ['2026-07-01 00:00:00', '2026-07-01T07:00:00.000Z'],
    ['2026-12-01T00:00:00', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T00:00:00.1234567', '2026-12-01T08:00:00.123Z'],
    // The doubled hour is the earlier instant; the missing one lands after the gap.
    ['2026-11-01 01:30:00', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01 02:00:00', '2026-11-01T10:00:00.000Z'],
    ['2026-03-08 02:30:00', '2026-03-08T10:30:00.000Z'],
    ['2024-01-01T00:00:00-00:00', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(new Date(parseDate(text) ?? 0).toISOString()).toBe(iso)
  })

  it.each(['', 'yesterday', '2026-02-30', '2026-01-01 25:00:00', '01/02/2026'])('does not read %j', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })
})
