import { isDecimal } from '../money.ts'
import { isRecord, isText, type Json } from './wire.ts'

/** Typed reads from a seed or an action. A mistake throws at once, with the place it is in. */
export interface Reader {
  readonly where: string
  text(key: string): string | undefined
  /** `null` means: there is none. */
  textOr(key: string, fallback: string | null): string | null
  amount(key: string): string | undefined
  count(key: string): number | undefined
  /** May be below 0. */
  whole(key: string): number | undefined
  flag(key: string): boolean | undefined
  /** Epoch milliseconds; ISO text is taken as well. */
  time(key: string): number | undefined
  oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined
  texts(key: string): readonly string[] | undefined
  list(key: string): readonly unknown[] | undefined
  object(key: string): Json | undefined
  /** A reader of the object under the key; of an empty one when there is none. */
  inner(key: string, keys: readonly string[]): Reader
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
    if (found === undefined) return undefined
    const accepted = accept(found)
    if (accepted === undefined) throw new Error(`${where}.${key}: must be ${expected}, got ${JSON.stringify(found)}`)
    return accepted
  }

  const text = (key: string) => given(key, 'a text', (found) => (typeof found === 'string' ? found : undefined))
  return {
    where,
    text,
    textOr: (key, fallback) => (document[key] === null ? null : (text(key) ?? fallback)),
    amount: (key) => given(key, 'a decimal text such as "12.50"', (found) => (isDecimal(found) ? found : undefined)),
    count: (key) => given(key, 'a whole number of 0 or more', (found) => (isCount(found) ? found : undefined)),
    whole: (key) => given(key, 'a whole number', (found) => (Number.isSafeInteger(found) ? Number(found) : undefined)),
    flag: (key) => given(key, 'true or false', (found) => (typeof found === 'boolean' ? found : undefined)),
    time: (key) => given(key, 'epoch milliseconds or ISO 8601', readTime),
    oneOf: (key, allowed) => given(key, `one of ${allowed.join(', ')}`, (found) => allowed.find((one) => one === found)),
    texts: (key) => given(key, 'a list of texts', (found) => (Array.isArray(found) && found.every(isText) ? found : undefined)),
    list: (key) => given(key, 'a list', (found) => (Array.isArray(found) ? (found as readonly unknown[]) : undefined)),
    object: (key) => given(key, 'an object', (found) => (isRecord(found) ? found : undefined)),
    inner: (key, known) => reader(`${where}.${key}`, document[key] ?? {}, known),
    has: (key) => document[key] !== undefined,
    raw: (key) => document[key],
  }
}

function readTime(value: unknown): number | undefined {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) ? at : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
