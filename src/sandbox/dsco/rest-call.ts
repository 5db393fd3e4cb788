import type { SandboxRequest } from '../stand-in.ts'
import type { Book, State } from './state.ts'

/** A request that was let in. */
export interface Call {
  readonly state: State
  readonly book: Book
  readonly request: SandboxRequest
  /** The variable segments of the path, decoded. */
  readonly ids: readonly string[]
  readonly now: number
}
