import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { aSmallFile, load, problemsOf } from './a-config.ts'

function aFileWith(zone: string): string {
  return aSmallFile({ rest: `reports: { time_zone: "${zone}" }\n` })
}

describe('the time zone of the reports', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'US/Eastern', 'Etc/GMT+5'])('may be %s', (zone) => {
    expect(load(aFileWith(zone)).reports.time_zone).toBe(zone)
  })

  it.each(['Europe/Nowhere', '+02:00', 'UTC2', ''])("is refused as '%s'", (zone) => {
    expect(problemsOf(aFileWith(zone))).toEqual([expect.stringContaining('reports.time_zone: must be a time zone such as UTC')])
  })

  it('is known without a formatter, of which the first costs every start 30 ms', () => {
    const made = vi.spyOn(Intl, 'DateTimeFormat')
    onTestFinished(() => made.mockRestore())
    load(aSmallFile())
    load(aFileWith('America/New_York'))
    expect(made).not.toHaveBeenCalled()
  })
})
