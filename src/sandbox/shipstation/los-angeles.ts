/**
 * ShipStation's clock face: Los Angeles wall time without an offset, in and out (contract section 3).
 * An instant is epoch milliseconds.
 */

const HOUR = 3_600_000
const DAY = 24 * HOUR

const WALL = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

// The zone changes only on full UTC hours; asking Intl for every date of a page of 500 orders would be slow.
const offsets = new Map<number, number>()

/** Wall time minus UTC, in milliseconds; negative in Los Angeles. */
function offsetAt(instant: number): number {
  const hour = Math.floor(instant / HOUR)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  const part: Record<string, number> = {}
  for (const { type, value } of WALL.formatToParts(hour * HOUR)) part[type] = Number(value)
  const wall = Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute'], part['second'])
  const offset = wall - hour * HOUR
  offsets.set(hour, offset)
  return offset
}

/** `2015-06-29T08:46:27.0000000`, as on orders. */
export function dateTime7(instant: number): string {
  return `${new Date(instant + offsetAt(instant)).toISOString().slice(0, 23)}0000`
}

/** `2015-08-17T09:24:14.78`, as on items and stores: trailing zeros are dropped. */
export function dateTimeShort(instant: number): string {
  const [seconds = '', fraction = ''] = new Date(instant + offsetAt(instant)).toISOString().slice(0, 23).split('.')
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? seconds : `${seconds}.${digits}`
}

/** `2015-07-02` */
export function dateOnly(instant: number): string {
  return new Date(instant + offsetAt(instant)).toISOString().slice(0, 10)
}

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** Reads a date or date-time; an explicit offset is honoured (seen to work, not documented). Undefined when it is neither. */
export function parseDate(text: string): number | undefined {
  const found = FORM.exec(text.trim())
  if (found === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = found
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms)
  const back = new Date(wall)
  const real = back.getUTCDate() === Number(day) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (!real) return undefined
  return zone === undefined ? fromWall(wall) : wall - zoneOffset(zone)
}

// In the doubled autumn hour the larger offset is the earlier instant; in the missing spring hour no candidate
// fits and the offset before the change is taken, which lands one hour further on.
function fromWall(wall: number): number {
  const before = offsetAt(wall - DAY)
  const after = offsetAt(wall + DAY)
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (offsetAt(wall - offset) === offset) return wall - offset
  }
  return wall - before
}

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
