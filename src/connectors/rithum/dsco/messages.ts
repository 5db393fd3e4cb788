import type { VendorAnswer } from '../../../core/ports/gate.ts'
import { safeText } from '../../http/classify.ts'
import { exactJsonOf } from '../../http/json.ts'
import { type WireMessages, wireProblem } from './wire.ts'

const MOST_MESSAGES = 3

/** What a refusal says, made safe; '' for HTML, nothing, or another shape (contract section 6). */
export function problemIn(answer: VendorAnswer): string {
  const problem = wireProblem.safeParse(exactJsonOf(answer)).data
  if (problem === undefined) return ''
  const error = typeof problem.error === 'string' ? problem.error : ''
  return safeText([error, problem.error_description, problem.message, joined(problem.messages)].filter(Boolean).join('; '))
}

/** `CODE: description; CODE: description`, made safe. '' where nothing is said. */
export function wordsOf(messages: WireMessages): string {
  return safeText(joined(messages))
}

/** What went well with a remark: warnings only. */
export function warningsIn(messages: WireMessages): string | undefined {
  const words = wordsOf((messages ?? []).filter(({ severity }) => severity === 'warn'))
  return words === '' ? undefined : words
}

function joined(messages: WireMessages): string {
  return (messages ?? [])
    .slice(0, MOST_MESSAGES)
    .map(({ code, description }) => [code, textOf(description)].filter(Boolean).join(': '))
    .filter((part) => part !== '')
    .join('; ')
}

/** A description is text, or a document of the vendor's own making. */
function textOf(description: unknown): string {
  if (description === null || description === undefined) return ''
  return typeof description === 'string' ? description : JSON.stringify(description)
}
