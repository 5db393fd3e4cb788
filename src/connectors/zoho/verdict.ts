import {
  AuthError,
  type ConnectorError,
  PermanentError,
  RetryableError,
  ThrottledError,
  type VendorCallFacts,
} from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { errorOf, safeText } from '../http/classify.ts'
import { jsonOf } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import type { ZohoSettings } from './settings.ts'
import { verdictBody } from './wire.ts'

const MINUTE_MS = 60_000

/** Zoho's codes that mean the same under any status (contract sections 7 and 8). */
const codes = {
  minute: '44',
  day: '45',
  concurrency: '1070',
  token: '57',
  stranger: '6041',
  gone: '1002',
  broken: '1000',
} as const

/** What Zoho said about a call: its code ('' where there is none, '0' for success) and its words, made safe. */
export interface Said {
  readonly code: string
  readonly message: string
}

/** Read once per answer: a page of items is long. */
export function saidBy(answer: VendorAnswer): Said {
  const body = verdictBody.safeParse(jsonOf(answer))
  return { code: String(body.data?.code ?? '').trim(), message: safeText(body.data?.message ?? '') }
}

/** Worth one fresh token. */
export function tokenRefused(answer: VendorAnswer, { code }: Said): boolean {
  return answer.status === 401 || code === codes.token
}

type Limit = 'minute' | 'day' | 'concurrency'

/** Which limit an answer speaks of; any other 429 counts as the minute's, without proof that it was. */
export function limitOf(answer: VendorAnswer, { code }: Said): Limit | 'unnamed' | undefined {
  if (code === codes.day) return 'day'
  if (code === codes.concurrency) return 'concurrency'
  if (code === codes.minute) return 'minute'
  return answer.status === 429 ? 'unnamed' : undefined
}

/** How long everybody waits after a limit that is not the day's. Calls at one time: a few seconds, not the same for all processes. */
export function waitAfter(limit: Exclude<Limit, 'day'> | 'unnamed', answer: VendorAnswer, now: number): number {
  const asked = retryAfterMs(answer.headers['retry-after'], now)
  if (limit === 'concurrency') return asked ?? 2000 + (now % 3000)
  return asked ?? MINUTE_MS
}

/** An answer over a limit (contract section 7), in words for the operator. */
export function throttledBy(limit: Limit | 'unnamed', facts: VendorCallFacts, waitMs: number): ThrottledError {
  const what = {
    minute: 'more than 100 calls in a minute for the organization, by all tools that use it',
    day: "the day's calls of the organization are used up; see its plan and which other tools call it. Nothing is read until then",
    concurrency: 'too many calls at one time for the organization, by all tools that use it',
    unnamed: 'too many calls',
  }[limit]
  const wait = waitMs < 2 * MINUTE_MS ? `${Math.ceil(waitMs / 1000)} s` : `${Math.ceil(waitMs / MINUTE_MS)} min`
  return new ThrottledError(`answered ${facts.status}: ${what}; next try in ${wait}`, { ...facts, waitMs })
}

/**
 * The answer's error class where it is not about a limit (contract section 8). Undefined for a good answer: status 2xx and code 0, or no
 * code, whose body the caller then has to make sense of.
 */
export function errorIn(
  account: string,
  settings: ZohoSettings,
  call: VendorCall,
  answer: VendorAnswer,
  { code, message }: Said,
): ConnectorError | undefined {
  const facts = { account, operation: call.operation, status: answer.status }
  const said = [code === '' ? `answered ${answer.status}` : `answered ${answer.status} with code ${code}`, message]
  const words = (...more: string[]) => [...said, ...more].filter((part) => part !== '').join('; ')
  if (tokenRefused(answer, { code, message }))
    return new AuthError(
      words('a fresh token was refused too: the token is for another data centre or organization, or lacks a scope'),
      facts,
    )
  if (code === codes.stranger) {
    const hint = `organization ${settings.organizationId} is not one of this user's, or was not opened in data centre ${settings.dataCenter}: compare zoho.organization_id and zoho.data_center`
    return new AuthError(words(hint), facts)
  }
  if (answer.status === 403)
    return new AuthError(words('the scopes ZohoInventory.items.READ and ZohoInventory.settings.READ are needed'), facts)
  if (code === codes.broken) return new RetryableError(words(), facts)
  // A server that fails says nothing about the question.
  if (answer.status < 200 || answer.status >= 300)
    return errorOf(account, call, answer, {
      waitMs: 0,
      message: [code === '' ? '' : `code ${code}`, message].filter(Boolean).join(', '),
    })
  return code === '' || code === '0' ? undefined : new PermanentError(words(), facts)
}

/** The item that was asked for does not exist, or no longer. */
export function saysGone({ code, message }: Said): boolean {
  return code === codes.gone || (code !== '' && code !== '0' && /does not exist/i.test(message))
}
