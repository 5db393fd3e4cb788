import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { innerRequest, type Part } from './batch-part.ts'
import { odataError } from './wire.ts'

export interface Answered {
  readonly id: string
  readonly reply: SandboxReply
}

const BOUNDARY = 'batchresponse_sandbox'
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  404: 'Not Found',
}

/** A part is an HTTP request as text; parts may lie in a changeset. */
export function readMultipart(
  outer: SandboxRequest,
  type: string,
): { readonly list: readonly Part[] } | { readonly refused: SandboxReply } {
  const list: Part[] = []
  for (const text of partsOf(outer.body.toString('utf8'), type)) {
    const { headers, rest } = headed(text)
    const id = headers.get('content-id') ?? String(list.length + 1)
    const { first, headers: inner, rest: body } = requestOf(rest)
    const [, method = '', url = ''] = /^([A-Za-z]+) (\S+) HTTP\/\d/.exec(first) ?? []
    if (method === '') return { refused: odataError(400, `The request of part ${id} cannot be read.`) }
    list.push({ id, request: innerRequest(outer, method, url, Object.fromEntries(inner), body) })
  }
  return { list }
}

/** The texts between the boundaries, those of changesets inside included. */
function partsOf(body: string, type: string): readonly string[] {
  const boundary = /boundary="?([^";\s]+)"?/i.exec(type)?.[1]
  if (boundary === undefined) return []
  const between = body.split(`--${boundary}`).slice(1)
  return between.flatMap((part) => {
    if (part.startsWith('--')) return []
    const text = part.replace(/^\r?\n/, '').replace(/\r?\n$/, '')
    const { headers, rest } = headed(text)
    const own = headers.get('content-type') ?? ''
    return /^multipart\/mixed\b/i.test(own) ? partsOf(rest, own) : [text]
  })
}

function requestOf(text: string): {
  readonly first: string
  readonly headers: ReadonlyMap<string, string>
  readonly rest: string
} {
  const trimmed = text.replace(/^(\r?\n)+/, '')
  const end = trimmed.search(/\r?\n/)
  if (end < 0) return { first: trimmed, headers: new Map(), rest: '' }
  return { first: trimmed.slice(0, end), ...headed(trimmed.slice(end).replace(/^\r?\n/, '')) }
}

/** Header lines up to the first empty one, and what follows. */
function headed(text: string): { readonly headers: ReadonlyMap<string, string>; readonly rest: string } {
  const [head = '', ...tail] = text.split(/\r?\n\r?\n/)
  const lines = head.split(/\r?\n/).map((line) => /^([^:\s]+):\s*(.*?)\s*$/.exec(line))
  const pairs = lines.flatMap((found) => (found === null ? [] : [[(found[1] ?? '').toLowerCase(), found[2] ?? ''] as const]))
  return { headers: new Map(pairs), rest: tail.join('\r\n\r\n').trim() }
}

export function writeMultipart(answered: readonly Answered[]): SandboxReply {
  const parts = answered.map(({ id, reply: { status, body } }) =>
    [
      `--${BOUNDARY}`,
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${id}`,
      '',
      `HTTP/1.1 ${status} ${REASONS[status] ?? 'Other'}`,
      ...(body === undefined ? [] : ['Content-Type: application/json; odata.metadata=minimal']),
      'OData-Version: 4.0',
      '',
      body === undefined ? '' : JSON.stringify(body),
    ].join('\r\n'),
  )
  const headers = { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` }
  return { status: 200, headers, body: `${[...parts, `--${BOUNDARY}--`].join('\r\n')}\r\n` }
}
