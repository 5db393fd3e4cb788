import { connect } from 'node:net'

/** What is sent over one connection: bytes, and pauses in milliseconds between them. */
export type Wire = readonly (Buffer | string | { readonly pauseMs: number })[]

export interface Answered {
  /** The status of every answer that came, in their order; none when the connection was cut. */
  readonly statuses: readonly number[]
  /** From the first byte sent to the connection's end. */
  readonly ms: number
}

interface Sending {
  readonly port: number
  /** An address of this machine to send from; the server counts by it. */
  readonly from: string
  /** Close the sending side after the last byte, so that the server sees that there is no more. Node then breaks off what it had begun. */
  readonly ends?: boolean
}

/** Sends bytes as they are, over a connection of their own, and waits until the server has closed it. */
export function sendRaw(wire: Wire, { port, from, ends = false }: Sending): Promise<Answered> {
  const began = performance.now()
  const heard: Buffer[] = []
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from, allowHalfOpen: true })
    // A server that has refused closes while there is still something on its way to it.
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => heard.push(chunk))
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve({ statuses: statusesIn(Buffer.concat(heard)), ms: performance.now() - began }))
    socket.on('connect', () => void write())

    async function write(): Promise<void> {
      for (const part of wire) {
        if (socket.destroyed || socket.writableEnded) return
        if (typeof part === 'object' && 'pauseMs' in part) await pause(part.pauseMs)
        else await written(part)
      }
      if (ends && !socket.destroyed) socket.end()
    }

    function written(part: Buffer | string): Promise<void> {
      if (socket.write(part)) return Promise.resolve()
      return new Promise((go) => {
        const done = () => {
          socket.off('drain', done)
          socket.off('close', done)
          go()
        }
        socket.on('drain', done)
        socket.on('close', done)
      })
    }
  })
}

/** Refusals have no body, so that whatever looks like the head of an answer is one. */
function statusesIn(heard: Buffer): readonly number[] {
  return [...heard.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

function pause(ms: number): Promise<void> {
  return new Promise((go) => {
    setTimeout(go, ms)
  })
}

/** A request with these headers, and the usual ones around it; it is the last of its connection unless they say otherwise. */
export function httpRequest(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer | string = '',
): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
  const sized = method === 'GET' ? {} : { 'content-length': String(bytes.length) }
  const lines = Object.entries({ host: 'hooks.example.com', connection: 'close', ...sized, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes])
}

/** The same with its body in chunks of these sizes, and trailers behind them. */
export function inChunks(
  target: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  size: number,
  trailers: Readonly<Record<string, string>> = {},
): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  const head = httpRequest('GET', target, { ...headers, 'transfer-encoding': 'chunked' })
    .toString('latin1')
    .replace(/^GET/, 'POST')
  const tail = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(head, 'latin1'), ...chunks, Buffer.from(`0\r\n${tail.join('')}\r\n`)])
}
