import { describe, expect, it } from 'vitest'
import type { DailyReport } from '../../../src/core/reports/daily.ts'
import { dailyHtml } from '../../../src/core/reports/daily-html.ts'
import { dailyText } from '../../../src/core/reports/daily-text.ts'
import { amount, count, dayTitle, duration, subjectOf, waitsOf } from '../../../src/core/reports/daily-words.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../world/a-clock.ts'
import { aBusyDay, aChannelDay, aQuietDay } from './a-day.ts'

const text = (report: DailyReport) => dailyText(report).join('\n')

describe('in words,', () => {
  it.each([
    [0, '0 s'],
    [440, '0.4 s'],
    [9_999, '9.9 s'],
    [45 * SECOND, '45 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [3 * MINUTE + 20_500, '3 min 20 s'],
    [HOUR, '1 h'],
    [2 * HOUR + 5 * MINUTE + 59 * SECOND, '2 h 5 min'],
    [3 * DAY + 4 * HOUR, '3 d 4 h'],
  ])('%d ms are %s', (ms, words) => expect(duration(ms)).toBe(words))

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('%d is %s', (n, words) => expect(count(n)).toBe(words))

  it.each([
    [1, 'quantity', '1 quantity'],
    [2, 'quantity', '2 quantities'],
    [2, 'push', '2 pushes'],
    [2, 'day', '2 days'],
    [1200, 'order', '1,200 orders'],
  ])('%d %s is %s', (n, thing, words) => expect(amount(n, thing)).toBe(words))

  it('a day says which it is, how long it was where clocks were changed, and whether it is over', () => {
    expect(dayTitle(aQuietDay())).toBe('Saturday 2026-11-21, Europe/Berlin')
    expect(dayTitle(aQuietDay({ day: '2026-10-25', hours: 25, whole: false }))).toBe(
      'Sunday 2026-10-25, Europe/Berlin, a day of 25 hours, so far',
    )
  })

  it('the subject says whether somebody has to look', () => {
    expect(subjectOf(aQuietDay())).toBe('[isync] 2026-11-21: 0 orders in, 0 into ShipStation, nothing waits')
    expect(subjectOf(aBusyDay())).toBe('[isync] 2026-11-21: 2,348 orders in, 2,316 into ShipStation, 4 to look at')
  })
})

describe('what waits for a person', () => {
  it('comes first what is critical, each with the command to run', () => {
    expect(waitsOf(aBusyDay())).toEqual([
      {
        ...{ critical: true, what: 'rithum-acme: the credentials were refused: 401 invalid_client' },
        next: 'isync doctor --channel rithum-acme',
      },
      { critical: false, what: '2 orders of the day may ship and are not in ShipStation', next: 'isync reconcile' },
      {
        critical: false,
        what: 'amazon-us: 1 push given up in the day',
        next: 'isync retry --dead --kind push --channel amazon-us',
      },
      {
        critical: false,
        what: 'ebay-main: 3 findings of the kind unconfirmed, the oldest 2 h 1 min old',
        next: 'isync reconcile',
      },
    ])
  })

  it('is told in a few lines however much it is', () => {
    const open = Array.from({ length: 40 }, (_, n) => ({
      ...{ rule: 'dead-push', channel: `c-${n}`, severity: 'warning', since: '2026-11-21T14:02:00.000Z' },
      ...{ message: 'given up', next: 'isync retry --dead' },
    }))
    const findings = Array.from({ length: 40 }, (_, n) => ({ kind: 'stuck', channel: `c-${n}`, count: 1, oldest_age_s: 60 }))
    const waits = waitsOf(aQuietDay({ findings, alerts: { opened: 40, resolved: 0, open } }))
    expect(waits).toHaveLength(15 + 1 + 15 + 1)
    expect(waits.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['25 more alerts are open', '25 more kinds of findings are open']),
    )
  })
})

describe('as text,', () => {
  it('a quiet day is short and says that nothing waits', () => {
    expect(text(aQuietDay())).toContain('Nothing of it waits for a person.')
    expect(text(aQuietDay())).not.toMatch(/How long|Failures|Calls|Runs|Stock|by the hour/)
  })

  it('a busy day has its numbers, right in their columns', () => {
    const lines = dailyText(aBusyDay())
    expect(lines).toContain(
      '  amazon-us         1,840         31           1             1,811          2          1,702       5,210',
    )
    expect(lines).toContain('  amazon-us     1,840  6 min        11 min       42 min')
    expect(lines).toContain('  00:00 |▁▁▁▁▁▁▂▃▄▅▅▆▆▆▅▅▅▆▇██▇▄▂| most 214, from 20:00')
    expect(lines).toContain('  zoho       calls a day    2,310    2,500  92 %  zoho.daily_calls')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(150)
  })

  it('nothing from outside can turn, colour or break a line', () => {
    const day = aBusyDay()
    const evil = aQuietDay({
      stock: day.stock && {
        ...day.stock,
        most_over: [{ sku: 'A\u001b[31m\n\u202eB', left: 0, shown: 1, channels: 1, most_on_one: 1, over: 1 }],
      },
    })
    expect(text(evil)).toContain('A[31m B')
    for (const line of dailyText(evil)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('as a mail,', () => {
  it('has the numbers of the text, and bars whose lengths are in proportion', () => {
    const html = dailyHtml(aBusyDay())
    for (const words of [
      '2,348',
      '3 min 12 s',
      '92 %',
      'isync doctor --channel rithum-acme',
      'MUG-BLU-12',
      'Saturday 2026-11-21',
    ])
      expect(html).toContain(words)
    // Placed -> seen: 6 of 11 minutes; the longest bar has 150 pixels.
    const row = html.split('\n').find((line) => line.includes('amazon-us') && line.includes('42 min')) ?? ''
    expect([...row.matchAll(/width="(\d+)" height="10"/g)].map(([, width]) => Number(width))).toEqual([82, 68])
    // 214 orders in an hour are 64 pixels high, 107 would be 32.
    expect(html).toMatch(/title="20:00: 214".*?height="64"/)
    expect(html).toMatch(/title="22:00: 98".*?height="29"/)
  })

  it('fetches nothing from anywhere, runs nothing, and knows dark clients', () => {
    const html = dailyHtml(aBusyDay())
    expect(html).not.toMatch(/https?:|<img|<script|<link|url\(|@import|<svg|<form/i)
    expect(html).toContain('prefers-color-scheme:dark')
  })

  it('holds what comes from outside as text', () => {
    const html = dailyHtml(aBusyDay())
    expect(html).toContain('SOAP-&lt;b&gt;&amp;-7')
    expect(html).not.toContain('SOAP-<b>')
  })

  it('stays below 100 kB with everything at its largest', () => {
    const busy = aBusyDay()
    const many = <T>(length: number, make: (n: number) => T) => Array.from({ length }, (_, n) => make(n))
    const code = (n: number) => `a-channel-of-24-letters${n}`.slice(-24)
    const sku = { left: 999_999, shown: 9_999_999, channels: 60, most_on_one: 999_999, over: 9_000_000 }
    const risks = many(10, (n) => ({ ...sku, sku: `${'&'.repeat(190)}${n}` }))
    const words = '<the message of an alert that is rather long, as vendors write them> '.repeat(4)
    const html = dailyHtml({
      ...busy,
      channels: many(60, (n) => ({ ...(busy.channels[0] ?? aChannelDay('')), channel: code(n) })),
      failures: many(100, (n) => ({ kind: 'push', channel: code(n), tries: 99_999, items: 99_999, given_up: 0, next: '' })),
      findings: many(200, (n) => ({ kind: 'quantity', channel: code(n), count: 99_999, oldest_age_s: 1 })),
      alerts: {
        ...{ opened: 500, resolved: 500 },
        open: many(200, (n) => ({
          rule: 'r',
          channel: code(n),
          severity: 'critical',
          since: busy.at,
          message: words,
          next: words,
        })),
      },
      stock: busy.stock && { ...busy.stock, most_over: risks, low_on_show: risks },
      calls: many(60, (n) => ({
        account: code(n),
        calls: 9,
        operations: { anOperation: 1, another: 1, third: 1, fourth: 1, fifth: 1 },
      })),
      quotas: many(200, (n) => ({ what: 'w', accounts: many(20, code), used: 9, allowed: 10, used_pct: 90, said_by: code(n) })),
      runs: many(40, (n) => ({ command: code(n), runs: 9, done: 9, partly: 0, vendor_down: 0, held: 0, failed: 0, no_end: 0 })),
    })
    expect(Buffer.byteLength(html)).toBeLessThan(100_000)
    expect(Buffer.byteLength(html)).toBeGreaterThan(60_000)
    expect(html).toContain('and 42 more channels: isync report:daily shows all')
  })
})
