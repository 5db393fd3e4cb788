import type { z } from 'zod'
import { RetryableError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'

/** The body as JSON, or undefined when it is empty, cut, HTML or anything else. */
export function jsonOf(answer: VendorAnswer): unknown {
  return parsed(answer, (text) => JSON.parse(text))
}

/** {@link jsonOf} with every number as the text it was written in: no digit of a long id is lost, and 12.50 stays `12.50`. */
export function exactJsonOf(answer: VendorAnswer): unknown {
  return parsed(answer, (text) => JSON.parse(text, asWritten))
}

/** The platform tells a reviver each number's own spelling as a third argument, which the language's types do not know yet. */
function asWritten(...[, value, context]: readonly unknown[]): unknown {
  if (typeof value !== 'number' || typeof context !== 'object' || context === null) return value
  return 'source' in context ? context.source : value
}

function parsed(answer: VendorAnswer, parse: (text: string) => unknown): unknown {
  try {
    return parse(answer.body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

/**
 * The body of a good answer, read by `schema`. An answer that is not what the vendor promises (cut JSON, an HTML page with status 200,
 * another shape) is retryable; for writes the outcome is unknown. The error names paths, never values. `parse` reads the body.
 */
export function readAnswer<T>(
  account: string,
  call: VendorCall,
  answer: VendorAnswer,
  schema: z.ZodType<T>,
  parse: (answer: VendorAnswer) => unknown = jsonOf,
): T {
  const facts = { account, operation: call.operation, status: answer.status, outcomeUnknown: call.effect === 'write' }
  const json = parse(answer)
  if (json === undefined) {
    const type = answer.headers['content-type'] ?? 'no content type'
    throw new RetryableError(`answer is not JSON (${type}, ${answer.body.length} bytes)`, facts)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'document'}: ${issue.code}`)
  throw new RetryableError(`answer has an unexpected shape (${paths.join('; ')})`, facts)
}
