import { createHash } from 'node:crypto'
import { exitCodes, type RunProblem, type Verdict } from '../../core/context.ts'
import { type ExitCode, isConnectorError } from '../../core/errors.ts'
import { errorDocument } from './verdict.ts'

/** How a run ended, for its row, for a monitor and for the file of figures. No personal data. */
export interface RunEnd {
  readonly verdict: Verdict | 'failed'
  readonly exitCode: ExitCode
  readonly counts: Readonly<Record<string, unknown>>
  readonly problems: readonly RunProblem[]
}

/** The end of a run whose body came back. What went wrong is taken from wherever its document says `errors`. */
export function endOf(
  verdict: Verdict,
  result: { readonly document: Readonly<Record<string, unknown>>; readonly counts?: Readonly<Record<string, unknown>> },
): RunEnd {
  return { verdict, exitCode: exitCodes[verdict], counts: result.counts ?? {}, problems: problemsIn(result.document) }
}

/** The end of a run that threw. Of an error that we did not make only its name is kept: its words may hold anything. */
export function failureOf(error: unknown, command: string): RunEnd {
  const { what, where, why, next, exit_code: exitCode } = errorDocument(error, command).error
  const foreign = what === 'unexpected failure' && !isConnectorError(error)
  const name = error instanceof Error ? error.name : typeof error
  const problem = { channel: '', what: `${what} (${where})`, why: foreign ? name : why, next }
  return { verdict: 'failed', exitCode, counts: {}, problems: [problem] }
}

/** What a monitor shows of a run: `verdict: partly`, the counts, the kinds of problems. Neither ids nor the words of errors. */
export function endText(runId: string, { verdict, exitCode, counts, problems }: RunEnd): string {
  const lines = [`run: ${runId}`, `verdict: ${verdict} (exit code ${exitCode})`, `counts: ${JSON.stringify(counts)}`]
  return [...lines, ...(problems.length === 0 ? [] : [`problems: ${problems.length}; isync runs show ${runId}`])].join('\n')
}

/** A run's id in the form of a UUID, always the same: monitors pair beginnings and ends by it. */
export function uuidOf(runId: string): string {
  const hex = createHash('sha256').update(runId).digest('hex')
  // Version 8 (made by a rule of our own), variant 10.
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function problemsIn(value: unknown): readonly RunProblem[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'errors' && Array.isArray(inner) ? inner.filter(isProblem) : problemsIn(inner),
  )
}

function isProblem(value: unknown): value is RunProblem {
  if (typeof value !== 'object' || value === null) return false
  return ['channel', 'what', 'why', 'next'].every((key) => typeof Object.getOwnPropertyDescriptor(value, key)?.value === 'string')
}
