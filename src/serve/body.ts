import type { IncomingMessage } from 'node:http'

/** The body as it came; undefined: it is larger than `most` bytes, and the rest of it was not read. Rejects when the sender breaks off. */
export function bodyOf(incoming: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined)
  if (incoming.destroyed) return Promise.reject(brokenOff())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    function take(chunk: Buffer): void {
      size += chunk.length
      if (size <= most) {
        chunks.push(chunk)
        return
      }
      // Not destroyed: it is to be answered.
      incoming.off('data', take)
      incoming.pause()
      resolve(undefined)
    }
    incoming.on('data', take)
    incoming.once('end', () => resolve(Buffer.concat(chunks)))
    incoming.once('error', reject)
    incoming.once('close', () => reject(brokenOff()))
  })
}

function brokenOff(): Error {
  return new Error('the sender broke off')
}
