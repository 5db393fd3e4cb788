import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { crontabLines, scheduledIntervals } from '../../../src/commands/shell/crontab.ts'

const all = ['zoho', 'mail'] as const
const MINUTES_A_DAY = 24 * 60

interface Line {
  readonly at: string
  /** With its options, without --config and the log. */
  readonly call: string
}

const example = linesOf(readFileSync(new URL('../../../crontab.example', import.meta.url), 'utf8'))
const ours = linesOf(
  crontabLines({ configFile: '/etc/isync/isync.config.yaml', program: '/opt/isync/bin/isync' }, all).join('\n'),
)

describe('the schedule', () => {
  it('is the same in crontab.example as in the lines that isync init prints', () => {
    expect(ours.length).toBeGreaterThan(9)
    expect(ours.toSorted(byCall)).toEqual(example.toSorted(byCall))
  })

  it('starts each command as often as its interval says: no gap over midnight is longer, and one is as long', () => {
    const intervals = scheduledIntervals(all)
    expect([...intervals.keys()].toSorted()).toEqual(ours.map(({ call }) => call.split(' ')[0]).toSorted())
    for (const { at, call } of ours.filter(({ call }) => call !== 'tracking:sync'))
      expect(longestGap(at) * 60_000, call).toBe(intervals.get(call.split(' ')[0] ?? ''))
  })

  it('reads packages so often that two minutes are left of the five from the label to the marketplace, and calls it late no sooner than its neighbours', () => {
    const [tracking] = ours.filter(({ call }) => call === 'tracking:sync')
    expect(longestGap(tracking?.at ?? '')).toBe(3)
    expect(scheduledIntervals(all).get('tracking:sync')).toBe(5 * 60_000)
  })

  it('starts no two commands that ask vendors together', () => {
    const asking = ours.filter(({ call }) => !/^(alerts:check|report:daily|purge)\b/.test(call))
    const starts = asking.flatMap(({ at, call }) => minutesOf(at).map((minute) => ({ minute, call })))
    const together = starts.filter(({ minute, call }) => starts.some((other) => other.minute === minute && other.call !== call))
    expect(together).toEqual([])
  })

  it('leaves out what a configuration has nothing for', () => {
    expect([...scheduledIntervals([]).keys()].some((command) => command.startsWith('inventory:'))).toBe(false)
    expect(scheduledIntervals([]).has('report:daily')).toBe(false)
    expect(scheduledIntervals(['zoho']).has('inventory:full')).toBe(true)
  })
})

/** Minutes, over midnight too. */
function longestGap(at: string): number {
  const starts = minutesOf(at)
  const gaps = starts.map((start, i) => start - (i === 0 ? (starts.at(-1) ?? 0) - MINUTES_A_DAY : (starts[i - 1] ?? 0)))
  return Math.max(...gaps)
}

function linesOf(text: string): readonly Line[] {
  const lines = text.split('\n').filter((line) => /^[\d*]/.test(line))
  return lines.map((line) => {
    const [, at = '', call = ''] = /^((?:\S+ ){4}\S+) +\/opt\/isync\/bin\/isync (.+?) *>>/.exec(line) ?? []
    return { at, call: call.replace(/ --config \S+/, '').trim() }
  })
}

/** Minutes of the day at which a line starts, in order, each once. Only minute and hour may be other than `*`. */
function minutesOf(at: string): readonly number[] {
  const [minute = '', hour = '', ...rest] = at.split(' ')
  expect(rest, at).toEqual(['*', '*', '*'])
  return valuesOf(hour, 24)
    .flatMap((h) => valuesOf(minute, 60).map((m) => h * 60 + m))
    .toSorted((a, b) => a - b)
}

/** `*`, `5`, `5,35`, `2-59/5`, star with a step. */
function valuesOf(field: string, size: number): readonly number[] {
  const all = Array.from({ length: size }, (_, value) => value)
  return field.split(',').flatMap((part) => {
    const [, range = '', step = '1'] = /^(\*|\d+(?:-\d+)?)(?:\/(\d+))?$/.exec(part) ?? []
    if (range === '') throw new Error(`not understood: ${field}`)
    const [from = 0, to = range === '*' ? size - 1 : from] = range === '*' ? [] : range.split('-').map(Number)
    return all.filter((value) => value >= from && value <= to && (value - from) % Number(step) === 0)
  })
}

function byCall(one: Line, other: Line): number {
  return one.call < other.call ? -1 : 1
}
