import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import type { FileClient } from './client.ts'
import { checkHealth } from './health.ts'
import { openLocal } from './local.ts'
import { quantityPlan, updateQuantities } from './quantities.ts'
import { getOrders, listOrderPages } from './search.ts'
import type { FileSettings } from './settings.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'

/** Packages of one file. */
const CONFIRM_BATCH = 200
/** A server may carry out what it was asked before the connection died; a minute later it has, or never will. */
const SETTLE_MS = 60_000

/** A partner who exchanges CSV files in a folder. The folder is all there is: what was told and what was stored is kept in its archive. */
export function createFileConnector(gate: Gate, settings: FileSettings): MarketplaceConnector {
  const { place } = settings
  const client: FileClient = {
    gate,
    settings,
    async openShelf() {
      if (place.kind === 'local') return openLocal(place)
      // A folder of this machine does not wait for the SSH library to load.
      const { openSftp } = await import('./sftp.ts')
      return openSftp(place, settings.timeoutMs)
    },
  }
  return {
    channel: settings.channel,
    batchSize: { confirm: CONFIRM_BATCH },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) => listOrderPages(client, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders(client, window, signal)
    },
    getOrders: (externalOrderIds, signal) => getOrders(client, externalOrderIds, signal),
    confirmShipments: (batch, signal) => confirmShipments(client, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(client, batch, signal),
    health: (signal) => checkHealth(client, signal),
    quantityPlan: () => quantityPlan(settings),
    updateQuantities: (batch, way, signal) => updateQuantities(client, batch, way, signal),
    // A partner who is told of a SKU that he does not have leaves it alone; he has no list to be asked for.
    checksListings: false,
  }
}
