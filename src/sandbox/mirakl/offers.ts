/** By whom a quantity was set. */
export type Hand = 'seed' | 'import' | 'buyer' | 'person' | 'OF24' | 'OF01'

/** One article of one shop, as OF21 lists it. */
export interface Offer {
  readonly id: number
  readonly sku: string
  readonly shopId: number
  readonly title: string | undefined
  /** DEFAULT: the seller's own warehouse (section 3). */
  readonly center: string
  price: string
  description: string | undefined
  quantity: number
  /** Where stock is kept by warehouse: the parts of the quantity. */
  warehouses: ReadonlyMap<string, number> | undefined
  listed: boolean
  /** Why the platform takes no line for it. */
  refusal: string | undefined
  readonly history: (readonly [at: number, quantity: number, by: Hand])[]
}

/** All offers of an account. Holds 100,000 of them: the sorted views are made once and thrown away by {@link Offers.changed}. */
export interface Offers {
  /** Listed or not. */
  find(shopId: number, sku: string): Offer | undefined
  all(): Iterable<Offer>
  add(offer: Offer): void
  /** Listed offers of a shop, sorted by `sort` and then by age. */
  listed(shopId: number, sort: OfferSort): readonly Offer[]
  /** An offer came, went or has another price. */
  changed(): void
}

export type OfferSort = 'totalPrice' | 'price' | 'productTitle'

export function emptyOffers(): Offers {
  const byKey = new Map<string, Offer>()
  const views = new Map<string, readonly Offer[]>()
  return {
    find: (shopId, sku) => byKey.get(keyOf(shopId, sku)),
    all: () => byKey.values(),
    add(offer) {
      byKey.set(keyOf(offer.shopId, offer.sku), offer)
      views.clear()
    },
    listed(shopId, sort) {
      const name = `${sort} ${shopId}`
      const view = views.get(name) ?? sorted(byKey.values(), shopId, sort)
      views.set(name, view)
      return view
    },
    changed: () => views.clear(),
  }
}

function keyOf(shopId: number, sku: string): string {
  return `${shopId} ${sku}`
}

function sorted(offers: Iterable<Offer>, shopId: number, sort: OfferSort): readonly Offer[] {
  const own = [...offers].filter((offer) => offer.listed && offer.shopId === shopId)
  const byPrice = (a: Offer, b: Offer) => Number(a.price) - Number(b.price) || a.id - b.id
  return own.sort(sort === 'productTitle' ? (a, b) => compare(titleOf(a), titleOf(b)) || byPrice(a, b) : byPrice)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

export function titleOf(offer: Offer): string {
  return offer.title ?? `Sandbox article ${offer.sku}`
}

export function setQuantity(offer: Offer, quantity: number, at: number, by: Hand): void {
  offer.quantity = quantity
  offer.history.push([at, quantity, by])
}
