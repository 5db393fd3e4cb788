import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Application } from './accounts.ts'
import type { State } from './state.ts'

/** One call that may be made. */
export interface Call {
  readonly state: State
  readonly request: SandboxRequest
  readonly application: Application
  /** The number in the path, where there is one. */
  readonly id: number
  readonly now: number
  /** Part of a $batch. */
  readonly inBatch: boolean
}

export type Run = (call: Call) => SandboxReply
