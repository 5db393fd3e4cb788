import type { Product } from './product.ts'

export interface ProductStore {
  byId(id: number): Product | undefined
  bySku(profileId: number, sku: string): Product | undefined
  /** Of these profiles, oldest ID first, deleted ones left out. */
  visible(profiles: ReadonlySet<number>): readonly Product[]
  all(): Iterable<Product>
  put(product: Product): void
  /** A product went or came back. */
  changed(): void
}

/** Holds 100,000 of them: the sorted view is made once. */
export function createProductStore(): ProductStore {
  const products = new Map<number, Product>()
  const bySku = new Map<string, Product>()
  const views = new Map<string, readonly Product[]>()

  return {
    byId: (id) => products.get(id),
    bySku: (profileId, sku) => bySku.get(`${profileId} ${sku}`),
    visible(profiles) {
      const key = [...profiles].join(' ')
      const known = views.get(key)
      if (known !== undefined) return known
      const own = [...products.values()].filter(({ profileId, isDeleted }) => profiles.has(profileId) && !isDeleted)
      const view = own.sort((a, b) => a.id - b.id)
      views.set(key, view)
      return view
    },
    all: () => products.values(),
    put(product) {
      const key = `${product.profileId} ${product.sku}`
      if (products.has(product.id)) throw new Error(`products: there is a product ${product.id} already`)
      if (bySku.has(key)) throw new Error(`products: profile ${product.profileId} has the SKU ${product.sku} already`)
      products.set(product.id, product)
      bySku.set(key, product)
      views.clear()
    },
    changed: () => views.clear(),
  }
}
