import { createAmazonConnector } from './amazon/connector.ts'
import { createMiraklConnector } from './mirakl/connector.ts'
import { createShipStationConnector } from './shipstation/connector.ts'

/** Every vendor there is a connector for. The composition root gives each its settings. */
export const connectors = {
  amazon: createAmazonConnector,
  mirakl: createMiraklConnector,
  shipstation: createShipStationConnector,
}

export type { AmazonSettings } from './amazon/settings.ts'
export type { MiraklSettings } from './mirakl/client.ts'
export type { ShipStationSettings } from './shipstation/client.ts'
