/** The stage of a vendor call that failed, in words an operator can act on. Never a secret, never personal data. */
export interface VendorCallFacts {
  /** Channel code, or `shipstation`. */
  readonly account: string
  /** The vendor's own name of the call: `searchOrders`, `OR11`, `createorders`. */
  readonly operation: string
  /** HTTP status, where there was an answer. */
  readonly status?: number
  /** The vendor's request id, where it gave one. */
  readonly requestId?: string
}

abstract class VendorCallError extends Error implements VendorCallFacts {
  abstract readonly kind: ErrorKind
  readonly account: string
  readonly operation: string
  readonly status?: number
  readonly requestId?: string

  constructor(what: string, facts: VendorCallFacts, options?: ErrorOptions) {
    super(`${facts.account} ${facts.operation}: ${what}`, options)
    this.account = facts.account
    this.operation = facts.operation
    if (facts.status !== undefined) this.status = facts.status
    if (facts.requestId !== undefined) this.requestId = facts.requestId
  }
}

export type ErrorKind = 'retryable' | 'throttled' | 'auth' | 'permanent'

/** May work next time. Spends one retry. */
export class RetryableError extends VendorCallError {
  override readonly name = 'RetryableError'
  readonly kind = 'retryable'
  /** The vendor may have carried the request out: look it up before sending it again. */
  readonly outcomeUnknown: boolean

  constructor(what: string, facts: VendorCallFacts & { readonly outcomeUnknown?: boolean }, options?: ErrorOptions) {
    super(what, facts, options)
    this.outcomeUnknown = facts.outcomeUnknown ?? false
  }
}

/** The vendor, or our own share of its limit, told us to wait. Spends no retry. */
export class ThrottledError extends VendorCallError {
  override readonly name = 'ThrottledError'
  readonly kind = 'throttled'
  /** Milliseconds until the same call may be made again. */
  readonly waitMs: number

  constructor(what: string, facts: VendorCallFacts & { readonly waitMs: number }, options?: ErrorOptions) {
    super(what, facts, options)
    this.waitMs = facts.waitMs
  }
}

/** Our credentials were refused. Opens the account's circuit. Spends no retry. */
export class AuthError extends VendorCallError {
  override readonly name = 'AuthError'
  readonly kind = 'auth'
}

/** The vendor understood and said no. The same request would fail again. */
export class PermanentError extends VendorCallError {
  override readonly name = 'PermanentError'
  readonly kind = 'permanent'
}

/** Everything a connector may throw. Anything else is a bug and stops the run. */
export type ConnectorError = RetryableError | ThrottledError | AuthError | PermanentError

/** True for the four errors a connector may throw. */
export function isConnectorError(error: unknown): error is ConnectorError {
  return error instanceof VendorCallError
}

/**
 * The dry-run guard refused a call that would have changed something at the vendor.
 * The refused call stands in the plan; whoever catches this has nothing to repair.
 */
export class RefusedByDryRun extends Error {
  override readonly name = 'RefusedByDryRun'
}

/** The work was told to stop (signal, lost lease, time budget). Nothing is wrong with the order. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

/** 0 done, 1 unexpected, 2 usage or configuration, 3 done in part, 4 vendor down or credentials refused, 5 held by a brake. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5

/** A failure that an operator can mend: what failed, on what, why, and the next command to run. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  readonly what: string
  readonly where: string
  readonly why: string
  readonly next: string
  readonly exitCode: ExitCode

  constructor(
    facts: {
      readonly what: string
      readonly where: string
      readonly why: string
      readonly next: string
      readonly exitCode?: ExitCode
    },
    options?: ErrorOptions,
  ) {
    super(`${facts.what} (${facts.where}): ${facts.why}`, options)
    this.what = facts.what
    this.where = facts.where
    this.why = facts.why
    this.next = facts.next
    this.exitCode = facts.exitCode ?? 2
  }
}
