import * as z from 'zod'
import { list, text } from './wire.ts'

/** `Errors` of a Trading answer (contract section 7). */
export const complaintNodes = list(
  z.object({ ShortMessage: text, LongMessage: text, ErrorCode: text, SeverityCode: text, ErrorClassification: text }),
)

export const restError = z.object({
  errorId: z.union([z.number(), z.string()]).optional().catch(undefined),
  category: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  longMessage: z.string().optional().catch(undefined),
})

/** The body of a REST refusal (contract section 7). */
export const restErrors = z.object({ errors: z.array(restError).nullish().catch(undefined) })
