import { fingerprintOf, sharedAccount } from '../../src/core/db/account.ts'
import type { Db } from '../../src/core/db/db.ts'
import type { SharedAccount } from '../../src/core/ports/account.ts'
import type { Clock, Ids } from '../../src/core/ports/system.ts'

/** A vendor account as one process sees it through the shared database. */
export function anAccount(
  db: Db,
  clock: Clock,
  ids: Ids,
  credentials: readonly string[] = ['id', 'secret'],
  account = 'amazon-us',
): SharedAccount {
  const deps = {
    db,
    clock,
    ids,
    seal: (row: string, token: string) => `sealed ${row} ${Buffer.from(token).toString('hex')}`,
    open: (row: string, sealed: string) => Buffer.from(sealed.replace(`sealed ${row} `, ''), 'hex').toString(),
  }
  return sharedAccount(deps, account, fingerprintOf(credentials))
}
