import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { toMinor } from '../../../core/model/money.ts'
import type { PoisonOrder } from '../../../core/model/order.ts'

/** `2026-11-20T15:00:00.1234567Z` -> epoch ms. Up to seven digits of a second are sent, three are kept. Undefined: absent or no instant. */
export function parseTime(iso: string | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/i.exec(iso ?? '')
  if (match === null) return undefined
  const [, second = '', fraction = '', zone = 'Z'] = match
  const at = Date.parse(`${second}${fraction.slice(0, 4)}${zone.toUpperCase()}`)
  return Number.isNaN(at) ? undefined : at
}

/** As {@link parseTime}; throws RangeError naming the field. */
export function requiredTime(iso: string | undefined, where: string): number {
  const at = parseTime(iso)
  if (at === undefined) throw new RangeError(`${where}: not an instant`)
  return at
}

/** `{ key: value }`, or nothing to spread where the value is absent. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // The one place where a computed key must be told to the compiler.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
}

/** Minor units; 0 where the amount is absent. Throws RangeError that names the field. */
export function money(where: string, amount: string | number | null | undefined, currency: string): number {
  try {
    return toMinor(amount ?? 0, currency)
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${where}: not an amount of money`)
    throw error
  }
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

/** The parts that are there, or undefined. */
export function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  const present = parts.filter((part) => part !== undefined)
  return present.length === 0 ? undefined : present.join(separator)
}

/** The first three faults of a document: paths and kinds, never values. */
export function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, code }) => `${path.join('.') || 'order'}: ${code}`)
    .join('; ')
}

/** A name for a document: the same for every repeat of it. */
export function digestOf(raw: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(raw) ?? 'undefined')
    .digest('base64url')
}

export function poisonOf(channel: string, id: string | undefined, reason: string, raw: unknown): PoisonOrder {
  return { channel, externalOrderId: id ?? `unreadable-${digestOf(raw).slice(0, 16)}`, reason, raw }
}
