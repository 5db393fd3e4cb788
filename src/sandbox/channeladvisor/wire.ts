import type { SandboxReply, SandboxRequest } from '../stand-in.ts'

export type Json = Readonly<Record<string, unknown>>

const UTC = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d))?$/
/** 100 nanoseconds are one tick, as on the vendor's machines. */
const TICKS_PER_MS = 10_000n

const raw = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** A JSON number with the digits of its text: no detour over binary fractions. */
export function exactNumber(text: string): unknown {
  return raw(text)
}

/** A UTC time with up to seven fractional digits and no trailing zeros; `salt` gives the digits that milliseconds do not have. */
export function utcText(at: number, salt: number): string {
  const whole = new Date(at).toISOString()
  const ticks = String((salt * 7919) % 10_000).padStart(4, '0')
  const fraction = `${whole.slice(20, 23)}${ticks}`.replace(/0+$/, '')
  return `${whole.slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`
}

/** A list of ten thousand orders is read page by page, and each page looks at all of their times. */
const known = new Map<string, bigint | undefined>()
const MOST_KNOWN = 100_000

/** Ticks since 1970 of a date or of a time with its zone; undefined when it is neither. */
export function ticksOf(text: string): bigint | undefined {
  if (known.has(text)) return known.get(text)
  if (known.size >= MOST_KNOWN) known.clear()
  const ticks = readTicks(text)
  known.set(text, ticks)
  return ticks
}

function readTicks(text: string): bigint | undefined {
  const found = UTC.exec(text)
  if (found === null) return undefined
  const [, day, time, fraction = '', zone = 'Z'] = found
  const at = Date.parse(time === undefined ? `${day}T00:00:00Z` : `${day}T${time}${zone}`)
  return Number.isNaN(at) ? undefined : BigInt(at) * TICKS_PER_MS + BigInt(fraction.slice(0, 7).padEnd(7, '0'))
}

/** Epoch milliseconds of such a time. */
export function msOf(text: string): number | undefined {
  const ticks = ticksOf(text)
  return ticks === undefined ? undefined : Number(ticks / TICKS_PER_MS)
}

/** The body of OData's own mistakes (contract section 11). */
export function odataError(status: number, message: string): SandboxReply {
  return { status, body: { error: { code: '', message } } }
}

/** The body of everything in front of OData: routes, rights, limits (contract section 11). */
export function apiError(status: number, message: string): SandboxReply {
  return { status, body: { Message: message } }
}

export function noSuchRoute(request: SandboxRequest): SandboxReply {
  return apiError(404, `No HTTP resource was found that matches the request URI '${originOf(request)}${request.path}'.`)
}

export function noSuchEntity(): SandboxReply {
  return { status: 404, body: { $id: '1', Message: 'Resource not found for the segment.' } }
}

export const NO_CONTENT: SandboxReply = { status: 204 }

export function isReply(value: unknown): value is SandboxReply {
  return isRecord(value) && typeof value['status'] === 'number'
}

/** Where the client found the service: the vendor's links are absolute. */
export function originOf(request: SandboxRequest): string {
  return `http://${request.headers['host'] ?? 'api.channeladvisor.com'}`
}

/** The JSON object of a request; wrapped, since a body may itself look like a reply. */
export function jsonBody(request: SandboxRequest): { readonly body: Json } | { readonly refused: SandboxReply } {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type)) {
    return { refused: apiError(415, `The request entity's media type '${type}' is not supported for this resource.`) }
  }
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'))
    if (isRecord(parsed)) return { body: parsed }
  } catch {
    // Told below.
  }
  return { refused: odataError(400, 'The request body is not a JSON object.') }
}
