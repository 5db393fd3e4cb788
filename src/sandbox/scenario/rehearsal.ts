import type { Sandbox } from '../sandbox.ts'
import { amazonListings } from './amazon-listings.ts'
import { amazonOrders } from './amazon-orders.ts'
import { channelAdvisorOrders, distributionCenters } from './channeladvisor-orders.ts'
import { channelAdvisorProducts } from './channeladvisor-products.ts'
import { dscoItems } from './dsco-items.ts'
import { dscoCarriers, dscoOrders } from './dsco-orders.ts'
import { ebayListings } from './ebay-listings.ts'
import { ebayOrders } from './ebay-orders.ts'
import { miraklOffers } from './mirakl-offers.ts'
import { miraklOrders } from './mirakl-orders.ts'
import { zohoItems } from './zoho-items.ts'

/** About 300 orders on five channels, what is on sale there, and the stock of it. `now`: epoch ms. */
export function seedRehearsal(sandbox: Pick<Sandbox, 'seed'>, now: number): void {
  sandbox.seed('amazon', { orders: amazonOrders(now), listings: amazonListings() })
  sandbox.seed('mirakl', { orders: miraklOrders(now), offers: miraklOffers() })
  sandbox.seed('ebay', { orders: ebayOrders(now), listings: ebayListings() })
  sandbox.seed('dsco', { carriers: dscoCarriers, orders: dscoOrders(now), items: dscoItems() })
  sandbox.seed('channeladvisor', {
    distribution_centers: distributionCenters,
    orders: channelAdvisorOrders(now),
    products: channelAdvisorProducts(),
  })
  sandbox.seed('zoho', { items: zohoItems() })
}
