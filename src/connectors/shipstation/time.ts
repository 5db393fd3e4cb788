/**
 * ShipStation V1 writes and reads America/Los_Angeles wall time without an offset (contract section 3). Inside isync an instant is
 * epoch milliseconds; this file is the only bridge. A "wall" below is a wall clock reading held as if it were UTC milliseconds.
 */
const ZONE = 'America/Los_Angeles'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MOST_OFFSETS = 20_000

/** Made when it is first needed: it takes 20 ms, which no command that asks ShipStation nothing should pay. */
let format: Intl.DateTimeFormat | undefined

function madeFormat(): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: ZONE,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}

/** The zone changes its offset on full hours only, so one look at Intl serves a whole hour. */
const offsets = new Map<number, number>()

/**
 * `2026-07-01T08:46:27.0000000`, with a space for the T, with 0 to 7 fraction digits, or a bare date (midnight) -> epoch ms.
 * - Undefined for null, an unreadable text and the vendor's empty date in year 1.
 * - An hour that occurs twice in autumn is read as the earlier instant: a watermark then repeats and never skips.
 * - An hour that does not exist in spring moves one hour on (02:30 is read as 03:30), like clocks do.
 * - A text that does carry an offset means what it says.
 */
export function parseLosAngeles(text: string | null | undefined): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    text?.trim() ?? '',
  )
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', offset] = match
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms)
  if (Number(year) < 1970 || !new Date(wall).toISOString().startsWith(`${year}-${month}-${day}T${hour}:${minute}:${second}`))
    return undefined
  return offset === undefined ? instantOf(wall) : wall - offsetMs(offset)
}

/** Epoch ms -> `2026-07-01 08:46:27` in Los Angeles, the documented form. Fractions of a second are dropped. */
export function formatLosAngeles(at: number): string {
  return wallText(wallOf(at))
}

/**
 * The `...DateStart` of a listing that must hold everything since `at` (epoch ms). Within the autumn hour that occurs twice no text
 * says which of the two is meant, and later rows may carry an earlier reading: the listing then starts just before that hour.
 */
export function listingStart(at: number): string {
  const wall = wallOf(at)
  if (instantsOf(wall).length < 2) return wallText(wall)
  return wallText(Math.floor(wall / HOUR_MS) * HOUR_MS - 1000)
}

function wallOf(at: number): number {
  return at + offsetAt(at)
}

function wallText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace('T', ' ')
}

function instantOf(wall: number): number {
  return instantsOf(wall)[0] ?? wall - offsetAt(wall - DAY_MS)
}

/** The instants at which the clock showed `wall`, earliest first: one, two in the repeated hour, none in the skipped one. */
function instantsOf(wall: number): readonly number[] {
  const candidates = new Set([wall - offsetAt(wall - DAY_MS), wall - offsetAt(wall + DAY_MS)])
  return [...candidates].filter((at) => wallOf(at) === wall).sort((a, b) => a - b)
}

function offsetAt(at: number): number {
  const hour = Math.floor(at / HOUR_MS)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  const offset = readOffset(hour * HOUR_MS)
  if (offsets.size >= MOST_OFFSETS) offsets.clear()
  offsets.set(hour, offset)
  return offset
}

function readOffset(at: number): number {
  format ??= madeFormat()
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - at
}

function offsetMs(text: string): number {
  if (text === 'Z') return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}
