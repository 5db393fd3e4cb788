import { createHash, randomUUID } from 'node:crypto'
import type { Outgoing } from '../stand-in.ts'
import { reader } from './compact.ts'

const KEYS = ['url', 'verification_token', 'endpoint', 'user', 'topics', 'retry_after_ms', 'spaced', 'remove']
const TOKEN = /^[A-Za-z0-9_-]{32,80}$/
const RETRY_MS = 60_000

/** Where messages go. `challenged` until the endpoint has answered the handshake; only an `enabled` one gets messages. */
export interface Destination {
  readonly url: string
  readonly verificationToken: string
  /** As it was typed in at eBay, which the handshake is about: behind a proxy it is not where the message arrives. */
  readonly endpoint: string
  /** Only of this seller; undefined: of every one. */
  readonly user: string | undefined
  /** Undefined: all. */
  readonly topics: readonly string[] | undefined
  readonly retryAfterMs: number
  /** The body is sent with blanks that the signature does not know of, as eBay signs what it serialises. */
  readonly spaced: boolean
  status: 'challenged' | 'enabled' | 'refused'
  why: string | undefined
}

/** `remove`: forget the one with this address. */
export function readDestination(argument: unknown): { readonly url: string; readonly made: Destination | undefined } {
  const given = reader('destination', argument, KEYS)
  const url = given.text('url')
  if (url === undefined) throw new Error('destination: give the url')
  if (given.flag('remove') === true) return { url, made: undefined }
  const verificationToken = given.text('verification_token') ?? ''
  if (!TOKEN.test(verificationToken)) throw new Error('destination.verification_token: 32 to 80 letters, digits, - and _')
  const made: Destination = {
    url,
    verificationToken,
    endpoint: given.text('endpoint') ?? url,
    user: given.text('user'),
    topics: given.texts('topics'),
    retryAfterMs: given.count('retry_after_ms') ?? RETRY_MS,
    spaced: given.flag('spaced') ?? false,
    status: 'challenged',
    why: undefined,
  }
  return { url, made }
}

/** GET with a challenge code, to be answered with what only the owner of the token can say (contract section 6.1). */
export function handshake(destination: Destination): Outgoing {
  const { url, verificationToken, endpoint } = destination
  const code = randomUUID()
  const expected = createHash('sha256').update(code).update(verificationToken).update(endpoint).digest('hex')
  const mark = url.includes('?') ? '&' : '?'
  return {
    url: `${url}${mark}challenge_code=${code}`,
    topic: 'challenge',
    request: () => ({ method: 'GET', headers: { accept: 'application/json' } }),
    ended({ status, body }) {
      const why = status === 200 ? complaintAbout(body, expected) : `status ${status} instead of 200`
      Object.assign(destination, { status: why === undefined ? 'enabled' : 'refused', why })
    },
  }
}

function complaintAbout(body: string, expected: string): string | undefined {
  try {
    const answer = JSON.parse(body) as { readonly challengeResponse?: unknown } | null
    return answer?.challengeResponse === expected ? undefined : 'another challengeResponse than that of token and endpoint'
  } catch {
    return 'the answer is not JSON'
  }
}
