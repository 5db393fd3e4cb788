import { createHash } from 'node:crypto'

/** {@link Delivery.key} of these parts: as they are where they fit, else their digest. */
export function deliveryKey(...parts: readonly string[]): string {
  const plain = parts.join(':')
  return /^[A-Za-z0-9._:-]{1,100}$/.test(plain) ? plain : digestOf(parts.join('\n'))
}

/** SHA-256 in hex. */
export function digestOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** What is kept of a delivery: our own extract. */
export function keptBody(extract: object): Buffer {
  return Buffer.from(JSON.stringify(extract))
}

/** The JSON in what was sent or kept; undefined where there is none. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}
