import { type ConnectorError, isConnectorError, RefusedByDryRun, RetryableError } from '../../../core/errors.ts'
import { inLanes } from '../../http/lanes.ts'

/** So many troubles of the vendor's own, and the rest of a hand-over waits for the next run. */
const MOST_TROUBLES = 3

/**
 * Does `work` for each of several, a few at once. A refusal, and a trouble that passes, concern their item alone. What would hit the next
 * one too (spent limit, refused credentials, trouble after trouble) ends the row: what was not begun fails as not sent. Thrown where
 * nothing was settled and nothing is in doubt. A dry run goes through all of them, so that its plan is whole.
 */
export async function sideBySide<Item, Result>(
  account: string,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  failed: (error: ConnectorError, item: Item) => Result,
): Promise<readonly Result[]> {
  let planned: RefusedByDryRun | undefined
  let broken: ConnectorError | undefined
  let troubles = 0
  let known = 0
  const results = await inLanes(items, async (item): Promise<Result | undefined> => {
    if (broken !== undefined) return failed(unsent(account, broken), item)
    try {
      const result = await work(item)
      known += 1
      return result
    } catch (error) {
      if (error instanceof RefusedByDryRun) {
        planned = error
        return undefined
      }
      if (!isConnectorError(error)) throw error
      if (error.kind === 'permanent' || (error.kind === 'retryable' && error.outcomeUnknown)) known += 1
      if (error.kind === 'retryable') troubles += 1
      if (error.kind === 'auth' || error.kind === 'throttled' || troubles >= MOST_TROUBLES) broken ??= error
      return failed(error, item)
    }
  })
  if (planned !== undefined) throw planned
  if (broken !== undefined && known === 0) throw broken
  return results.filter((result) => result !== undefined)
}

/** The error of an item whose call was never made: nothing needs to be looked up. */
function unsent(account: string, error: ConnectorError): ConnectorError {
  if (!(error instanceof RetryableError)) return error
  return new RetryableError(
    `not sent after ${MOST_TROUBLES} troubles in a row`,
    { account, operation: error.operation },
    { cause: error },
  )
}
