import type { z } from 'zod'
import { RetryableError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'

/** The body as JSON, or undefined when it is empty, cut, HTML or anything else. */
export function jsonOf(answer: VendorAnswer): unknown {
  const text = answer.body.toString('utf8').replace(/^\uFEFF/, '')
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The body of a good answer, read by `schema`. An answer that is not what the vendor promises (cut JSON, an HTML page with status 200,
 * another shape) is retryable; for writes the outcome is unknown. The error names paths, never values.
 */
export function readAnswer<T>(account: string, call: VendorCall, answer: VendorAnswer, schema: z.ZodType<T>): T {
  const facts = { account, operation: call.operation, status: answer.status, outcomeUnknown: call.effect === 'write' }
  const json = jsonOf(answer)
  if (json === undefined) {
    const type = answer.headers['content-type'] ?? 'no content type'
    throw new RetryableError(`answer is not JSON (${type}, ${answer.body.length} bytes)`, facts)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const paths = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || 'document'}: ${issue.code}`)
  throw new RetryableError(`answer has an unexpected shape (${paths.join('; ')})`, facts)
}
