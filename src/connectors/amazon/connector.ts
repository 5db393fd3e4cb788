import { type ConnectorError, isConnectorError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { ItemOutcome, MarketplaceConnector, QuantityOutcome } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { createClient } from './client.ts'
import { checkHealth } from './health.ts'
import { SEARCH_SIZE } from './listings.ts'
import { readNotifications } from './notifications.ts'
import { normalizeAll } from './orders.ts'
import { createPlaces } from './places.ts'
import { patchQuantities, quantityPlan } from './quantities.ts'
import { searchPages } from './search.ts'
import type { AmazonSettings } from './settings.ts'
import { confirmPackage, lookUpPackages } from './shipments.ts'
import { createSource2026 } from './source-2026.ts'
import { createSourceV0 } from './source-v0.ts'

export type { AmazonSettings } from './settings.ts'

/** Longer than any answer of Amazon's takes to show in a later read. */
const SETTLE_MS = 60_000

/** One Amazon seller account in one region: orders in, packages and quantities out. */
export function createAmazonConnector(gate: Gate, settings: AmazonSettings): MarketplaceConnector {
  const client = createClient(gate, settings)
  const source = settings.ordersApi === 'v0' ? createSourceV0(client) : createSource2026(client)
  const places = createPlaces(client)

  async function confirmShipments(batch: readonly Confirmation[], signal: AbortSignal): Promise<readonly ItemOutcome[]> {
    const outcomes: ItemOutcome[] = []
    let broken: ConnectorError | undefined
    for (const confirmation of batch) {
      if (broken !== undefined) {
        outcomes.push({ status: 'failed', error: broken })
        continue
      }
      try {
        outcomes.push(await confirmPackage(client, confirmation, signal))
      } catch (error) {
        if (!isConnectorError(error) || outcomes.length === 0) throw error
        broken = error
        outcomes.push({ status: 'failed', error })
      }
    }
    return outcomes
  }

  async function updateQuantities(
    batch: readonly QuantityUpdate[],
    way: string,
    signal: AbortSignal,
  ): Promise<readonly QuantityOutcome[]> {
    const placements = await places.placementsOf(batch, signal)
    if (way !== 'feed') return patchQuantities(client, placements, signal)
    // Feeds are for the many: most starts never see one.
    return (await import('./feeds.ts')).feedQuantities(client, placements, signal)
  }

  return {
    channel: settings.channel,
    batchSize: { confirm: 1 },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) => searchPages(gate, source, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders(client, source, window, signal)
    },
    getOrders: async (externalOrderIds, signal) =>
      normalizeAll(settings.channel, await source.byId([...new Set(externalOrderIds)], signal)),
    confirmShipments,
    lookUpConfirmations: (batch, signal) => lookUpPackages(client, batch, signal),
    health: (signal) => checkHealth(client, signal),
    readNotification: (body) => readNotifications(settings, body),
    quantityPlan: (due) => quantityPlan(settings, due),
    updateQuantities,
    readQuantityReport: async (report, sent, sentAt, signal) =>
      (await import('./feed-report.ts')).readFeedReport(client, report, sent, sentAt, signal),
    describeListings: (skus, signal) => places.describe(skus, signal),
    listingLook: { skusPerCall: SEARCH_SIZE / settings.marketplaceIds.length, whole: false },
    // A quantity for a SKU that Amazon ships makes a second record of it.
    checksListings: true,
  }
}
