import { createAmazonConnector } from './amazon/connector.ts'
import { createEbayConnector } from './ebay/connector.ts'
import { createMiraklConnector } from './mirakl/connector.ts'
import { createShipStationConnector } from './shipstation/connector.ts'
import { createZohoConnector } from './zoho/connector.ts'

/** Every vendor there is a connector for. The composition root gives each its settings. */
export const connectors = {
  amazon: createAmazonConnector,
  ebay: createEbayConnector,
  mirakl: createMiraklConnector,
  shipstation: createShipStationConnector,
  zoho: createZohoConnector,
}
