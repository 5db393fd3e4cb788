import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Answered, readMultipart, writeMultipart } from './batch-multipart.ts'
import { innerRequest, type Part } from './batch-part.ts'
import type { State } from './state.ts'
import { isRecord, isText, type Json, jsonBody, odataError } from './wire.ts'

/** What the vendor recommends not to exceed (contract section 8). */
const RECOMMENDED = 100

/**
 * POST $batch (contract section 10): JSON or multipart in, the same out unless Accept asks for JSON. The answer is a 200 whatever became of
 * the parts, and has them in another order than they came in.
 */
export function serveBatch(state: State, request: SandboxRequest, serve: (part: SandboxRequest) => SandboxReply): SandboxReply {
  const type = request.headers['content-type'] ?? ''
  const isMultipart = /^multipart\/mixed\b/i.test(type)
  const parts = isMultipart ? readMultipart(request, type) : readJson(request)
  if ('refused' in parts) return parts.refused
  const { list } = parts
  if (list.length === 0) return odataError(400, 'The batch holds no requests.')
  if (new Set(list.map(({ id }) => id)).size < list.length)
    return odataError(400, 'The ids of the requests of a batch must differ.')
  if (list.length > RECOMMENDED) state.misdeeds.push(`a batch of ${list.length} requests`)
  const answered = list.map(({ id, request: inner }): Answered => ({ id, reply: serve(inner) })).reverse()
  const asksForJson = /\bapplication\/json\b/i.test(request.headers['accept'] ?? '')
  return isMultipart && !asksForJson ? writeMultipart(answered) : { status: 200, body: { responses: answered.map(jsonForm) } }
}

function jsonForm({ id, reply }: Answered): Json {
  const { status, body } = reply
  const headers = {
    'OData-Version': '4.0',
    ...(body === undefined ? {} : { 'Content-Type': 'application/json; odata.metadata=minimal' }),
  }
  return { id, status, headers, ...(body === undefined ? {} : { body }) }
}

function readJson(request: SandboxRequest): { readonly list: readonly Part[] } | { readonly refused: SandboxReply } {
  const read = jsonBody(request)
  if ('refused' in read) return read
  const { requests } = read.body
  if (!Array.isArray(requests)) return { refused: odataError(400, "The batch must have 'requests'.") }
  const list: Part[] = []
  for (const each of requests as readonly unknown[]) {
    const { id, method, url, headers, body }: Json = isRecord(each) ? each : {}
    if (!isText(id) || !isText(method) || !isText(url))
      return { refused: odataError(400, 'Each request of a batch must have id, method and url.') }
    const sent = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    list.push({ id, request: innerRequest(request, method, url, headers, sent) })
  }
  return { list }
}
