/**
 * Every vendor there is a connector for. Each is loaded when it is first asked for: cron pays for every line that a start loads. The composition
 * root gives each its settings.
 */
export const connectors = {
  amazon: async () => (await import('./amazon/connector.ts')).createAmazonConnector,
  ebay: async () => (await import('./ebay/connector.ts')).createEbayConnector,
  mirakl: async () => (await import('./mirakl/connector.ts')).createMiraklConnector,
  shipstation: async () => (await import('./shipstation/connector.ts')).createShipStationConnector,
  zoho: async () => (await import('./zoho/connector.ts')).createZohoConnector,
}
