import type { MarketplaceConnector } from '../../../core/ports/marketplace.ts'
import type { Gate } from '../../http/gate.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { createCenters } from './centers.ts'
import { createClient } from './client.ts'
import { checkHealth } from './health.ts'
import { getOrders, listOrderPages } from './order-pages.ts'
import { createProducts, describeListings } from './products.ts'
import { quantityPlan, updateQuantities } from './quantities.ts'
import type { ChannelAdvisorSettings } from './settings.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'

/** One list of orders serves them all; a call each, a few at once, takes some seconds. */
const CONFIRM_BATCH = 20
/** The vendor names no bound for its commits; a lost answer is given a minute before its absence is believed. */
const SETTLE_MS = 60_000

/** One ChannelAdvisor account through its REST API (contract sections 8 to 11). */
export function createChannelAdvisorConnector(gate: Gate, settings: ChannelAdvisorSettings): MarketplaceConnector {
  const client = createClient(gate, settings)
  const centers = createCenters(client)
  const products = createProducts(client)
  return {
    channel: settings.channel,
    batchSize: { confirm: CONFIRM_BATCH },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) => listOrderPages({ client, centers }, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders({ client, centers }, window, signal)
    },
    getOrders: (externalOrderIds, signal) => getOrders({ client, centers }, externalOrderIds, signal),
    confirmShipments: (batch, signal) => confirmShipments(client, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(client, batch, signal),
    health: (signal) => checkHealth(client, signal),
    acknowledgeOrders: (orders, signal) => acknowledgeOrders(client, orders, signal),
    quantityPlan: () => quantityPlan(),
    updateQuantities: (batch, _way, signal) => updateQuantities({ client, centers, products }, batch, signal),
    describeListings: (skus, signal) =>
      describeListings({ products, centers, center: settings.distributionCenterId }, skus, signal),
    // As many SKUs as the address of a search holds, at a length of theirs that is common.
    listingLook: { skusPerCall: 30, whole: false },
    // A write needs the product's id, and with it comes where it lies: what is unknown, or another's, is found out without one.
    checksListings: false,
  }
}
