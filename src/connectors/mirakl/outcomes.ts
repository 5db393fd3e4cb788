import { type ConnectorError, isConnectorError, RetryableError, StoppedError } from '../../core/errors.ts'
import type { ItemOutcome } from '../../core/ports/marketplace.ts'
import type { MiraklClient } from './client.ts'

/** One place per batch item; undefined while nothing definite is known. */
export type Outcomes = (ItemOutcome | undefined)[]

export function accepted(note?: string): ItemOutcome {
  return note === undefined ? { status: 'accepted' } : { status: 'accepted', note }
}

export function failed(error: ConnectorError): ItemOutcome {
  return { status: 'failed', error }
}

/**
 * Runs the calls of a batch, which fill `outcomes` as they go. When one fails as a whole and nothing is definite yet, its error is thrown;
 * else what is definite stays and the rest fails with it: `sent` says which items were in the call that failed, all others were not sent.
 */
export async function settleBatch(
  client: MiraklClient,
  outcomes: Outcomes,
  sent: ReadonlySet<number>,
  operation: string,
  work: () => Promise<void>,
): Promise<readonly ItemOutcome[]> {
  try {
    await work()
  } catch (error) {
    if (outcomes.every((outcome) => outcome === undefined)) throw error
    if (!isConnectorError(error) && !(error instanceof StoppedError)) throw error
    return outcomes.map(
      (outcome, i) => outcome ?? failed(sent.has(i) && isConnectorError(error) ? error : unsent(client, operation, error)),
    )
  }
  return outcomes.map((outcome) => outcome ?? failed(unsent(client, operation, undefined)))
}

/** An item whose call was never made: nothing needs to be looked up. */
function unsent(client: MiraklClient, operation: string, error: unknown): ConnectorError {
  if (isConnectorError(error) && !(error instanceof RetryableError && error.outcomeUnknown)) return error
  const facts = { account: client.gate.account, operation }
  const options = error === undefined ? {} : { cause: error }
  return new RetryableError('not sent: the run ended before its turn', facts, options)
}
