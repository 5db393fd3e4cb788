import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { LIST_SIZE } from './active-list.ts'
import { buyerAccountIn } from './buyer-account.ts'
import { createClient } from './client.ts'
import { checkHealth } from './health.ts'
import { createListings } from './listings.ts'
import type { NotificationKeys } from './notification-keys.ts'
import { readNotification } from './notifications.ts'
import { sorted } from './order-source.ts'
import { quantityPlan, updateQuantities } from './quantities.ts'
import { searchPages } from './search.ts'
import type { EbaySettings } from './settings.ts'
import { confirmShipments, lookUpConfirmations } from './shipments.ts'
import { createRestSource } from './source-rest.ts'
import { createTradingSource } from './source-trading.ts'

export type { EbaySettings } from './settings.ts'

/** So few that one reading of the orders serves them all. */
const CONFIRM_BATCH = 20
/** Longer than an answer of eBay's takes to show in a later read. */
const SETTLE_MS = 60_000

/** One eBay seller: orders in, packages and quantities out. */
export function createEbayConnector(gate: Gate, settings: EbaySettings): MarketplaceConnector {
  const client = createClient(gate, settings)
  const trading = createTradingSource(client)
  const source = settings.ordersApi === 'trading' ? trading : createRestSource(client)
  const listings = createListings(client)
  let keys: NotificationKeys | undefined
  return {
    channel: settings.channel,
    batchSize: { confirm: CONFIRM_BATCH },
    settleMs: SETTLE_MS,
    listOrders: (since, signal) => searchPages(gate, source, since, signal),
    // Only reconcile asks for it.
    async *listOpenOrders(window, signal) {
      const { listOpenOrders } = await import('./open-orders.ts')
      yield* listOpenOrders(gate, source, window, signal)
    },
    getOrders: async (externalOrderIds, signal) =>
      sorted(await source.read(await source.byId([...new Set(externalOrderIds)], signal), signal)),
    confirmShipments: (batch, signal) => confirmShipments(client, trading, batch, signal),
    lookUpConfirmations: (batch, signal) => lookUpConfirmations(client, trading, batch, signal),
    health: (signal) => checkHealth(client, signal),
    buyerAccountIn,
    readNotification,
    // Only what eBay pushes is signed.
    async notificationKey(keyId, signal) {
      const { createNotificationKeys } = await import('./notification-keys.ts')
      keys ??= createNotificationKeys(gate, settings)
      return keys.of(keyId, signal)
    },
    quantityPlan: () => quantityPlan(settings),
    updateQuantities: (batch, _way, signal) => updateQuantities(client, listings, batch, signal),
    describeListings: (skus, signal) => listings.describe(skus, signal),
    ...(settings.inventoryApi === 'trading' ? { listingLook: { skusPerCall: LIST_SIZE, whole: true } } : {}),
    // By which API a quantity goes has to be known first; and stock by warehouse would be wiped out by one number.
    checksListings: true,
  }
}
