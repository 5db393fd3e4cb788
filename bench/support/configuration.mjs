/** The whole of isync.config.yaml: these channels of the stand-ins, and Zoho where there is stock. */
export function configuration(url, { amazon, mirakl, shipstation, zoho }, wanted, stock) {
  const login = "client_id: '${CLIENT}', client_secret: '${SECRET}'"
  const amazonChannel = (code, seller, marketplace, refresh) => `  ${code}:
    type: amazon
    region: na
    marketplace_ids: [${marketplace}]
    seller_id: ${seller}
    shipstation_store_id: 20002
    endpoint: ${amazon}
    auth_endpoint: ${amazon}
    credentials: { ${login}, refresh_token: '\${${refresh}}' }
`
  const miraklChannel = (code, shop, key) => `  ${code}:
    type: mirakl
    base_url: ${mirakl}
    endpoint: ${mirakl}
    shop_id: ${shop}
    shipstation_store_id: 20003
    credentials: { api_key: '\${${key}}' }
`
  const channels = {
    amazon: amazonChannel('amazon-us', 'A1SANDBOX', 'ATVPDKIKX0DER', 'REFRESH'),
    'amazon-ca': amazonChannel('amazon-ca', 'A2SANDBOX', 'A2EUQ1WTGCTBG2', 'CA_REFRESH'),
    mirakl: miraklChannel('mirakl-macys', 2001, 'API_KEY'),
    'mirakl-kohls': miraklChannel('mirakl-kohls', 3001, 'KOHLS_KEY'),
  }
  return `database: ${url}
encryption_keys: \${ISYNC_KEYS}
log_level: error
max_wait: 30m
lease: 1h
channels:
${wanted.map((name) => channels[name]).join('')}shipstation:
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
