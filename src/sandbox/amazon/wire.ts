import type { SandboxReply, SandboxRequest } from '../stand-in.ts'

export type Json = Readonly<Record<string, unknown>>

const BAD_INPUT = 'The input you have submitted is not valid. Please check your input and try again.'
const DENIED = 'Access to requested resource is denied.'
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/
const ORDER_ID = /^\d{3}-\d{7}-\d{7}$/

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The error list of SP-API (contract section 6). */
export function errorReply(status: number, code: string, message: string, details = ''): SandboxReply {
  return { status, body: { errors: [{ code, message, details }] } }
}

export function invalidInput(details = '', message = BAD_INPUT): SandboxReply {
  return errorReply(400, 'InvalidInput', message, details)
}

/** 403 in the vendor's one form; only `details` says why, and often it does not (contract section 6). */
export function denied(details = ''): SandboxReply {
  const reply = errorReply(403, 'Unauthorized', DENIED, details)
  return { ...reply, headers: { 'x-amzn-errortype': 'AccessDeniedException' } }
}

export function notFound(what: string): SandboxReply {
  return errorReply(404, 'NotFound', `${what} was not found.`)
}

/** 3-7-7 with dashes (contract section 4). */
export function isOrderId(text: unknown): text is string {
  return typeof text === 'string' && ORDER_ID.test(text)
}

/** Epoch milliseconds of an ISO 8601 text; a time without a zone is UTC. */
export function parseTime(text: string): number | undefined {
  const found = TIME.exec(text)
  if (found === null) return undefined
  const zoned = found[1] === undefined || found[4] !== undefined ? text : `${text}Z`
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? undefined : at
}

/** v2026-01-01 writes milliseconds (contract section 8). */
export function isoMs(at: number): string {
  return new Date(at).toISOString()
}

/** v0 writes whole seconds (contract section 8). */
export function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** The JSON object of a body, or the reply that refuses it. */
export function readJsonBody(request: SandboxRequest): { readonly body: Json } | { readonly refused: SandboxReply } {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type)) {
    return { refused: errorReply(415, 'UnsupportedMediaType', 'The content-type of the body must be application/json.') }
  }
  const parsed = tryJson(request.body.toString('utf8'))
  return isRecord(parsed) ? { body: parsed } : { refused: invalidInput('The body is not a JSON object.') }
}

export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A query parameter that may be given once. Lists are comma-joined in one parameter (contract section 2). */
export function listOf(query: URLSearchParams, name: string): readonly string[] {
  const text = query.get(name)
  return text === null || text === '' ? [] : text.split(',')
}

/**
 * JSON merge patch: null removes a key. One addition, for editing one line of an order: an object
 * patched onto an array is taken as index -> patch.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  if (Array.isArray(target)) return patchList(target, patch)
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

function patchList(target: readonly unknown[], patch: Json): unknown[] {
  const list: unknown[] = [...target]
  for (const [index, value] of Object.entries(patch)) list[Number(index)] = mergePatch(list[Number(index)], value)
  return list
}
