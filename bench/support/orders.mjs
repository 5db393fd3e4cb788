const DAY_MS = 86_400_000

/** Open orders of both stand-ins, spread over the days before yesterday: one or two lines each, like most of a small seller's. */
export async function seedOrders(world, vendor, count, { from = 0 } = {}) {
  const now = await world.now()
  for (let start = from; start < from + count; start += 1000) {
    const numbers = Array.from({ length: Math.min(1000, from + count - start) }, (_, i) => start + i)
    const at = (n) => now - 5 * DAY_MS + Math.floor(((n - from) / count) * 3 * DAY_MS)
    await world.seed(vendor, {
      orders: numbers.map((n) => (vendor === 'amazon' ? amazonOrder(n, at(n)) : miraklOrder(n, at(n)))),
    })
  }
}

function amazonOrder(n, at) {
  const items = Array.from({ length: 1 + (n % 2) }, (_, i) => ({
    sku: `SKU-${n % 500}-${i}`,
    quantity: 1 + (n % 3),
    unit_price: '19.99',
    tax: '1.60',
  }))
  return { status: 'UNSHIPPED', created_at: at, updated_at: at, items }
}

function miraklOrder(n, at) {
  const lines = Array.from({ length: 1 + (n % 2) }, (_, i) => ({
    offer_sku: `SKU-${n % 500}-${i}`,
    quantity: 1 + (n % 3),
    price_unit: '19.99',
  }))
  return { state: 'SHIPPING', created_at: at, updated_at: at, lines }
}
