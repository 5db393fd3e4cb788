import type { Position } from './store.ts'
import { isRecord, tryJson } from './wire.ts'

/** What a page token stands for. It carries its own state, so repeating a page gives that page again. */
export interface PageToken {
  readonly kind: 'search' | 'v0'
  /** The parameters that the token is bound to. */
  readonly bound: string
  /** End of the window, fixed by the first page. */
  readonly to: number
  readonly after: Position
  readonly issuedAt: number
}

export function encodeToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64')
}

export function decodeToken(text: string, kind: PageToken['kind']): PageToken | undefined {
  const token = tryJson(Buffer.from(text, 'base64').toString('utf8'))
  if (!isRecord(token) || token['kind'] !== kind) return undefined
  const { bound, to, after, issuedAt } = token
  if (typeof bound !== 'string' || typeof to !== 'number' || typeof issuedAt !== 'number' || !isRecord(after)) return undefined
  const { at, id } = after
  if (typeof at !== 'number' || typeof id !== 'string') return undefined
  return { kind, bound, to, after: { at, id }, issuedAt }
}
