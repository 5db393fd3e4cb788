import type { StockSource } from '../../core/ports/stock-source.ts'
import type { Gate } from '../http/gate.ts'
import { createClient } from './client.ts'
import { checkHealth } from './health.ts'
import { listStock } from './listing.ts'
import { stockById, stockBySku } from './look-up.ts'
import type { ZohoSettings } from './settings.ts'

export type { ZohoSettings } from './settings.ts'

/** One Zoho Inventory organization, read only. */
export function createZohoConnector(gate: Gate, settings: ZohoSettings): StockSource {
  const client = createClient(gate, settings)
  return {
    account: gate.account,
    listItems: (signal) => listStock(client, { purse: 'full' }, signal),
    changedSince: (since, signal) => listStock(client, { since, purse: 'full' }, signal),
    itemsBySku: (skus, signal, asked) => stockBySku(client, skus, asked === 'by a message' ? 'pushed' : 'named', signal),
    itemsById: (itemIds, signal) => stockById(client, itemIds, signal),
    health: (signal) => checkHealth(client, signal),
  }
}
