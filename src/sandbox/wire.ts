import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Delivery } from './faults.ts'
import type { SandboxReply, SandboxRequest } from './stand-in.ts'

const BODY_LIMIT = 10 * 1024 * 1024
const DRIBBLES = 8

/** A reply as bytes. Header names are lower case. */
export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The request with its body; `undefined` when the body is too long or the client went away. */
export async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | 'too-long' | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of incoming) {
      const piece = chunk as Buffer
      size += piece.length
      // Read on without keeping it: a client that is still writing would not see the answer.
      if (size <= BODY_LIMIT) chunks.push(piece)
    }
  } catch {
    return undefined
  }
  if (size > BODY_LIMIT) return 'too-long'
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: flatten(incoming.headers),
    body: Buffer.concat(chunks),
  }
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

export function encode(reply: SandboxReply): WireReply {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers[name.toLowerCase()] = value
  const { body } = reply
  if (body === undefined || reply.status === 204) return { status: reply.status, headers, body: Buffer.alloc(0) }
  if (Buffer.isBuffer(body)) return { status: reply.status, headers, body }
  if (typeof body === 'string') return { status: reply.status, headers, body: Buffer.from(body) }
  headers['content-type'] ??= 'application/json; charset=utf-8'
  return { status: reply.status, headers, body: Buffer.from(JSON.stringify(body)) }
}

/** What the client gets to see of a delivery; `undefined` when it gets nothing. */
export function visible(delivery: Delivery): WireReply | undefined {
  if (delivery.how === 'hold') return undefined
  if (delivery.how === 'reply' || delivery.how === 'slow') return encode(delivery.reply)
  const reply = delivery.how === 'cut' ? delivery.partial : delivery.reply
  if (reply === undefined) return undefined
  const whole = encode(reply)
  return { ...whole, body: whole.body.subarray(0, Math.floor(whole.body.length / 2)) }
}

/** Puts a delivery on the socket. `date` is the vendor's idea of the time, for the Date header. */
export async function deliver(response: ServerResponse, delivery: Delivery, date: number): Promise<void> {
  const reply = visible(delivery)
  if (delivery.how === 'hold') return
  if (reply === undefined) {
    response.destroy()
    return
  }
  const headers: Record<string, string> = { ...reply.headers, date: new Date(date).toUTCString() }
  if (delivery.how === 'cut') {
    // More is promised than is sent, so the client can tell that the body broke off.
    response.writeHead(reply.status, { ...headers, 'content-length': String(reply.body.length + 1) })
    response.write(reply.body, () => response.destroy())
    return
  }
  if (delivery.how === 'slow') {
    await dribble(response, reply, headers, delivery.delayMs)
    return
  }
  if (reply.status !== 204) headers['content-length'] = String(reply.body.length)
  response.writeHead(reply.status, headers)
  response.end(reply.body)
}

async function dribble(
  response: ServerResponse,
  reply: WireReply,
  headers: Record<string, string>,
  delayMs: number,
): Promise<void> {
  await pause(delayMs)
  if (response.destroyed) return
  response.writeHead(reply.status, headers)
  const step = Math.max(1, Math.ceil(reply.body.length / DRIBBLES))
  for (let at = 0; at < reply.body.length; at += step) {
    if (response.destroyed) return
    response.write(reply.body.subarray(at, at + step))
    await pause(Math.ceil(delayMs / (2 * DRIBBLES)))
  }
  response.end()
}

// Unreferenced, so that a pending answer does not keep a finished process alive.
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
