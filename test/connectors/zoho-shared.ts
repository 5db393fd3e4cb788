import { createZohoConnector, type ZohoSettings } from '../../src/connectors/zoho/connector.ts'
import { openDb } from '../../src/core/db/open.ts'
import type { StockSource } from '../../src/core/ports/stock-source.ts'
import { anAccount } from '../world/an-account.ts'
import type { TestDatabase } from '../world/databases.ts'
import { openAccount, testGate } from '../world/gate.ts'
import { settingsFor, type ZohoWorld } from './zoho-world.ts'

export interface SharedWorld {
  /** One more process that shares the account through the database. */
  process(settings?: Partial<ZohoSettings>): { readonly zoho: StockSource }
  close(): Promise<void>
}

/** Limits, tokens and notes as the database keeps them, on a clock that sleepers move. */
export async function sharedWorld(world: ZohoWorld, database: TestDatabase): Promise<SharedWorld> {
  const db = await openDb(await database.migrated())
  let made = 0
  const ids = { next: () => `id-${++made}` }
  return {
    process(settings = {}) {
      const shared = { ...openAccount('zoho'), ...anAccount(db, world.clock, ids) }
      const { gate } = testGate('zoho', { clock: world.clock, shared })
      return { zoho: createZohoConnector(gate, { ...settingsFor(world.sandbox), ...settings }) }
    },
    close: () => db.close(),
  }
}
