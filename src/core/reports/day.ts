/** One calendar day of a time zone. Epoch ms; `to` is the first instant of the next day. 23 or 25 hours long where clocks are changed. */
export interface Day {
  /** `2026-11-21` */
  readonly date: string
  readonly timeZone: string
  readonly from: number
  readonly to: number
}

const DAY_MS = 86_400_000
/** No zone is further from UTC. */
const FURTHEST_MS = 15 * 3_600_000

/** Whether a text is a date of the calendar: `2026-02-30` is none. */
export function isDate(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** The day of this date. Empty (`from` = `to`) for a day that a zone left out when it crossed the date line. */
export function dayOf(date: string, timeZone: string): Day {
  return { date, timeZone, from: startOf(date, timeZone), to: startOf(nextDate(date), timeZone) }
}

/** The last day that was over at this instant (epoch ms). */
export function lastWholeDay(now: number, timeZone: string): Day {
  const { from } = dayOf(dateAt(now, timeZone), timeZone)
  return dayOf(dateAt(from - 1, timeZone), timeZone)
}

/** The date that a calendar on the wall shows at this instant (epoch ms). */
export function dateAt(at: number, timeZone: string): string {
  const parts = new Map(
    calendar(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return `${(parts.get('year') ?? '').padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}

/** The time that a clock on the wall shows at this instant: `00:00`. */
export function wallTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/**
 * The first instant of a date: found, not computed, since a day need not begin at midnight, and midnight need not come once. What the
 * wall calendar shows never goes back by a day, so halving the stretch finds where it turns.
 */
function startOf(date: string, timeZone: string): number {
  const midnightUtc = Date.parse(`${date}T00:00:00Z`)
  let before = midnightUtc - FURTHEST_MS
  let after = midnightUtc + FURTHEST_MS
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dateAt(middle, timeZone) < date) before = middle
    else after = middle
  }
  return after
}

function nextDate(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

const calendars = new Map<string, Intl.DateTimeFormat>()

function calendar(timeZone: string): Intl.DateTimeFormat {
  const known = calendars.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  calendars.set(timeZone, made)
  return made
}
