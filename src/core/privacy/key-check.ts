import type { Db } from '../db/db.ts'
import { addSetting, readSetting } from '../db/settings.ts'
import type { Vault } from './vault.ts'

const KEY = 'vault.check'

/**
 * Makes sure that the configured keys are those of this database before anything is written: a value sealed at the first run must open.
 * Throws OperatorError naming the missing key id. In a new, empty database it leaves that value.
 */
export async function assertKeysFit(db: Db, vault: Vault, now: number): Promise<void> {
  const sealed = await readSetting(db, KEY)
  if (sealed !== undefined) vault.open('settings', 'value', KEY, sealed)
  else await addSetting(db, KEY, vault.seal('settings', 'value', KEY, 'these keys fit'), now)
}
