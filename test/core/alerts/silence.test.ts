import { describe, expect, it } from 'vitest'
import { ageText, silentCommands, staleness, type WatchRules } from '../../../src/core/alerts/silence.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../world/a-clock.ts'

const now = Date.UTC(2026, 2, 2, 12)
const rules: WatchRules = {
  intervals: new Map([
    ['orders:pull', 10 * MINUTE],
    ['purge', DAY],
  ]),
  warningAfter: 3,
  criticalAfter: 6,
}

function pullOf(ageMs: number) {
  return silentCommands(
    rules,
    [
      { command: 'orders:pull', lastSuccess: now - ageMs, lastStart: now },
      { command: 'purge', lastSuccess: now, lastStart: now },
    ],
    0,
    now,
  )
}

describe('a command', () => {
  it.each([
    [0, undefined],
    [30 * MINUTE, undefined],
    [30 * MINUTE + 1, 'warning'],
    [60 * MINUTE, 'warning'],
    [60 * MINUTE + 1, 'critical'],
    [365 * DAY, 'critical'],
  ])('every 10 minutes, whose last success is %d ms old, is %s', (ageMs, severity) => {
    expect(pullOf(ageMs).map((one) => one.severity)).toEqual(severity === undefined ? [] : [severity])
    expect(staleness(ageMs, 10 * MINUTE, rules)).toBe(severity)
  })

  it('that went silent is told with its age, its interval and what to look at', () => {
    expect(pullOf(45 * MINUTE)).toEqual([
      {
        command: 'orders:pull',
        severity: 'warning',
        lastSuccess: now - 45 * MINUTE,
        ageMs: 45 * MINUTE,
        intervalMs: 10 * MINUTE,
        message: 'orders:pull has not succeeded for 45 min; it is meant to every 10 min',
        next: 'isync runs --command orders:pull --failed',
      },
    ])
  })

  it('that is not watched may be as silent as it likes', () => {
    const past = [{ command: 'doctor', lastSuccess: 1, lastStart: 1 }]
    const fine = [...rules.intervals.keys()].map((command) => ({ command, lastSuccess: now, lastStart: now }))
    expect(silentCommands(rules, [...past, ...fine], 0, now)).toEqual([])
  })
})

describe('a command that never succeeded', () => {
  const purge = { command: 'purge', lastSuccess: now, lastStart: now }

  it('counts from when isync first ran here: nothing is late on the first day', () => {
    const past = [purge, { command: 'orders:pull', lastSuccess: undefined, lastStart: now - SECOND }]
    expect(silentCommands(rules, past, now - 30 * MINUTE, now)).toEqual([])
    expect(silentCommands(rules, past, now - 31 * MINUTE, now)).toMatchObject([
      { severity: 'warning', message: 'orders:pull never succeeded; it is meant to every 10 min' },
    ])
    expect(silentCommands(rules, past, now - 61 * MINUTE, now)).toMatchObject([{ severity: 'critical' }])
  })

  it('nor was ever begun is a warning and no more: it may have come with an update', () => {
    expect(silentCommands(rules, [purge], now - 400 * DAY, now)).toMatchObject([
      { command: 'orders:pull', severity: 'warning', message: expect.stringContaining('never ran') },
    ])
  })

  it('where nothing ever ran is told at once: cron may not be there at all', () => {
    expect(silentCommands(rules, [], undefined, now)).toMatchObject([
      { command: 'orders:pull', severity: 'warning', next: expect.stringContaining('crontab -l') },
      { command: 'purge', severity: 'warning' },
    ])
  })
})

it('the critical ones come first, each kind in the order of the rules', () => {
  const past = [
    { command: 'orders:pull', lastSuccess: now - 40 * MINUTE, lastStart: now },
    { command: 'purge', lastSuccess: now - 7 * DAY, lastStart: now },
  ]
  expect(silentCommands(rules, past, 0, now).map(({ command }) => command)).toEqual(['purge', 'orders:pull'])
})

it('an age is told in whole units', () => {
  expect([0, 119_999, 120_000, 2 * HOUR - 1, 2 * HOUR, 2 * DAY - 1, 2 * DAY].map(ageText)).toEqual([
    '0 s',
    '119 s',
    '2 min',
    '119 min',
    '2 h',
    '47 h',
    '2 d',
  ])
})
