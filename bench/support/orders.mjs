const DAY_MS = 86_400_000

/** Open orders of a stand-in, spread over the days before yesterday: one or two lines each, like most of a small seller's. */
export async function seedOrders(world, vendor, count, { from = 0, change = {} } = {}) {
  const now = await world.now()
  for (let start = from; start < from + count; start += 1000) {
    const numbers = Array.from({ length: Math.min(1000, from + count - start) }, (_, i) => start + i)
    const at = (n) => now - 5 * DAY_MS + Math.floor(((n - from) / count) * 3 * DAY_MS)
    await world.seed(vendor, { orders: numbers.map((n) => ({ ...orders[vendor](n, at(n)), ...change })) })
  }
}

const orders = {
  amazon: (n, at) => ({
    ...{ status: 'UNSHIPPED', created_at: at, updated_at: at },
    items: linesOf(n).map((line) => ({ ...line, unit_price: '19.99', tax: '1.60' })),
  }),
  mirakl: (n, at) => ({
    ...{ state: 'SHIPPING', created_at: at, updated_at: at },
    lines: linesOf(n).map(({ sku, quantity }) => ({ offer_sku: sku, quantity, price_unit: '19.99' })),
  }),
  ebay: (n, at) => ({ created_at: at, paid_at: at, updated_at: at, lines: linesOf(n).map(priced) }),
  dsco: (n, at) => ({ created_at: at, updated_at: at, lines: linesOf(n).map(priced) }),
  channeladvisor: (n, at) => ({ created_at: at, imported_at: at, updated_at: at, lines: linesOf(n).map(priced) }),
}

function linesOf(n) {
  return Array.from({ length: 1 + (n % 2) }, (_, i) => ({ sku: `SKU-${n % 500}-${i}`, quantity: 1 + (n % 3) }))
}

function priced(line) {
  return { ...line, price: '19.99' }
}
