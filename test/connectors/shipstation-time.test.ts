import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatLosAngeles, listingStart, parseLosAngeles } from '../../src/connectors/shipstation/time.ts'

const iso = (text: string | null): string | undefined => {
  const at = parseLosAngeles(text)
  return at === undefined ? undefined : new Date(at).toISOString()
}
const at = (text: string): number => Date.parse(text)

describe('a Los Angeles time', () => {
  it.each([
    ['2026-01-15T08:46:27.0000000', '2026-01-15T16:46:27.000Z'],
    ['2026-07-15T08:46:27.1234567', '2026-07-15T15:46:27.123Z'],
    ['2026-07-15 08:46:27.5', '2026-07-15T15:46:27.500Z'],
    ['2026-07-15T08:46:27.78', '2026-07-15T15:46:27.780Z'],
    ['2026-07-15T08:46:27', '2026-07-15T15:46:27.000Z'],
    ['2026-07-15T08:46', '2026-07-15T15:46:00.000Z'],
    ['2026-07-15', '2026-07-15T07:00:00.000Z'],
    ['2026-01-15', '2026-01-15T08:00:00.000Z'],
    ['2026-12-31T23:59:59.999', '2027-01-01T07:59:59.999Z'],
    ['2024-02-29T12:00:00', '2024-02-29T20:00:00.000Z'],
    ['2026-07-15T08:46:27Z', '2026-07-15T08:46:27.000Z'],
    ['2026-07-15T08:46:27+02:00', '2026-07-15T06:46:27.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(iso(text)).toBe(instant)
  })

  it.each([
    ['the second before the clocks go forward', '2026-03-08T01:59:59', '2026-03-08T09:59:59.000Z'],
    ['the hour that does not exist goes one hour on', '2026-03-08T02:30:00', '2026-03-08T10:30:00.000Z'],
    ['the first second of summer time', '2026-03-08T03:00:00', '2026-03-08T10:00:00.000Z'],
    ['the second before the clocks go back', '2026-11-01T00:59:59', '2026-11-01T07:59:59.000Z'],
    ['the doubled hour is read as the first of the two', '2026-11-01T01:30:00', '2026-11-01T08:30:00.000Z'],
    ['the doubled hour to its last moment', '2026-11-01T01:59:59.999', '2026-11-01T08:59:59.999Z'],
    ['the first second after it', '2026-11-01T02:00:00', '2026-11-01T10:00:00.000Z'],
    ['midnight of the short day', '2026-03-08', '2026-03-08T08:00:00.000Z'],
    ['midnight of the long day', '2026-11-01', '2026-11-01T07:00:00.000Z'],
  ])('%s', (_what, text, instant) => {
    expect(iso(text)).toBe(instant)
  })

  it.each([null, '', 'soon', '2026-13-01', '2026-02-30', '2026-07-15T25:00:00', '07/15/2026', '0001-01-01T00:00:00'])(
    '%j is no time',
    (text) => {
      expect(iso(text)).toBeUndefined()
    },
  )
})

describe('an instant in Los Angeles', () => {
  it.each([
    ['2026-01-15T16:46:27.999Z', '2026-01-15 08:46:27'],
    ['2026-03-08T09:59:59Z', '2026-03-08 01:59:59'],
    ['2026-03-08T10:00:00Z', '2026-03-08 03:00:00'],
    ['2026-11-01T08:30:00Z', '2026-11-01 01:30:00'],
    ['2026-11-01T09:30:00Z', '2026-11-01 01:30:00'],
    ['2026-11-01T10:00:00Z', '2026-11-01 02:00:00'],
  ])('%s is %s', (instant, text) => {
    expect(formatLosAngeles(at(instant))).toBe(text)
  })

  it('comes back as it was, for every half hour of two years but the doubled hours', () => {
    const wrong: string[] = []
    for (let instant = at('2025-01-01T00:00:00Z'); instant < at('2027-01-01T00:00:00Z'); instant += 1_800_000) {
      const back = parseLosAngeles(formatLosAngeles(instant)) ?? 0
      const doubled = instant - back === 3_600_000 && formatLosAngeles(back) === formatLosAngeles(instant)
      if (back !== instant && !doubled) wrong.push(new Date(instant).toISOString())
    }
    expect(wrong).toEqual([])
  })
})

describe('the start of a listing', () => {
  it('is the instant itself, to the second', () => {
    expect(listingStart(at('2026-07-15T15:46:27.900Z'))).toBe('2026-07-15 08:46:27')
  })

  it.each(['2026-11-01T08:00:00Z', '2026-11-01T08:59:59Z', '2026-11-01T09:00:00Z', '2026-11-01T09:59:59Z'])(
    'lies before the doubled hour when %s falls into it',
    (instant) => {
      expect(listingStart(at(instant))).toBe('2026-11-01 00:59:59')
    },
  )

  it.each(['2026-11-01T07:59:59Z', '2026-11-01T10:00:00Z', '2026-03-08T10:00:00Z'])('is exact at %s', (instant) => {
    expect(parseLosAngeles(listingStart(at(instant)))).toBe(at(instant))
  })
})

describe('speed and independence', () => {
  it('reads the dates of 10,000 orders within a second', () => {
    const texts = Array.from({ length: 40_000 }, (_, i) => formatLosAngeles(at('2026-01-01T00:00:00Z') + i * 700_000))
    const started = performance.now()
    for (const text of texts) parseLosAngeles(text)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it.each(['UTC', 'Asia/Kolkata', 'Pacific/Auckland'])("does not look at the machine's zone %s", (zone) => {
    const file = resolve(import.meta.dirname, '../../src/connectors/shipstation/time.ts')
    const script = `import { parseLosAngeles as p, formatLosAngeles as f } from ${JSON.stringify(file)}; console.log(p('2026-07-15T08:46:27'), f(0))`
    const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    })
    expect(told.trim()).toBe(`${at('2026-07-15T15:46:27Z')} 1969-12-31 16:00:00`)
  })
})
