import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Account } from './accounts.ts'
import type { State } from './state.ts'
import { restError } from './wire.ts'

/** One authenticated call of a REST operation. */
export interface RestCall {
  readonly state: State
  readonly account: Account
  readonly request: SandboxRequest
  /** The decoded ids in the path. */
  readonly ids: readonly string[]
  readonly now: number
}

export function denied(): SandboxReply {
  return restError(403, { errorId: 1100, message: 'Access denied' })
}

export function invalidToken(): SandboxReply {
  return restError(401, { errorId: 1001, domain: 'OAuth', message: 'Invalid access token' })
}
