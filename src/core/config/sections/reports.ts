import { parsed, section } from '../fields.ts'

/** What the daily report is made by. */
export const reports = section({
  time_zone: parsed(
    'a time zone such as UTC, Europe/Berlin or America/New_York',
    "Where the day of report:daily begins and ends: at midnight of the operators' clocks",
    (value) => (/^[A-Za-z]/.test(value) && isTimeZone(value) ? value : undefined),
  ).prefault('UTC'),
})

/** Every start pays for this: making a formatter takes 30 ms, reading the list of zones 10, and the default needs neither. */
function isTimeZone(name: string): boolean {
  if (name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)) return true
  // Older names of a zone are not in the list.
  try {
    new Intl.DateTimeFormat('en-CA', { timeZone: name })
    return true
  } catch {
    return false
  }
}
