import { RetryableError } from '../../../core/errors.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { filled } from './values.ts'
import { type WireLogEntry, wireLog } from './wire.ts'

/** What the platform's log says of one request, or of a span of time. */
export interface LogReading {
  /** False: not everything has been worked on; what is in `entries` may not be all. */
  readonly isComplete: boolean
  readonly entries: readonly WireLogEntry[]
}

export type LogQuestion =
  | { readonly requestId: string }
  /** Epoch ms; `to` is not in it. */
  | { readonly from: number; readonly to: number }

/** Of what has been read so far: true when no later page can change what follows from it. */
export type IsEnough = (reading: LogReading) => boolean

const MOST_STARTS = 3
/** Far more than any hand-over of ours fills. */
const MOST_PAGES = 2000

/**
 * GET /order/log or /inventory/log to its end, which is an empty page (contract sections 4 and 5), or until `isEnough` says of what was read
 * that the rest does not matter: most logs are one page, and the empty one would be a second call. A request that Dsco does not know yet is
 * one that is not complete. A scroll that has died is begun again.
 */
export async function readLog(
  client: DscoClient,
  operation: 'order/log' | 'inventory/log',
  question: LogQuestion,
  signal: AbortSignal,
  isEnough: IsEnough = () => false,
): Promise<LogReading> {
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    const reading = await readPages(client, operation, question, signal, isEnough)
    if (reading !== 'dead') return reading
  }
  throw new RetryableError('the log kept ending before its last page', client.factsOf({ operation }))
}

async function readPages(
  client: DscoClient,
  operation: 'order/log' | 'inventory/log',
  question: LogQuestion,
  signal: AbortSignal,
  isEnough: IsEnough,
): Promise<LogReading | 'dead'> {
  const entries: WireLogEntry[] = []
  const isComplete = () => 'from' in question || status === 'COMPLETED'
  let status: string | undefined
  let scrollId: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const request: DscoRequest = {
      operation,
      method: 'GET',
      path: `/${operation}`,
      query: scrollId === undefined ? queryOf(question) : [['scrollId', scrollId]],
      expect: [404],
    }
    const answer = await client.send(request, signal)
    if (answer.status === 404) return scrollId === undefined ? { isComplete: false, entries: [] } : 'dead'
    // Reasons are words about what we sent, kept and shown like a refusal.
    const page = client.parse(request, client.gate.clean(answer), wireLog)
    // Only the first page need tell it.
    status ??= filled(page.status)?.toUpperCase()
    entries.push(...page.logs)
    scrollId = filled(page.scrollId) ?? scrollId
    if (page.logs.length === 0 || scrollId === undefined || isEnough({ isComplete: isComplete(), entries })) break
  }
  return { isComplete: isComplete(), entries }
}

function queryOf(question: LogQuestion): NonNullable<DscoRequest['query']> {
  if ('requestId' in question) return [['requestId', question.requestId]]
  return [
    ['startDate', new Date(question.from).toISOString()],
    ['endDate', new Date(question.to).toISOString()],
  ]
}

/** What the log says of one thing: the newest entry that has been decided, else that it is still pending. */
export function verdictOf(entries: readonly WireLogEntry[]): WireLogEntry | undefined {
  const decided = entries.filter(({ status }) => status === 'success' || status === 'failure')
  // Once taken is taken, whatever a repeat of it was told.
  return decided.find(({ status }) => status === 'success') ?? decided[0] ?? entries[0]
}

/**
 * Asks the log of a request again and again, at growing intervals, until it is complete or the waits are over. Milliseconds. `isEnough`
 * ends it sooner.
 */
export async function followLog(
  client: DscoClient,
  requestId: string,
  signal: AbortSignal,
  isEnough: IsEnough,
): Promise<LogReading> {
  let reading: LogReading = { isComplete: false, entries: [] }
  for (const waitMs of WAITS_MS) {
    await client.gate.clock.sleep(waitMs, signal)
    reading = await readLog(client, 'order/log', { requestId }, signal, isEnough)
    if (reading.isComplete || isEnough(reading)) break
  }
  return reading
}

/** Together about half a minute: what takes longer is looked up by a later run. */
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000]
