import type { MarketplaceConnector } from '../../../core/ports/marketplace.ts'
import type { Gate } from '../../http/gate.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { createClient } from './client.ts'
import { checkHealth } from './health.ts'
import { describeListings } from './listings.ts'
import { getOrders, searchPages } from './pages.ts'
import { quantityPlan, updateQuantities } from './quantities.ts'
import type { DscoSettings } from './settings.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'
import { readQuantityReport } from './stock-report.ts'
import { followStream } from './stream.ts'

export type { DscoSettings } from './settings.ts'

/** Each order is read before its parcels are told, six a second: so many take as long as the log of the batch may. */
const CONFIRM_BATCH = 100
/** About 60 KB where 5 MB are allowed (contract section 3); should the log refuse or delay them, each is read back, for some minutes. */
const ACKNOWLEDGE_BATCH = 1000
/** What was taken shows in an order after seconds to minutes (contract sections 4 and 6). */
const SETTLE_MS = 5 * 60_000

/** One supplier account on the Dsco platform of Rithum: orders in; acknowledgements, parcels and quantities out. */
export function createDscoConnector(gate: Gate, settings: DscoSettings): MarketplaceConnector {
  const client = createClient(gate, settings)
  return {
    channel: settings.channel,
    batchSize: { confirm: CONFIRM_BATCH, acknowledge: ACKNOWLEDGE_BATCH },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) =>
      settings.mode === 'stream' ? followStream(client, since, signal) : searchPages(client, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders(client, window, signal)
    },
    getOrders: (externalOrderIds, signal) => getOrders(client, externalOrderIds, signal),
    acknowledgeOrders: (orders, signal) => acknowledgeOrders(client, orders, signal),
    confirmShipments: (batch, signal) => confirmShipments(client, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(client, batch, signal),
    health: (signal) => checkHealth(client, signal),
    quantityPlan,
    updateQuantities: (batch, way, signal) => updateQuantities(client, batch, way, signal),
    readQuantityReport: (report, sent, sentAt, signal) => readQuantityReport(client, report, sent, sentAt, signal),
    describeListings: (skus, signal) => describeListings(client, skus, signal),
    // Nothing of an item but its quantity is written, and a SKU that Dsco does not know is refused.
    checksListings: false,
  }
}
