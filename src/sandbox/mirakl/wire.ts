import type { SandboxReply, SandboxRequest } from '../stand-in.ts'

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/
const MICROS = 6

/** The error body of section 8. */
export function fail(status: number, message: string, code?: string): SandboxReply {
  return { status, body: { status, message, ...(code === undefined ? {} : { code }) } }
}

/** A 400 VALIDATION_ERROR that names the field. */
export function invalid(field: string, message: string): SandboxReply {
  return {
    status: 400,
    body: { status: 400, code: 'VALIDATION_ERROR', message: 'Input validation failed', errors: [{ field, message }] },
  }
}

export function isReply(value: unknown): value is SandboxReply {
  return isRecord(value) && typeof value['status'] === 'number'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The JSON object of a request, or the refusal. Wrapped, since a body may itself look like a reply. */
export function jsonBody(
  request: SandboxRequest,
): { readonly body: Record<string, unknown> } | { readonly refusal: SandboxReply } {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type)) return { refusal: fail(415, `Content-Type '${type}' is not supported.`) }
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'))
    if (isRecord(parsed)) return { body: parsed }
  } catch {
    return { refusal: fail(400, 'Malformed JSON.') }
  }
  return { refusal: fail(400, 'The body must be a JSON object.') }
}

/** Epoch milliseconds of a query or seed time; NaN when it is not one. */
export function parseTime(value: string): number {
  return TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN
}

/** To the second, as most order fields of the vendor's example are. */
export function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** To the millisecond; a whole second is written without. */
export function millis(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

export function comma(value: string | null): readonly string[] {
  return value === null
    ? []
    : value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
}

/** A whole number of a query; undefined when absent, NaN when it is something else. */
export function wholeNumber(value: string | null): number | undefined {
  if (value === null || value === '') return undefined
  return /^-?\d+$/.test(value) ? Number(value) : Number.NaN
}

/** Exact sums of decimal amounts; they leave as JSON numbers (section 10). */
export function decimal(value: string | number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value))
  if (match === null) throw new Error(`'${value}' is not a decimal amount.`)
  const [, sign, whole, fraction = ''] = match
  const units = BigInt(`${whole}${fraction.slice(0, MICROS).padEnd(MICROS, '0')}`)
  return sign === '-' ? -units : units
}

export function amount(units: bigint): number {
  return Number(units) / 10 ** MICROS
}

/** Seek token: opaque, carries the whole query and the place reached. */
export function encodeToken(content: { readonly query: string; readonly at: readonly (number | string)[] }): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

export function decodeToken(
  token: string,
): { readonly query: URLSearchParams; readonly at: readonly (number | string)[] } | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    if (!isRecord(parsed) || typeof parsed['query'] !== 'string' || !Array.isArray(parsed['at'])) return undefined
    return { query: new URLSearchParams(parsed['query']), at: parsed['at'] as (number | string)[] }
  } catch {
    return undefined
  }
}
