const login = "client_id: '${CLIENT}', client_secret: '${SECRET}'"

/** A section of each channel; `origins` are those of the stand-ins. */
const channels = {
  amazon: ({ amazon }) => amazonChannel(amazon, 'amazon-us', 'A1SANDBOX', 'ATVPDKIKX0DER', 'REFRESH', '2026-01-01'),
  'amazon-v0': ({ amazon }) => amazonChannel(amazon, 'amazon-v0', 'A1SANDBOX', 'ATVPDKIKX0DER', 'REFRESH', 'v0'),
  'amazon-ca': ({ amazon }) => amazonChannel(amazon, 'amazon-ca', 'A2SANDBOX', 'A2EUQ1WTGCTBG2', 'CA_REFRESH', '2026-01-01'),
  mirakl: ({ mirakl }) => miraklChannel(mirakl, 'mirakl-macys', 2001, 'API_KEY'),
  'mirakl-kohls': ({ mirakl }) => miraklChannel(mirakl, 'mirakl-kohls', 3001, 'KOHLS_KEY'),
  ebay: ({ ebay }) => ebayChannel(ebay, 'trading'),
  'ebay-fulfillment': ({ ebay }) => ebayChannel(ebay, 'fulfillment'),
  dsco: ({ dsco }) => `  rithum-dsco:
    type: rithum
    shipstation_store_id: 20005
    endpoint: ${dsco}
    carriers: { stamps_com: USPS/Priority }
    credentials: { ${login} }
`,
  channeladvisor: ({ channeladvisor }) => `  rithum-ca:
    type: rithum
    product: channeladvisor
    double_path: watch
    shipstation_store_id: 20006
    endpoint: ${channeladvisor}
    auth_endpoint: ${channeladvisor}
    credentials: { application_id: '\${APP}', shared_secret: '\${SHARED}', refresh_token: '\${REFRESH}' }
`,
}

/** What stands in .env. */
export const secrets = {
  API_KEY: 'sandbox-key',
  KOHLS_KEY: 'kohls-key',
  CLIENT: 'sandbox-client',
  SECRET: 'sandbox-secret',
  REFRESH: 'sandbox-refresh',
  CA_REFRESH: 'sandbox-refresh-ca',
  APP: 'sandbox-app',
  CERT: 'sandbox-cert',
  SHARED: 'sandbox-shared',
}

/** The whole of isync.config.yaml: these channels of the stand-ins, and Zoho where there is stock. */
export function configuration(url, origins, wanted, stock) {
  const { shipstation, zoho } = origins
  return `database: ${url}
encryption_keys: \${ISYNC_KEYS}
log_level: error
max_wait: 30m
lease: 1h
channels:
${wanted.map((name) => channels[name](origins)).join('')}shipstation:
  api_key: \${API_KEY}
  api_secret: \${SECRET}
  endpoint: ${shipstation}
${
  stock
    ? `zoho:
  data_center: com
  organization_id: "10234695"
  endpoint: ${zoho}
  auth_endpoint: ${zoho}
  credentials: { ${login}, refresh_token: '\${REFRESH}' }
`
    : ''
}`
}

function amazonChannel(origin, code, seller, marketplace, refresh, api) {
  return `  ${code}:
    type: amazon
    region: na
    marketplace_ids: [${marketplace}]
    seller_id: ${seller}
    orders_api: ${api}
    shipstation_store_id: 20002
    endpoint: ${origin}
    auth_endpoint: ${origin}
    credentials: { ${login}, refresh_token: '\${${refresh}}' }
`
}

function miraklChannel(origin, code, shop, key) {
  return `  ${code}:
    type: mirakl
    base_url: ${origin}
    endpoint: ${origin}
    shop_id: ${shop}
    auto_accept: true
    shipstation_store_id: 20003
    credentials: { api_key: '\${${key}}' }
`
}

function ebayChannel(origin, api) {
  return `  ebay-us:
    type: ebay
    orders_api: ${api}
    shipstation_store_id: 20004
    endpoint: ${origin}
    auth_endpoint: ${origin}
    credentials: { app_id: '\${APP}', cert_id: '\${CERT}', refresh_token: '\${REFRESH}' }
`
}
