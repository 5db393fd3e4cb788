import { describe, expect, it } from 'vitest'
import { dateAt, dayOf, isDate, lastWholeDay, wallTime } from '../../../src/core/reports/day.ts'

const HOUR = 3_600_000

function edges(date: string, timeZone: string): readonly [from: string, to: string, hours: number] {
  const { from, to } = dayOf(date, timeZone)
  return [new Date(from).toISOString(), new Date(to).toISOString(), (to - from) / HOUR]
}

describe('a day of a zone', () => {
  it.each([
    ['in UTC', '2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z', 24],
    ['west of it', '2026-11-21', 'America/Los_Angeles', '2026-11-21T08:00:00.000Z', '2026-11-22T08:00:00.000Z', 24],
    ['east of it by half an hour', '2026-11-21', 'Asia/Kolkata', '2026-11-20T18:30:00.000Z', '2026-11-21T18:30:00.000Z', 24],
    ['as far east as it goes', '2026-11-21', 'Pacific/Kiritimati', '2026-11-20T10:00:00.000Z', '2026-11-21T10:00:00.000Z', 24],
    ['when clocks go forward', '2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23],
    ['when clocks go back', '2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25],
    [
      'when clocks go forward in New York',
      '2026-03-08',
      'America/New_York',
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
      23,
    ],
    ['by half an hour', '2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', '2026-04-05T13:30:00.000Z', 24.5],
    // Midnight itself was skipped: the day began at one o'clock.
    ['that has no midnight', '2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z', 23],
    // Midnight turned into eleven: the day before had that hour twice.
    [
      'whose last hour comes twice',
      '2018-02-17',
      'America/Sao_Paulo',
      '2018-02-17T02:00:00.000Z',
      '2018-02-18T03:00:00.000Z',
      25,
    ],
    ['that Samoa left out', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z', 0],
  ])('%s', (_, date, zone, from, to, hours) => {
    expect(edges(date, zone)).toEqual([from, to, hours])
  })

  it('follows the day before without a gap, for a year, wherever', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      let { to } = dayOf('2025-12-31', zone)
      for (let day = 0; day < 365; day += 7) {
        const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)
        const first = dayOf(date, zone)
        if (day === 0) expect(first.from, zone).toBe(to)
        expect([dateAt(first.from, zone), dateAt(first.from - 1, zone) < date, dateAt(first.to - 1, zone)]).toEqual([
          date,
          true,
          date,
        ])
        ;({ to } = first)
      }
    }
  })
})

describe('the last whole day', () => {
  it.each([
    ['a millisecond before midnight', '2026-11-21T22:59:59.999Z', 'Europe/Berlin', '2026-11-20'],
    ['at midnight', '2026-11-21T23:00:00.000Z', 'Europe/Berlin', '2026-11-21'],
    ['in the morning', '2026-11-22T06:00:00.000Z', 'Europe/Berlin', '2026-11-21'],
    ['at the same instant elsewhere', '2026-11-22T06:00:00.000Z', 'America/Los_Angeles', '2026-11-20'],
    ['after a day that was left out', '2011-12-30T12:00:00.000Z', 'Pacific/Apia', '2011-12-29'],
  ])('%s', (_, now, zone, date) => {
    expect(lastWholeDay(Date.parse(now), zone)).toEqual(dayOf(date, zone))
  })
})

describe('a date', () => {
  it.each(['2026-02-28', '2028-02-29'])('is %s', (text) => expect(isDate(text)).toBe(true))
  it.each(['2026-02-29', '2026-13-01', '2026-1-1', 'today', ''])("is not '%s'", (text) => expect(isDate(text)).toBe(false))
})

it('a clock on the wall shows the hour that comes twice twice', () => {
  const { from } = dayOf('2026-10-25', 'Europe/Berlin')
  expect([0, 1, 2, 3, 4].map((hour) => wallTime(from + hour * HOUR, 'Europe/Berlin'))).toEqual([
    '00:00',
    '01:00',
    '02:00',
    '02:00',
    '03:00',
  ])
})
