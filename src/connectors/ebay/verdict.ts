import {
  AuthError,
  type ConnectorError,
  PermanentError,
  RetryableError,
  ThrottledError,
  type VendorCallFacts,
} from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { jsonOf } from '../http/json.ts'
import { complaintNodes, restErrors } from './wire-errors.ts'
import type { Showing } from './words.ts'
import type { XmlBody } from './xml.ts'

/** One error or notice, as eBay gave it, its words made safe. */
export interface Complaint {
  readonly code: string
  readonly text: string
  /** False: a notice; the call was carried out. */
  readonly isError: boolean
  /** eBay calls it a fault of its own. */
  readonly isSystem: boolean
  /** Orders that it is about. They are in the text only where eBay wrote them there, and long numbers are masked in it. */
  readonly orderIds: readonly string[]
  /** What eBay put into it, as it came: to be compared, never shown. */
  readonly values: readonly string[]
}

const orderId = /^\d{2}-\d{5}-\d{5}$/

/** eBay's codes that mean the same under any status (contract section 7). */
const codes = {
  /** A fresh token mends it; 1100 too, where the refused one had expired. */
  token: new Set(['1001', '1100', '21917053', '21916984', '931', '932']),
  /** Credentials, consent or seller account: nothing mends it but a person. */
  auth: new Set(['930', '1002', '1003', '1100', '16110']),
  throttled: new Set(['518', '2001']),
  retryable: new Set(['10007', '219255', '25001', '25025', '30500', '2003']),
}

/** What an answer says of itself. REST answers leave that to their status. */
export type Said = 'done' | 'partly' | 'failed'

/** Until an API is asked again whose limit is reached, where eBay names no time. */
export const WAIT_WITHOUT_HEADER_MS = 15 * 60_000

/** Every error of a Trading answer, not only the first. */
export function complaintsInXml(body: XmlBody, show: Showing): readonly Complaint[] {
  return complaintNodes.parse(body['Errors']).map((node) => {
    const values = node.ErrorParameters.flatMap(({ Value }) => Value ?? [])
    return {
      code: node.ErrorCode ?? '',
      text: joined(node.ErrorCode, [node.ShortMessage, node.LongMessage], values, show),
      isError: node.SeverityCode !== 'Warning',
      isSystem: node.ErrorClassification === 'SystemError',
      orderIds: values.filter((value) => orderId.test(value)),
      values,
    }
  })
}

/** The errors of a REST answer, or the notices of a good one. */
export function complaintsInJson(answer: VendorAnswer, show: Showing): readonly Complaint[] {
  const isGood = answer.status < 300
  // A page of orders is large, and hardly ever has a notice.
  if (isGood && !answer.body.includes('"warnings"')) return []
  const said = restErrors.safeParse(jsonOf(answer)).data
  const nodes = (isGood ? said?.warnings : said?.errors) ?? []
  return nodes.map((node) => ({ ...complaintOf(node, show), isError: !isGood }))
}

/** An error of a REST answer, or of one entry in it. */
export function complaintOf(error: RestError, show: Showing): Complaint {
  const code = String(error.errorId ?? '')
  const values = (error.parameters ?? []).flatMap(({ value }) => value ?? [])
  return {
    code,
    text: joined(code, [error.message, error.longMessage], values, show),
    isError: true,
    isSystem: error.category === 'APPLICATION',
    orderIds: values.filter((value) => orderId.test(value)),
    values,
  }
}

type RestError = NonNullable<ReturnType<typeof restErrors.parse>['errors']>[number]

function joined(
  code: string | undefined,
  texts: readonly (string | undefined)[],
  values: readonly string[],
  show: Showing,
): string {
  const words = [...new Set(texts.map((text) => show(text ?? '', values)))].filter((part) => part !== '')
  return [code ?? '', words.join(' ')].filter((part) => part !== '').join(': ')
}

/** Worth one fresh token (contract section 7). */
export function tokenRefused({ status }: VendorAnswer, complaints: readonly Complaint[]): boolean {
  const given = complaints.filter(({ isError }) => isError).map(({ code }) => code)
  if (given.some((code) => codes.token.has(code))) return true
  return status === 401 && !given.some((code) => codes.auth.has(code))
}

/** eBay's own word that a limit is reached, whatever the status says: a 429 may come as `Access denied`, 518 comes with 200. */
export function saysThrottled({ status }: Pick<VendorAnswer, 'status'>, complaints: readonly Complaint[]): boolean {
  return status === 429 || complaints.some(({ code, isError }) => isError && codes.throttled.has(code))
}

/** eBay calls it a passing fault of its own. */
export function isPassing({ code, isSystem }: Complaint): boolean {
  return isSystem || isPassingCode(code)
}

export function isPassingCode(code: string): boolean {
  return codes.retryable.has(code)
}

/** eBay understood and said no. Of what it said only codes are kept: values may be about anybody. */
export class Refusal extends PermanentError {
  readonly codes: readonly string[]

  constructor(what: string, facts: VendorCallFacts, codes: readonly string[]) {
    super(what, facts)
    this.codes = codes
  }
}

interface Hints {
  /** For a throttle: how long to wait. */
  readonly waitMs: number
}

/**
 * The error class of an answer (contract section 7); undefined for a good one. A refused token is judged as refused for good: ask
 * {@link tokenRefused} first.
 */
export function errorIn(
  account: string,
  call: VendorCall,
  answer: VendorAnswer,
  complaints: readonly Complaint[],
  said: Said,
  { waitMs }: Hints,
): ConnectorError | undefined {
  const { status } = answer
  const isGood = status >= 200 && status < 300 && said === 'done'
  if (isGood) return undefined
  const errors = complaints.filter(({ isError }) => isError)
  const facts = { account, operation: call.operation, status }
  // No interface of eBay redirects; what stands in front of it does, while it is mended.
  const isElsewhere = status >= 300 && status < 400
  const isPassed = errors.some(isPassing) || status === 408 || status >= 500 || isElsewhere
  const isPage = errors.length === 0 && isWebPage(answer)
  // What a failing server says about a question of ours mends nothing, and may be about anybody.
  const words = errors.slice(0, 3).map(({ code, text }) => (isPassed && call.effect === 'read' ? code : text))
  const what = [
    isPage ? `answered ${status} with a web page` : `answered ${status}`,
    ...(said === 'partly' ? ['done in part'] : []),
    ...(words.length > 0 ? [words.join('; ')] : []),
  ].join(': ')

  if (saysThrottled(answer, complaints)) return new ThrottledError(what, { ...facts, waitMs })
  if (tokenRefused(answer, complaints)) return new AuthError(`${what}; ${refusedTwice(errors)}`, facts)
  if (errors.some(({ code }) => codes.auth.has(code)))
    return new AuthError(`${what}; the keyset or the seller's account is not accepted: see its state at eBay`, facts)
  // Half of what has no halves, or a page of something between us and eBay: nobody can tell what was done.
  const inDoubt = { ...facts, outcomeUnknown: call.effect === 'write' }
  if (isPassed || isPage || said === 'partly') return new RetryableError(what, inDoubt)
  if (said === 'failed' && errors.length === 0) return new RetryableError(`${what}: Failure without a reason`, inDoubt)
  if (errors.length === 0 && status === 403) return new AuthError(`${what} without a reason`, facts)
  return new Refusal(
    what,
    facts,
    errors.map(({ code }) => code),
  )
}

function isWebPage({ headers, body }: VendorAnswer): boolean {
  return /\bhtml\b/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype\s+html|html)\b/i.test(body.toString('utf8', 0, 200))
}

function refusedTwice(errors: readonly Complaint[]): string {
  return errors.some(({ code }) => code === '1100')
    ? "a fresh token was refused too: the seller's consent lacks the scope sell.inventory or sell.fulfillment; the seller must consent again"
    : 'a fresh token was refused too: compare app_id, cert_id and sandbox, and have the seller consent again'
}
