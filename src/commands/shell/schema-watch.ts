import { assertMigrated } from '../../core/db/migrate.ts'
import { OperatorError } from '../../core/errors.ts'
import { lookOut } from './look-out.ts'
import type { Runtime } from './runtime.ts'

const LOOK_EVERY_MS = 3_000

/**
 * Waits until `signal` aborts (undefined), or until somebody migrates the database to a schema that this program does not know: going on would mean
 * reading and writing by rules that no longer hold. Resolves with what to say of it. A database that does not answer is no other schema.
 */
export function untilMigrated(
  { config: { database }, run: { db } }: Pick<Runtime, 'config' | 'run'>,
  signal: AbortSignal,
): Promise<OperatorError | undefined> {
  return lookOut(LOOK_EVERY_MS, signal, async () => {
    try {
      await assertMigrated(database, db)
      return undefined
    } catch (error) {
      return error instanceof OperatorError ? changed(error) : undefined
    }
  })
}

function changed({ where, why }: OperatorError): OperatorError {
  return new OperatorError({
    what: 'the database schema was changed while isync serve was running',
    where,
    why,
    next: 'run: isync serve, with the version that the schema belongs to. Whatever was answered is kept',
    exitCode: 1,
  })
}
