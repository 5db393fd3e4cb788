import type { SandboxReply, SandboxRequest } from '../stand-in.ts'

export type Json = Readonly<Record<string, unknown>>

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Epoch milliseconds of a UTC time as eBay writes it (contract section 2.1); undefined when it is not one. */
export function parseTime(text: string): number | undefined {
  const at = TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

export function isoMs(at: number): string {
  return new Date(at).toISOString()
}

/** A whole number of 0 or more in a query or an XML text; undefined when it is not one. */
export function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

export interface RestFault {
  readonly errorId: number
  readonly message: string
  readonly domain?: string
  /** Default REQUEST. */
  readonly category?: 'REQUEST' | 'BUSINESS' | 'APPLICATION'
  readonly parameters?: Readonly<Record<string, string>>
}

/** One node of `errors` (contract section 7). */
export function errorNode({ errorId, message, domain, category, parameters }: RestFault): Json {
  const named = Object.entries(parameters ?? {}).map(([name, value]) => ({ name, value }))
  return {
    errorId,
    domain: domain ?? 'ACCESS',
    category: category ?? 'REQUEST',
    message,
    longMessage: message,
    ...(named.length === 0 ? {} : { parameters: named }),
  }
}

/** The REST error body of section 7. */
export function restError(status: number, fault: RestFault): SandboxReply {
  return { status, body: { errors: [errorNode(fault)] } }
}

export function isReply(value: unknown): value is SandboxReply {
  return isRecord(value) && typeof value['status'] === 'number'
}

/** The JSON object of a request; wrapped, since a body may itself look like a reply. */
export function jsonBody(request: SandboxRequest): { readonly body: Json } | { readonly refused: SandboxReply } {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type)) {
    return { refused: restError(415, { errorId: 2004, message: `Content-Type '${type}' is not supported.` }) }
  }
  try {
    const parsed: unknown = JSON.parse(request.body.toString('utf8'))
    if (isRecord(parsed)) return { body: parsed }
  } catch {
    // Told below.
  }
  return { refused: restError(400, { errorId: 2004, message: 'The body is not a JSON object.' }) }
}
