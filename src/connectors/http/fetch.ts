import type { Transport, VendorAnswer } from '../../core/ports/gate.ts'

/** No answer of these vendors comes near this; a larger one is a fault, and reading it would take the process down. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export interface HttpRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** The answer is read whole before it is decoded, so that no multi-byte character is cut at a chunk border. Redirects are refused. */
export function fetchTransport(request: HttpRequest): Transport {
  return async (signal): Promise<VendorAnswer> => {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await readAll(response) }
  }
}

async function readAll(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES)
      throw Object.assign(new Error(`answer larger than ${MAX_ANSWER_BYTES} bytes`), { code: 'EMSGSIZE' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
