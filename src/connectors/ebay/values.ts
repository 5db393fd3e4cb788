import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { toMinor } from '../../core/model/money.ts'
import type { PoisonOrder } from '../../core/model/order.ts'

/** An ISO instant -> epoch ms. Undefined when it is absent or no instant. */
export function parseTime(iso: string | undefined): number | undefined {
  if (iso === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso)) return undefined
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`)
  return Number.isNaN(at) ? undefined : at
}

/** As {@link parseTime}; throws RangeError naming the field. */
export function requiredTime(iso: string | undefined, where: string): number {
  const at = parseTime(iso)
  if (at === undefined) throw new RangeError(`${where}: not an instant`)
  return at
}

/** The earliest of several instants, of those that are there. */
export function earliest(times: readonly (string | undefined)[]): number | undefined {
  const known = times.map(parseTime).filter((at) => at !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** `{ key: value }`, or nothing to spread where the value is absent. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // The one place where a computed key must be told to the compiler.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
}

/** An amount with its currency, as text. */
export interface Money {
  readonly value: string
  readonly currency: string
}

/** Minor units of `currency`; 0 where the amount is absent. Throws RangeError that names the field, also for another currency. */
export function minor(amount: Money | undefined, currency: string, where: string): number {
  if (amount === undefined) return 0
  if (amount.currency !== currency) throw new RangeError(`${where}: in another currency than the order's total`)
  try {
    return toMinor(amount.value, currency)
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${where}: not an amount of money`)
    throw error
  }
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
export function poisonOf(channel: string, id: unknown, reason: string, raw: unknown): PoisonOrder {
  const known = typeof id === 'string' && id.trim() !== '' ? id.trim() : undefined
  const digest = createHash('sha256').update(JSON.stringify(raw) ?? '')
  return { channel, externalOrderId: known ?? `unreadable-${digest.digest('hex').slice(0, 16)}`, reason, raw }
}
