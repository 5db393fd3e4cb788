import { isDecimal } from '../money.ts'
import { isRecord, isText, type Json, parseTime } from './wire.ts'

/** Typed reads from a seed document. A mistake in a seed throws at once, with the place it is in. */
export interface Reader {
  text(key: string): string | undefined
  amount(key: string): string
  count(key: string): number | undefined
  flag(key: string): boolean | undefined
  time(key: string): number | undefined
  texts(key: string): readonly string[]
  has(key: string): boolean
  raw(key: string): unknown
}

export function reader(where: string, value: unknown, keys: readonly string[]): Reader {
  if (!isRecord(value)) throw new Error(`${where}: must be an object`)
  const document: Json = value
  const unknown = Object.keys(document).filter((key) => !keys.includes(key))
  if (unknown.length > 0) throw new Error(`${where}: unknown ${unknown.join(', ')}; known: ${keys.join(', ')}`)

  function given<T>(key: string, expected: string, accept: (value: unknown) => T | undefined): T | undefined {
    const found = document[key]
    if (found === undefined || found === null) return undefined
    const accepted = accept(found)
    if (accepted === undefined) throw new Error(`${where}.${key}: must be ${expected}, got ${JSON.stringify(found)}`)
    return accepted
  }

  return {
    text: (key) => given(key, 'a text', (found) => (typeof found === 'string' ? found : undefined)),
    amount: (key) => given(key, 'a decimal text such as "12.50"', (found) => (isDecimal(found) ? found : undefined)) ?? '0',
    count: (key) => given(key, 'a whole number of 0 or more', (found) => (isCount(found) ? found : undefined)),
    flag: (key) => given(key, 'true or false', (found) => (typeof found === 'boolean' ? found : undefined)),
    time: (key) => given(key, 'epoch milliseconds or ISO 8601', readTime),
    texts: (key) =>
      given(key, 'a list of texts', (found) => (Array.isArray(found) && found.every(isText) ? found : undefined)) ?? [],
    has: (key) => document[key] !== undefined,
    raw: (key) => document[key],
  }
}

export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' ? parseTime(value) : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
