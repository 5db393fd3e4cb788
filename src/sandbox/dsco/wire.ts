import type { SandboxReply, SandboxRequest } from '../stand-in.ts'

export type Json = Readonly<Record<string, unknown>>

/** ISO 8601 with a zone, as the model's date-time asks for. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

/** A text; undefined for null, empty and everything else. */
export function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** Epoch milliseconds; undefined when it is no date-time. */
export function parseTime(value: unknown): number | undefined {
  const at = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** Deterministic, and of the shape of a UUID. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** ApiResponseMessage of the model. */
export interface Message {
  readonly code: string
  readonly severity: 'info' | 'warn' | 'error'
  readonly description: string
}

export function problem(code: string, description: string): Message {
  return { code, severity: 'error', description }
}

/** What an API refuses in its own words. The vendor publishes no error body: this is the one its update calls answer with. */
export function refused(status: number, messages: readonly Message[], at: number): SandboxReply {
  return { status, body: { status: 'failure', requestId: uuid(0), eventDate: iso(at), messages } }
}

/** What is turned away before any API sees it. */
export function turnedAway(status: number, message: string): SandboxReply {
  return { status, body: { message } }
}

export function isReply(value: unknown): value is SandboxReply {
  return isRecord(value) && typeof value['status'] === 'number'
}

/** The JSON of a request, wrapped; undefined when it is none. */
export function jsonBody(request: SandboxRequest): { readonly json: unknown } | undefined {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return undefined
  return parseJson(request.body.toString('utf8'))
}

export function parseJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
