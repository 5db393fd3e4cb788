import type { Db } from '../db/db.ts'
import type { Vault } from './vault.ts'

const KEY = 'vault.check'

/**
 * Makes sure that the configured keys are those of this database before anything is written: a value sealed at the first run must open.
 * Throws OperatorError naming the missing key id. With a new, empty database it leaves that value.
 */
export async function assertKeysFit(db: Db, vault: Vault, now: number): Promise<void> {
  const [row] = await db.rows<{ value: string }>('select value from settings where key = ?', [KEY])
  if (row !== undefined) {
    vault.open('settings', 'value', KEY, row.value)
    return
  }
  await db.run('insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?) on conflict (key) do nothing', [
    KEY,
    vault.seal('settings', 'value', KEY, 'these keys fit'),
    'isync',
    now,
  ])
}
