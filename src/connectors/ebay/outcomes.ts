import { type ConnectorError, isConnectorError, RefusedByDryRun } from '../../core/errors.ts'

/**
 * Does `work` for each of several, one after the other. A refusal concerns its item alone. Anything that would hit the next one too (spent
 * limit, refused credentials, no connection) ends the row, and what was not tried gets that error; it is thrown where nothing at all was
 * settled before. A dry run goes through all of them, so that its plan is whole.
 */
export async function oneByOne<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  failed: (item: Item, error: ConnectorError) => Result,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let broken: ConnectorError | undefined
  let settled = 0
  let planned: RefusedByDryRun | undefined
  for (const item of items) {
    if (broken !== undefined) {
      results.push(failed(item, broken))
      continue
    }
    try {
      results.push(await work(item))
      settled += 1
    } catch (error) {
      if (error instanceof RefusedByDryRun) planned = error
      else if (!isConnectorError(error)) throw error
      else {
        results.push(failed(item, error))
        if (error.kind === 'permanent') settled += 1
        else broken = error
      }
    }
  }
  if (planned !== undefined) throw planned
  if (broken !== undefined && settled === 0) throw broken
  return results
}
