import { describe, expect, it } from 'vitest'
import { jobsWith } from '../../../src/commands/shell/crontab.ts'
import { isDue, runSchedule } from '../../../src/commands/shell/schedule.ts'
import type { Clock } from '../../../src/core/ports/system.ts'

const start = Date.parse('2026-01-24T09:00:30Z')
const MINUTE = 60_000

describe('the schedule without cron', () => {
  it('starts each command of a day as often as cron does, at the same minutes', async () => {
    const started = await run({ minutes: 24 * 60 })
    const at = (command: string) => started.filter((one) => one.command === command).map(({ minute }) => minute)
    expect(at('orders:pull')).toHaveLength(6 * 24)
    expect(at('tracking:sync').slice(0, 5)).toEqual(['09:01', '09:04', '09:06', '09:09', '09:11'])
    expect(at('tracking:sync')).toHaveLength(12 * 2 * 24)
    expect(at('reconcile').slice(0, 3)).toEqual(['09:28', '09:58', '10:28'])
    expect(at('purge')).toEqual(['03:43'])
    expect(at('report:daily')).toEqual(['06:35'])
  })

  it('does not start a command that is still at work, and starts it again when it has ended', async () => {
    const skipped: string[] = []
    const started = await run({ minutes: 30, lasts: 12 * MINUTE, skipped })
    expect(started.filter(({ command }) => command === 'orders:pull').map(({ minute }) => minute)).toEqual(['09:10', '09:30'])
    expect(skipped.filter((command) => command === 'orders:pull')).toHaveLength(1)
  })

  it('starts what came due during a standstill once', () => {
    const [pull] = jobsWith([])
    expect(isDue(pull?.at ?? '', start, start + 45 * MINUTE)).toBe(true)
    expect(isDue(pull?.at ?? '', start, start + 9 * MINUTE)).toBe(false)
    expect(isDue('43 3 * * *', Date.parse('2026-01-24T03:42:59Z'), Date.parse('2026-01-24T03:43:00Z'))).toBe(true)
    expect(isDue('43 3 * * *', Date.parse('2026-01-24T03:43:00Z'), Date.parse('2026-01-25T03:42:59Z'))).toBe(false)
  })

  it('waits for what is at work when it is told to stop, and starts nothing more', async () => {
    const { clock } = hurried(() => undefined)
    const stop = new AbortController()
    let end: () => void = () => undefined
    let isOver = false
    const whole = runSchedule({
      jobs: jobsWith([]).slice(0, 1),
      clock,
      since: start,
      signal: stop.signal,
      start: () => {
        stop.abort()
        return new Promise((settle) => {
          end = settle
        })
      },
      skipped: () => undefined,
    }).then(() => {
      isOver = true
    })
    while (!stop.signal.aborted) await new Promise((done) => setImmediate(done))
    await new Promise((done) => setImmediate(done))
    expect([stop.signal.aborted, isOver]).toEqual([true, false])
    end()
    await whole
  })
})

interface Started {
  readonly command: string
  /** `09:10`, UTC. */
  readonly minute: string
}

/** The whole schedule for so many minutes; each command takes `lasts` ms. */
async function run({
  minutes,
  lasts = 0,
  skipped = [],
}: {
  minutes: number
  lasts?: number
  skipped?: string[]
}): Promise<Started[]> {
  const stop = new AbortController()
  const started: Started[] = []
  const ends: { readonly at: number; readonly end: () => void }[] = []
  const { clock } = hurried((now) => {
    if (now >= start + minutes * MINUTE) stop.abort()
    for (const { at, end } of ends) if (at <= now || stop.signal.aborted) end()
  })
  await runSchedule({
    jobs: jobsWith(['zoho', 'mail']),
    clock,
    since: start,
    signal: stop.signal,
    start: ({ command }) => {
      started.push({ command, minute: new Date(clock.now()).toISOString().slice(11, 16) })
      return lasts === 0 ? Promise.resolve() : new Promise((end) => ends.push({ at: clock.now() + lasts, end }))
    },
    skipped: ({ command }) => skipped.push(command),
  })
  return started
}

/** Time that passes as soon as somebody waits for it. `passed` is told what time it is then. */
function hurried(passed: (now: number) => void): { readonly clock: Clock } {
  let now = start
  return {
    clock: {
      now: () => now,
      async sleep(ms) {
        now += ms
        passed(now)
        // Whoever was told may act on it first.
        await new Promise((done) => setImmediate(done))
      },
    },
  }
}
