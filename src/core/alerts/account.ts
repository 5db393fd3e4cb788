import type { Run, RunProblem } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { type ConnectorError, isConnectorError, StoppedError } from '../errors.ts'
import type { AccountRule } from './rules.ts'

/** An account at a step of the work: what its alert is about. */
export interface AccountStep {
  /** Channel code, or `shipstation`. */
  readonly account: string
  /** The command. */
  readonly step: string
  /** The alert's rule. */
  readonly rule: AccountRule
}

/**
 * A failure of a whole account: logged, alerted unless we were only told to wait, and put into words for the report. Anything that is
 * not a connector's error is a bug and is thrown on.
 */
export async function accountFailed(run: Run, at: AccountStep, error: unknown): Promise<RunProblem> {
  const { account, step, rule } = at
  if (error instanceof StoppedError) {
    return { channel: account, what: step, why: error.message, next: 'nothing: the next run goes on from here' }
  }
  if (!isConnectorError(error)) throw error
  run.log.error({ channel: account, step, error_class: error.kind, error: error.message }, 'account failed')
  if (error.kind !== 'throttled') {
    const severity = error.kind === 'auth' ? 'critical' : 'warning'
    const next = `isync doctor --channel ${account}`
    const alert = { id: run.ids.next(), rule, channel: account, severity, message: error.message, next } as const
    await raiseAlert(run.db, alert, run.clock.now())
  }
  return { channel: account, what: step, why: error.message, next: nextFor(account, error) }
}

/** The account works again at this step: its alert is over. */
export async function accountWorked(run: Run, { rule, account }: AccountStep): Promise<void> {
  await resolveAlert(run.db, rule, account, run.clock.now())
}

/** True where the run may simply go on later. */
export function isOnlyWaiting(error: unknown): boolean {
  return error instanceof StoppedError || (isConnectorError(error) && error.kind === 'throttled')
}

/** The command an operator runs after this error. */
function nextFor(account: string, error: ConnectorError): string {
  switch (error.kind) {
    case 'throttled':
      return `nothing: the next run goes on from here, in ${Math.ceil(error.waitMs / 1000)} s at the earliest`
    case 'retryable':
      return `nothing: the next run tries again; isync doctor --channel ${account} if it stays`
    case 'auth':
    case 'permanent':
      return `isync doctor --channel ${account}`
  }
}
