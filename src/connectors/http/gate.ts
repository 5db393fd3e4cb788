import { type AuthError, RefusedByDryRun, RetryableError, StoppedError, ThrottledError } from '../../core/errors.ts'
import type { SharedAccount } from '../../core/ports/account.ts'
import type { CallCounts, PlannedCall, Transport, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { Boundary, Clock, Log } from '../../core/ports/system.ts'

export interface GateDeps {
  /** Channel code, or `shipstation`. */
  readonly account: string
  readonly shared: SharedAccount
  readonly clock: Clock
  readonly log: Log
  readonly boundary: Boundary
  /** Takes our secrets out of a text: an error's words are kept and shown. */
  readonly scrub?: (text: string) => string
  /** Present in a dry run: takes what would have been sent. */
  readonly plan?: (call: PlannedCall) => void
  /** The longest a run waits for its turn in a rate limit before it gives up with ThrottledError. */
  readonly maxWaitMs: number
  /** Deadline of one call where the call names none. */
  readonly timeoutMs: number
}

/** The one way out to a vendor: circuit, dry-run guard, shared limit, deadline, count, log. It does not judge the answer. */
export interface Gate {
  readonly account: string
  /**
   * Sends one call and returns whatever the vendor answered, good or bad. Throws RefusedByDryRun, ThrottledError (our turn is
   * too far away), AuthError (circuit open), StoppedError, or RetryableError (no answer; `outcomeUnknown` for writes that may have arrived).
   */
  send(call: VendorCall, transport: Transport, signal: AbortSignal): Promise<VendorAnswer>
  /** Without our secrets: for a good answer to a reading call that turns out to be words about us and not data. */
  clean(answer: VendorAnswer): VendorAnswer
  /** Opens the account's circuit for all processes and returns the error for throwing. */
  refuse(error: AuthError): Promise<AuthError>
  /** Calls spent so far, per operation. */
  counts(): CallCounts
  readonly shared: SharedAccount
  readonly clock: Clock
  readonly log: Log
}

/** One gate per account and process. */
export function createGate(deps: GateDeps): Gate {
  const counts: Record<string, number> = {}
  const clean = (answer: VendorAnswer) => withoutSecrets(deps, answer)

  async function send(call: VendorCall, transport: Transport, signal: AbortSignal): Promise<VendorAnswer> {
    if (signal.aborted) throw new StoppedError(`${deps.account} ${call.operation}: told to stop before the call`)
    if (call.effect === 'write' && deps.plan !== undefined) {
      for (const line of call.plan ?? []) deps.plan(line)
      throw new RefusedByDryRun(`${deps.account} ${call.operation}: not sent in a dry run`)
    }
    if (call.effect !== 'token') await deps.shared.assertClosed(call.operation)
    await takeTurn(deps, call, signal)
    deps.boundary.reach(`call:${call.operation}:before`)
    // The wait may have been long, and a frozen process does not feel how long: what was ours then may be another's now.
    if (signal.aborted) throw new StoppedError(`${deps.account} ${call.operation}: told to stop before the call`)

    counts[call.operation] = (counts[call.operation] ?? 0) + 1
    const raw = await deliver(deps, call, transport)
    const answer = isData(call, raw) ? raw : clean(raw)
    deps.boundary.reach(`call:${call.operation}:after`)
    if (call.effect !== 'token' && answer.status < 300) await deps.shared.close()
    return answer
  }

  return {
    account: deps.account,
    send,
    clean,
    counts: () => ({ ...counts }),
    async refuse(error) {
      await deps.shared.open(error.message)
      deps.log.error({ account: deps.account, operation: error.operation, status: error.status }, 'credentials refused')
      return error
    },
    shared: deps.shared,
    clock: deps.clock,
    log: deps.log,
  }
}

/** A good answer of a reading call is data and stays as it is; whatever else a vendor says may quote the request. */
function isData({ effect }: VendorCall, { status }: VendorAnswer): boolean {
  return status < 300 && effect !== 'write'
}

function withoutSecrets({ scrub }: GateDeps, answer: VendorAnswer): VendorAnswer {
  if (scrub === undefined) return answer
  const text = answer.body.toString('utf8')
  const clean = scrub(text)
  return clean === text ? answer : { ...answer, body: Buffer.from(clean) }
}

async function takeTurn(deps: GateDeps, call: VendorCall, signal: AbortSignal): Promise<void> {
  if (call.rate === undefined) return
  let waited = 0
  for (;;) {
    const waitMs = await deps.shared.take(call.rate.bucket, call.rate.rule)
    if (waitMs <= 0) return
    if (waited + waitMs > deps.maxWaitMs) {
      const facts = { account: deps.account, operation: call.operation, waitMs }
      throw new ThrottledError(`our share of the rate limit is spent for ${Math.ceil(waitMs / 1000)} s`, facts)
    }
    deps.log.debug({ account: deps.account, operation: call.operation, wait_ms: waitMs }, 'waiting for the rate limit')
    await deps.clock.sleep(waitMs, signal)
    waited += waitMs
  }
}

async function deliver(deps: GateDeps, call: VendorCall, transport: Transport): Promise<VendorAnswer> {
  const timeoutMs = call.timeoutMs ?? deps.timeoutMs
  const started = performance.now()
  // Not AbortSignal.timeout: its timer cannot be cleared, and until it goes off it holds on to the call with its whole answer.
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new DOMException('The deadline has passed.', 'TimeoutError')), timeoutMs)
  try {
    const answer = await transport(deadline.signal)
    deps.log.debug(
      { account: deps.account, operation: call.operation, status: answer.status, ms: Math.round(performance.now() - started) },
      'vendor answered',
    )
    return answer
  } catch (cause) {
    // Not the network's doing, so a bug: calling it a vendor's failure would hide it for ever.
    if (!isTimeout(cause) && codeOf(cause) === 'no code') throw cause
    const outcomeUnknown = call.effect === 'write' && !neverLeft(cause)
    const facts = { account: deps.account, operation: call.operation, outcomeUnknown }
    const what = isTimeout(cause) ? `no answer within ${timeoutMs} ms` : `connection failed (${codeOf(cause)})`
    throw new RetryableError(what, facts, { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** The connection was never made, so the vendor cannot have seen the request. */
function neverLeft(cause: unknown): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    codeOf(cause),
  )
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError')
}

/** The system's error code, which fetch hides one or two causes deep. */
function codeOf(cause: unknown): string {
  let error: unknown = cause
  for (let depth = 0; depth < 4 && error instanceof Error; depth += 1) {
    const { code } = error as Error & { code?: unknown }
    if (typeof code === 'string' && code.length > 0) return code
    error = error instanceof AggregateError ? error.errors[0] : error.cause
  }
  return 'no code'
}
