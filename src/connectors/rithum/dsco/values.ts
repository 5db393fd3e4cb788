import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { toMinor } from '../../../core/model/money.ts'
import type { PoisonOrder } from '../../../core/model/order.ts'

/** An ISO instant -> epoch ms; a time without offset is UTC. Undefined when it is absent or no instant. */
export function parseTime(iso: string | null | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/i.exec(iso?.trim() ?? '')
  if (match === null) return undefined
  const zone = (match[2] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const at = Date.parse(`${match[1]}${zone}`)
  return Number.isNaN(at) ? undefined : at
}

/** The earliest of several instants, of those that are there. */
export function earliest(times: readonly (string | null | undefined)[]): number | undefined {
  const known = times.map(parseTime).filter((at) => at !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Text, or undefined for absent, null and blank. */
export function filled(text: string | null | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? undefined : trimmed
}

/** `{ key: value }`, or nothing to spread where the value is absent. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // The one place where a computed key must be told to the compiler.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
}

/**
 * An amount as it was written on the wire -> minor units of `currency`; 0 where it is absent. Amounts are single-precision floats on the
 * vendor's side, so `19.989999771118164` is 19.99. Throws RangeError that names the field.
 */
export function minor(amount: string | null | undefined, currency: string, where: string): number {
  if (amount === null || amount === undefined) return 0
  try {
    return toMinor(plainDecimal(amount), currency)
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${where}: not an amount of '${currency.slice(0, 3)}'`)
    throw error
  }
}

/** `1.25E7` -> `12500000`: how large and small floats are written. Anything else stays. */
function plainDecimal(text: string): string {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?e([+-]?\d{1,2})$/i.exec(text.trim())
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`
  const point = whole.length + Math.max(0, -shift) + shift
  return `${sign}${digits.slice(0, point) || '0'}.${digits.slice(point)}`
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

/** The first three faults of a document: paths and kinds, never values. */
export function issuesOf(error: z.ZodError): string {
  const named = error.issues.slice(0, 3).map(({ path, code }) => `${path.join('.') || 'order'}: ${code}`)
  return named.join('; ')
}

/** An order that cannot be read; `id` where one could be, else a digest that stays the same for the same document. */
export function poisonOf(channel: string, id: string | undefined, reason: string, raw: unknown): PoisonOrder {
  const digest = createHash('sha256').update(JSON.stringify(raw) ?? '')
  return { channel, externalOrderId: id ?? `unreadable-${digest.digest('hex').slice(0, 16)}`, reason, raw }
}

/** Under which two spellings of a tracking number are the same. */
export function trackingKey(trackingNumber: string): string {
  return trackingNumber.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
}
