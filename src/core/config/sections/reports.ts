import { parsed, section } from '../fields.ts'

/** What the daily report is made by. */
export const reports = section({
  time_zone: parsed(
    'a time zone such as UTC, Europe/Berlin or America/New_York',
    "Where the day of report:daily begins and ends: at midnight of the operators' clocks",
    (value) => (/^[A-Za-z]/.test(value) && isTimeZone(value) ? value : undefined),
  ).prefault('UTC'),
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-CA', { timeZone: name })
    return true
  } catch {
    return false
  }
}
