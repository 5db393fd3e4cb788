import type { Json, Message } from './wire.ts'

/** What became of one object of a request. */
export interface Outcome {
  readonly status: 'success' | 'failure'
  readonly results: readonly Message[]
}

/** One object of a request: it is worked on at its own time, and the log tells of it then or later. */
export interface Entry {
  readonly payload: Json
  readonly work: (at: number, requestId: string) => Outcome
  dueAt: number
  toldAt: number
  outcome: Outcome | undefined
  doneAt: number | undefined
}

export type RequestKind = 'acknowledge' | 'shipment' | 'inventory'

/** What was answered with 202: nothing of it is done yet (contract section 4). */
export interface AsyncRequest {
  readonly id: string
  readonly kind: RequestKind
  /** The vendor's name of the call. */
  readonly operation: string
  readonly receivedAt: number
  entries: Entry[]
  /** A large batch whose data has not come. */
  awaitsData: boolean
  /** The log does not know it. */
  readonly lost: boolean
}
