import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { createCarrierList } from './carriers.ts'
import { createMiraklClient, createMultiShipment, type MiraklSettings } from './client.ts'
import { checkHealth } from './health.ts'
import { describeListings } from './listings.ts'
import { getOrders, listOrderPages } from './order-pages.ts'
import { quantityPlan, updateQuantities } from './quantities.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'
import { readQuantityReport } from './stock-report.ts'

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
    getOrders: (externalOrderIds, signal) => getOrders(client, multiShipment, externalOrderIds, signal),
    confirmShipments: (batch, signal) => confirmShipments(deps, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(deps, batch, signal),
    health: (signal) => checkHealth(deps, signal),
    acknowledgeOrders: (orders, signal) => acknowledgeOrders(client, orders, signal),
    quantityPlan,
    updateQuantities: (batch, _way, signal) => updateQuantities(client, batch, signal),
    readQuantityReport: (report, sent, sentAt, signal) => readQuantityReport(client, report, sent, sentAt, signal),
    describeListings: (skus, signal) => describeListings(client, skus, signal),
    // A line for an offer that the shop does not have is refused and touches nothing.
    checksListings: false,
  }
}
