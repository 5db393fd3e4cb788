import type { Run, Verdict } from '../context.ts'
import type { Db, SqlValue } from '../db/db.ts'
import type { LeaseHolder } from '../db/leases.ts'
import { countByKey, otherwiseSealed, replaceSealed, type SealedColumn, type SealedValue, sealedColumns } from '../db/sealed.ts'
import { OperatorError } from '../errors.ts'
import { exclusively } from '../tasks/exclusive.ts'
import type { Vault } from './vault.ts'

/** Values of one transaction: a document is some kilobytes, and nobody is to wait for it. */
const BATCH = 200
/** Other processes may go on with the old key in front until they have read the configuration anew; what they write is found again. */
const PASSES = 3
const MOST_EXAMPLES = 20
const LOG_EVERY = 5_000

/** How many values of a column are encrypted with which key: `{ k2: 300, k1: 2 }`. */
export interface ColumnKeys {
  readonly table: string
  readonly column: string
  readonly keys: Readonly<Record<string, number>>
}

/** Which key encrypts what at present. */
export interface KeyUse {
  readonly current: string
  readonly columns: readonly ColumnKeys[]
  /** Configured keys that nothing in this database is encrypted with any more. */
  readonly removable: readonly string[]
  /** Values under any other key than the current one, by its id; of a key that is not configured too. */
  readonly others: Readonly<Record<string, number>>
}

export interface RotateReport extends KeyUse {
  readonly resealed: number
  /** Values that no configured key opens: they stay as they are. `where` names table, column and row. */
  readonly unopened: number
  readonly examples: readonly { readonly where: string; readonly why: string }[]
  readonly heldBy?: LeaseHolder | 'somebody'
  readonly verdict: Verdict
}

/** Counts. Reads only. */
export async function keyUse({ db, vault }: Pick<Run, 'db' | 'vault'>): Promise<KeyUse> {
  const [current = ''] = vault.keyIds
  const columns: ColumnKeys[] = []
  const others: Record<string, number> = {}
  for (const sealed of sealedColumns) {
    const counts = await countByKey(db, sealed)
    columns.push({ table: sealed.table, column: sealed.column, keys: Object.fromEntries(counts) })
    for (const [id, count] of counts) if (id !== current) others[id] = (others[id] ?? 0) + count
  }
  return { current, columns, others, removable: vault.keyIds.filter((id) => id !== current && others[id] === undefined) }
}

/**
 * Encrypts anew, with the first key, what was encrypted with any other, while other commands run: a value that somebody else writes
 * meanwhile wins. What is done is known by its key, so that after a kill the next run goes on with the rest.
 */
export async function rotateKeys(run: Run, onProgress: (done: number, total: number) => void): Promise<RotateReport> {
  const attempt = await exclusively(run, 'keys:rotate', (signal) => rotateAlone({ ...run, signal }, onProgress))
  if (attempt.ran) return attempt.result
  const idle = { resealed: 0, unopened: 0, examples: [], verdict: 'done' } as const
  return { ...(await keyUse(run)), ...idle, heldBy: attempt.holder ?? 'somebody' }
}

async function rotateAlone(run: Run, onProgress: (done: number, total: number) => void): Promise<RotateReport> {
  const before = await keyUse(run)
  const total = sum(before.others)
  let resealed = 0
  let unopened: Unopened = { count: 0, examples: [] }
  for (let pass = 1; pass <= PASSES && !run.signal.aborted; pass += 1) {
    const seen: Unopened = { count: 0, examples: [] }
    let moved = 0
    for (const sealed of sealedColumns) {
      moved += await resealColumn(run, sealed, seen, (count) => {
        if (Math.floor((resealed + count) / LOG_EVERY) > Math.floor(resealed / LOG_EVERY))
          run.log.info({ step: 'keys:rotate', done: resealed + count, total }, 'encrypted anew')
        resealed += count
        onProgress(resealed, total)
      })
    }
    unopened = seen
    if (moved === 0) break
  }
  const use = await keyUse(run)
  const verdict = sum(use.others) === 0 ? 'done' : 'partly'
  run.log.info({ step: 'keys:rotate', resealed, unopened: unopened.count, left: sum(use.others) }, 'keys rotated')
  return { ...use, resealed, unopened: unopened.count, examples: unopened.examples, verdict }
}

interface Unopened {
  count: number
  readonly examples: { readonly where: string; readonly why: string }[]
}

/** One walk through a column. Returns how many values it found that open, whoever has dealt with them. */
async function resealColumn(
  run: Run,
  sealed: SealedColumn,
  unopened: Unopened,
  onBatch: (resealed: number) => void,
): Promise<number> {
  const [current = ''] = run.vault.keyIds
  let moved = 0
  let after: readonly SqlValue[] | undefined
  while (!run.signal.aborted) {
    const batch = await otherwiseSealed(run.db, sealed, current, after, BATCH)
    if (batch.length === 0) break
    after = batch.at(-1)?.place
    // Opened and encrypted outside of the transaction, which is then a short one.
    const anew = batch.flatMap((one) => resealed(run.vault, sealed, one, unopened))
    moved += anew.length
    onBatch(await run.db.transaction((tx: Db) => replaceSealed(tx, sealed, anew)))
  }
  return moved
}

function resealed(
  vault: Vault,
  { table, column }: SealedColumn,
  one: SealedValue,
  unopened: Unopened,
): readonly (SealedValue & { readonly anew: string })[] {
  const row = one.place.join('/')
  try {
    return [{ ...one, anew: vault.seal(table, column, row, vault.open(table, column, row, one.value)) }]
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    unopened.count += 1
    if (unopened.examples.length < MOST_EXAMPLES) unopened.examples.push({ where: error.where, why: error.why })
    return []
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
