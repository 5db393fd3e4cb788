const SKU = 'SKU-{n:6}'

/** SKU-000042 */
export function skuNo(n) {
  return `SKU-${String(n).padStart(6, '0')}`
}

/** So many SKUs in Zoho, 5 to 54 of each, and the same on every channel, whose pages show 99 so far. */
export async function seedStock(world, count, channels) {
  const stock = Array.from({ length: 50 }, (_, n) => 5 + n)
  await world.seed('zoho', { settings: { calls_per_minute: 0, calls_per_day: 0 }, generate: { count, stock } })
  const listings = { sku: SKU, count, quantity: 99 }
  if (channels.includes('amazon')) await world.seed('amazon', { listings: [listings] })
  if (channels.includes('amazon-ca')) {
    const marketplaces = ['A2EUQ1WTGCTBG2']
    const account = { seller_id: 'A2SANDBOX', refresh_token: 'sandbox-refresh-ca', marketplaces }
    await world.seed('amazon', {
      accounts: [{ ...account, client_id: 'sandbox-client', client_secret: 'sandbox-secret' }],
      listings: [{ ...listings, seller_id: 'A2SANDBOX', marketplaces }],
    })
  }
  if (channels.includes('amazon-v0')) await world.seed('amazon', { listings: [listings] })
  if (channels.includes('mirakl')) await world.seed('mirakl', { offers: [listings] })
  if (channels.includes('ebay')) await world.seed('ebay', { listings: [{ ...listings, model: 'trading' }] })
  if (channels.includes('ebay-fulfillment')) await world.seed('ebay', { listings: [{ ...listings, model: 'inventory' }] })
  if (channels.includes('channeladvisor')) await world.seed('channeladvisor', { products: [listings] })
  if (channels.includes('dsco'))
    await world.seed('dsco', { items: Array.from({ length: count }, (_, n) => ({ sku: skuNo(n + 1), quantity: 99 })) })
  if (channels.includes('mirakl-kohls')) {
    await world.seed('mirakl', {
      accounts: [{ api_key: 'kohls-key', shop_id: 3001, marketplace: 'kohls' }],
      offers: [{ ...listings, api_key: 'kohls-key', shop: 3001 }],
    })
  }
}

/** Sets the stock of SKUs spread evenly over all of them; `level` is new to each. */
export async function changeStock(world, skus, count, level) {
  for (let n = 0; n < count; n += 1)
    await world.act('zoho', 'set-stock', { sku: skuNo(1 + Math.floor((n * skus) / count)), stock: level })
}
