import type { SandboxReply } from '../stand-in.ts'

export type Json = Readonly<Record<string, unknown>>

/** An id of the vendor's as it stands in JSON. */
const QUOTED_ID = /"((?:item|group|location|warehouse|organization)_id)":"(\d+)"/g
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$/

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Success is code 0 (contract section 8). */
export function ok(content: Json): SandboxReply {
  return { status: 200, body: { code: 0, message: 'success', ...content } }
}

/** The error body of section 8. */
export function fail(status: number, code: number, message: string): SandboxReply {
  return { status, body: { code, message } }
}

/** Section 8: a request that is the caller's fault. */
export function invalidValue(name: string): SandboxReply {
  return fail(400, 2, `Invalid value passed for ${name}`)
}

export function isReply(value: unknown): value is SandboxReply {
  return isRecord(value) && typeof value['status'] === 'number'
}

/** Epoch ms of `yyyy-MM-ddTHH:mm:ss` with an offset (section 3); undefined when it is not one. */
export function parseTime(text: string): number | undefined {
  const found = TIME.exec(text)
  if (found === null) return undefined
  const at = Date.parse(`${found[1]}${found[2]}`)
  return Number.isNaN(at) ? undefined : at
}

/** Whole seconds with an offset without colon: `2026-11-01T02:00:00-0800`. */
export function timeAt(ms: number, offsetMinutes: number): string {
  const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19)
  const minutes = Math.abs(offsetMinutes)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}

/** A whole number of a query; undefined when absent, NaN when it is something else. */
export function wholeNumber(value: string | null): number | undefined {
  if (value === null || value === '') return undefined
  return /^\d+$/.test(value) ? Number(value) : Number.NaN
}

/** Objects by key; `'$absent'` takes a key away. Everything else replaces. */
export function overlay(base: Json, patch: Json): Json {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (value === '$absent') delete merged[key]
    else merged[key] = value
  }
  return merged
}

/** Decimals as people write them; a sum of tenths stays a number of tenths. */
export function plus(a: number, b: number): number {
  return Math.round((a + b) * 1e6) / 1e6
}

/** JSON in which ids are numbers of 19 digits, which a JavaScript number cannot hold. */
export function jsonWithNumericIds(value: unknown): string {
  return JSON.stringify(value).replace(QUOTED_ID, '"$1":$2')
}
