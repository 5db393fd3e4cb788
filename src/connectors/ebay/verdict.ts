import { AuthError, type ConnectorError, PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import { jsonOf } from '../http/json.ts'
import { complaintNodes, restErrors } from './wire-errors.ts'
import type { XmlBody } from './xml.ts'

/** One error or notice, as eBay gave it, its words made safe. */
export interface Complaint {
  readonly code: string
  readonly text: string
  /** False: a notice; the call was carried out. */
  readonly isError: boolean
  /** eBay calls it a fault of its own. */
  readonly isSystem: boolean
}

/** eBay's codes that mean the same under any status (contract section 7). */
const codes = {
  /** A fresh token mends it; 1100 too, where the refused one had expired. */
  token: new Set(['1001', '1100', '21917053', '21916984', '931', '932']),
  /** Credentials, consent or seller account: nothing mends it but a person. */
  auth: new Set(['930', '1002', '1003', '1100', '16110']),
  throttled: new Set(['518', '2001']),
  retryable: new Set(['10007', '219255', '25001', '25025', '30500', '2003']),
}

/** Every error of a Trading answer, not only the first. */
export function complaintsInXml(body: XmlBody): readonly Complaint[] {
  return complaintNodes.parse(body['Errors']).map((node) => ({
    code: node.ErrorCode ?? '',
    text: joined(node.ErrorCode, node.ShortMessage, node.LongMessage),
    isError: node.SeverityCode !== 'Warning',
    isSystem: node.ErrorClassification === 'SystemError',
  }))
}

/** The errors of a REST answer, without its warnings. */
export function complaintsInJson(answer: VendorAnswer): readonly Complaint[] {
  const errors = restErrors.safeParse(jsonOf(answer)).data?.errors ?? []
  return errors.map(complaintOf)
}

/** An error of a REST answer, or of one entry in it. */
export function complaintOf(error: RestError): Complaint {
  return {
    code: String(error.errorId ?? ''),
    text: joined(String(error.errorId ?? ''), error.message, error.longMessage),
    isError: true,
    isSystem: error.category === 'APPLICATION',
  }
}

type RestError = NonNullable<ReturnType<typeof restErrors.parse>['errors']>[number]

function joined(code: string | undefined, short: string | undefined, long: string | undefined): string {
  const words = [...new Set([short ?? '', long ?? ''].map(safeText))].filter((part) => part !== '')
  return [code ?? '', words.join(' ')].filter((part) => part !== '').join(': ')
}

/** Worth one fresh token (contract section 7). */
export function tokenRefused({ status }: VendorAnswer, complaints: readonly Complaint[]): boolean {
  return status === 401 || complaints.some(({ code, isError }) => isError && codes.token.has(code))
}

/** eBay's own word that a limit is reached, whatever the status says: a 429 may come as `Access denied`, 518 comes with 200. */
export function saysThrottled({ status }: VendorAnswer, complaints: readonly Complaint[]): boolean {
  return status === 429 || complaints.some(({ code, isError }) => isError && codes.throttled.has(code))
}

/** eBay calls it a passing fault of its own. */
export function isPassing({ code, isSystem }: Complaint): boolean {
  return isSystem || codes.retryable.has(code)
}

interface Hints {
  /** For a throttle: how long to wait. */
  readonly waitMs: number
}

/**
 * The error class of an answer (contract section 7); undefined for a good one. `failed`: the answer says itself that the call was not
 * carried out. A refused token is judged as refused for good: ask {@link tokenRefused} first.
 */
export function errorIn(
  account: string,
  call: VendorCall,
  answer: VendorAnswer,
  complaints: readonly Complaint[],
  failed: boolean,
  { waitMs }: Hints,
): ConnectorError | undefined {
  const { status } = answer
  const isGood = status >= 200 && status < 300 && !failed
  if (isGood) return undefined
  const errors = complaints.filter(({ isError }) => isError)
  const facts = { account, operation: call.operation, status }
  const words = errors.slice(0, 3).map(({ text }) => text)
  const what = [`answered ${status}`, ...(words.length > 0 ? [words.join('; ')] : [])].join(': ')

  if (saysThrottled(answer, complaints)) return new ThrottledError(what, { ...facts, waitMs })
  if (tokenRefused(answer, complaints)) return new AuthError(`${what}; ${refusedTwice(errors)}`, facts)
  if (errors.some(({ code }) => codes.auth.has(code)))
    return new AuthError(`${what}; the keyset or the seller's account is not accepted: see its state at eBay`, facts)
  if (errors.some(isPassing) || status === 408 || status >= 500)
    return new RetryableError(what, { ...facts, outcomeUnknown: call.effect === 'write' })
  // Neither the API's words nor a plain yes or no: something between us and eBay spoke.
  if (errors.length === 0 && status === 403) return new AuthError(`${what} without a reason`, facts)
  return new PermanentError(what, facts)
}

function refusedTwice(errors: readonly Complaint[]): string {
  return errors.some(({ code }) => code === '1100')
    ? "a fresh token was refused too: the seller's consent lacks the scope sell.inventory or sell.fulfillment; the seller must consent again"
    : 'a fresh token was refused too: compare app_id, cert_id and sandbox, and have the seller consent again'
}
