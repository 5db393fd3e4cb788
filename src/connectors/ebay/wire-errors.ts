import * as z from 'zod'
import { list, text } from './wire.ts'

/** `Errors` of a Trading answer (contract section 7). */
export const complaintNodes = list(
  z.object({
    ShortMessage: text,
    LongMessage: text,
    ErrorCode: text,
    SeverityCode: text,
    ErrorClassification: text,
    ErrorParameters: list(z.object({ Value: text }).catch({})).catch([]),
  }),
)

export const restError = z.object({
  errorId: z.union([z.number(), z.string()]).optional().catch(undefined),
  category: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  longMessage: z.string().optional().catch(undefined),
  parameters: z
    .array(z.object({ value: z.string().optional().catch(undefined) }))
    .nullish()
    .catch(undefined),
})

const nodes = z.array(restError).nullish().catch(undefined)

/** The body of a REST refusal, and the notices of a good answer (contract section 7). */
export const restErrors = z.object({ errors: nodes, warnings: nodes })
