import type { AsyncRequest, Entry, Outcome, RequestKind } from './request.ts'
import { type Book, next, type State } from './state.ts'
import { type Json, uuid } from './wire.ts'

export const DONE: Outcome = { status: 'success', results: [] }

export function failed(code: string, description: string): Outcome {
  return { status: 'failure', results: [{ code, severity: 'error', description }] }
}

export interface Job {
  readonly payload: Json
  readonly work: (at: number, requestId: string) => Outcome
}

/** Takes work in; it is done bit by bit over the time that the settings give it. */
export function accept(
  state: State,
  book: Book,
  kind: RequestKind,
  operation: string,
  jobs: readonly Job[] | 'later',
): AsyncRequest {
  const { losing } = state
  const isLost = losing.left > 0
  if (isLost) losing.left -= 1
  const request: AsyncRequest = {
    id: uuid(next(state)),
    kind,
    operation,
    receivedAt: state.clock.now(),
    entries: [],
    awaitsData: jobs === 'later',
    lost: isLost,
  }
  book.requests.set(request.id, request)
  if (jobs !== 'later' && !(isLost && !losing.done)) fill(state, request, jobs)
  return request
}

export function fill(state: State, request: AsyncRequest, jobs: readonly Job[]): void {
  const { logMs, logOnlyMs } = state.settings
  const now = state.clock.now()
  request.awaitsData = false
  request.entries = jobs.map(({ payload, work }, i) => {
    const dueAt = now + Math.ceil((logMs * (i + 1)) / jobs.length)
    return { payload, work, dueAt, toldAt: dueAt + logOnlyMs, outcome: undefined, doneAt: undefined }
  })
}

/** Does all that is due by now, in the order in which it is due. */
export function workOff(state: State, book: Book): void {
  if (state.held === 'work') return
  const now = state.clock.now()
  const due: { readonly entry: Entry; readonly requestId: string }[] = []
  for (const { id, entries } of book.requests.values()) {
    if (entries.at(-1)?.outcome !== undefined) continue
    for (const entry of entries) if (entry.outcome === undefined && entry.dueAt <= now) due.push({ entry, requestId: id })
  }
  due.sort((a, b) => a.entry.dueAt - b.entry.dueAt)
  for (const { entry, requestId } of due) {
    entry.outcome = entry.work(entry.dueAt, requestId)
    entry.doneAt = entry.dueAt
  }
}

/** Whether the log tells of this entry by now. */
export function isTold(state: State, { outcome, toldAt }: Entry): boolean {
  return outcome !== undefined && state.held !== 'log' && toldAt <= state.clock.now()
}

export function isFinished(state: State, { entries, awaitsData }: AsyncRequest): boolean {
  return !awaitsData && entries.every((entry) => isTold(state, entry))
}

/** What stood still goes on now, and not at the time when it was due. */
export function release({ requests }: Book, now: number): void {
  for (const { entries } of requests.values()) {
    for (const entry of entries) {
      if (entry.outcome !== undefined) continue
      entry.dueAt = Math.max(entry.dueAt, now)
      entry.toldAt = Math.max(entry.toldAt, now)
    }
  }
}
