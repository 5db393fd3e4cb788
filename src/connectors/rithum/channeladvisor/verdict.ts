import type { VendorAnswer } from '../../../core/ports/gate.ts'
import { safeText } from '../../http/classify.ts'
import { jsonOf } from '../../http/json.ts'
import { wireProblem } from './wire.ts'

/** What the vendor says of a token that it does not take, also inside a 200 (contract section 11). */
const DENIED = /authorization has been denied/i

/** The vendor's own words about a call, made safe; '' for HTML, nothing, or a document that is no error. */
export function wordsOf(body: unknown): string {
  const problem = wireProblem.safeParse(body).data
  if (problem === undefined || problem.value !== undefined) return ''
  const parts = [problem.error?.code, problem.error?.message, problem.Message, problem.message]
  return safeText([...new Set(parts.filter((part) => typeof part === 'string' && part.trim() !== ''))].join(': '))
}

/** Worth one fresh token: the status, or the words of it under a good one. */
export function isDenied(answer: VendorAnswer): boolean {
  return answer.status === 401 || (answer.status < 300 && DENIED.test(wordsOf(jsonOf(answer))))
}
