import type { z } from 'zod'
import { oneLine } from '../config/problems.ts'
import type { Read } from './setting-keys.ts'

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** An operator's text read as the configuration file would read it. */
export function readText<T>(schema: z.ZodType<T>, text: string): Read<T> {
  const result = schema.safeParse(text)
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, why: `${result.error.issues[0]?.message ?? 'is not allowed'}, got '${oneLine(text, 40)}'` }
}

/** What a key of the file is where it is not given; undefined where it has no default. */
export function defaultOf<T>(schema: z.ZodType<T>, textOf: (value: T) => string): string | undefined {
  const result = schema.safeParse(undefined)
  return result.success ? shown(result.data, textOf) : undefined
}

/** A value as text; undefined stays undefined. */
export function shown<T>(value: T | undefined, textOf: (value: T) => string): string | undefined {
  return value === undefined ? undefined : textOf(value)
}

/** What was read, made into something else. */
export function mapped<T, U>(read: Read<T>, to: (value: T) => U): Read<U> {
  return read.ok ? { ok: true, value: to(read.value) } : read
}

/** 14 400 000 -> `4h`. */
export function durationText(ms: number): string {
  const [unit, length] = units.find(([, size]) => ms % size === 0 && ms > 0) ?? ['ms', 1]
  return `${ms / length}${unit}`
}
