/** What the vendors of the reconcile benchmark hold, made from a number: nothing of it has to be kept. */
export const DAY_MS = 86_400_000
export const codes = ['amazon-us', 'mirakl-macys']

/** Orders that the channels have and we do not: behind the others. */
export function slippedIds(count, slipped) {
  return Array.from({ length: slipped }, (_, n) => count + n)
}

/** One line of one of a thousand articles; everybody lives somewhere else. Spread over almost seven days. */
export function benchOrder(n, now) {
  const createdAt = now - 3_600_000 - ((n * 7919) % 600_000) * 1000
  const price = 500 + (n % 90) * 100
  return {
    channel: codes[n % 2],
    externalOrderId: `B-${n}`,
    status: 'open',
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: createdAt,
    buyer: { name: `Buyer ${n}`, email: `buyer-${n}@marketplace.example.com` },
    shipTo: { name: `Buyer ${n}`, address1: `${n} Bench Street`, city: 'Portland', state: 'OR', postal: '97201', country: 'US' },
    lines: [
      {
        externalLineId: '1',
        sku: `SKU-${((n >> 1) * 31) % 1000}`,
        name: 'Thing',
        qty: 1,
        qtyToShip: 1,
        price,
        tax: 0,
        discount: 0,
      },
    ],
    currency: 'USD',
    totals: { items: price, shipping: 0, tax: 0, discount: 0, total: price },
    gift: { isGift: false },
    flags: [],
    raw: { id: n },
  }
}

const plan = { firstDelayMs: 30_000, factor: 2, maxDelayMs: 300_000, jitter: 0, retries: 3 }
const channel = (code, storeId) => ({
  code,
  storeId,
  overlapMs: 600_000,
  firstPullMs: 604_800_000,
  personalDays: 90,
  carriers: [],
  acknowledges: 'never',
})

export const benchSettings = {
  retry: { push: plan, confirm: plan, acknowledge: plan, publish: plan },
  leaseMs: 600_000,
  onCancel: 'hold',
  carriers: {},
  channels: new Map(codes.map((code, n) => [code, channel(code, n + 1)])),
  inventory: { defaults: {}, channels: new Map(), lowStockThreshold: 1, reservePending: true, carry: 'since_sync' },
  reconcile: {
    windowMs: 7 * DAY_MS,
    autoRemedy: true,
    minAgeMs: 900_000,
    limits: { warningCount: 10, warningPct: 3, criticalCount: 50, criticalPct: 10 },
    maxRepairs: 5000,
    unconfirmedAfterMs: 3_600_000,
    stuckAfterMs: 7_200_000,
    waitingAfterMs: DAY_MS,
  },
}
