import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { createCarrierList } from './carriers.ts'
import { createMiraklClient, createMultiShipment, type MiraklSettings } from './client.ts'
import { checkHealth } from './health.ts'
import { getOrders } from './order-pages.ts'
import { listOrderPages } from './order-search.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'
import { quantityPlan } from './stock-plan.ts'

export type { MiraklSettings } from './client.ts'

/** ST01 takes this many at once (contract section 5). */
const CONFIRM_BATCH = 1000
/** The platform names no bound for its commits; a lost answer is given a minute before its absence is believed. */
const SETTLE_MS = 60_000

/** One Mirakl marketplace through its Seller API. The key opens the shop role only (contract sections 0 and 1). */
export function createMiraklConnector(gate: Gate, settings: MiraklSettings): MarketplaceConnector {
  const client = createMiraklClient(gate, settings)
  const multiShipment = createMultiShipment(gate)
  const carriers = createCarrierList(client)
  const deps = { client, multiShipment, carriers }
  return {
    channel: settings.channel,
    batchSize: { confirm: CONFIRM_BATCH },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) => listOrderPages(client, multiShipment, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders(client, multiShipment, window, signal)
    },
    getOrders: (externalOrderIds, signal) => getOrders(client, multiShipment, externalOrderIds, signal),
    confirmShipments: (batch, signal) => confirmShipments(deps, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(deps, batch, signal),
    health: (signal) => checkHealth(deps, signal),
    acknowledgeOrders: (orders, signal) => acknowledgeOrders(client, orders, signal),
    quantityPlan,
    // The stock half, with its readers of tables, is loaded when there is something to tell: most starts only poll orders.
    updateQuantities: async (batch, _way, signal) => (await import('./quantities.ts')).updateQuantities(client, batch, signal),
    readQuantityReport: async (report, sent, sentAt, signal) =>
      (await import('./stock-report.ts')).readQuantityReport(client, report, sent, sentAt, signal),
    describeListings: async (skus, signal) => (await import('./listings.ts')).describeListings(client, skus, signal),
    listingLook: { skusPerCall: 100, whole: true },
    // A line for an offer that the shop does not have is refused and touches nothing.
    checksListings: false,
  }
}
