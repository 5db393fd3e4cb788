import type { SandboxRequest } from '../stand-in.ts'
import { isRecord, originOf } from './wire.ts'

/** One request of a batch, as if it had come alone. */
export interface Part {
  readonly id: string
  readonly request: SandboxRequest
}

/** The address may be absolute, or from the host or the service root on. */
export function innerRequest(outer: SandboxRequest, method: string, url: string, headers: unknown, body: string): SandboxRequest {
  const { pathname, search } = new URL(url, `${originOf(outer)}/v1/`)
  const given = Object.entries(isRecord(headers) ? headers : {}).map(([name, value]) => [name.toLowerCase(), String(value)])
  return {
    method: method.toUpperCase(),
    path: pathname,
    query: new URLSearchParams(search),
    headers: { host: outer.headers['host'] ?? '', ...Object.fromEntries(given) },
    body: Buffer.from(body),
  }
}
