import { DEFAULT_PROFILE } from './accounts.ts'
import type { Center } from './center.ts'
import { usualCenter } from './centers.ts'
import { type Reader, reader } from './compact.ts'
import { type Product, remember } from './product.ts'
import { next, type State } from './state.ts'

// biome-ignore format: a word list
export const PRODUCT_KEYS = ['sku', 'product_id', 'profile_id', 'title', 'price', 'quantity', 'dcs', 'allocated', 'count', 'sold']
const MOST = 1_000_000

/**
 * `{sku, quantity? (what can be bought), dcs?: {distribution center: units}, product_id?, profile_id?, allocated?, ...}`. With `count` an
 * entry stands for that many, and the SKU holds `{n}` or `{n:6}`.
 */
export function addProducts(state: State, documents: readonly unknown[]): readonly Product[] {
  return documents.flatMap((document) => {
    const given = reader('products', document, PRODUCT_KEYS)
    const sku = given.text('sku')
    if (sku === undefined || sku === '') throw new Error('products: sku is missing')
    return skusOf(sku, given).map((one) => {
      const product = readProduct(state, one, given)
      remember(product, state.clock.now(), 'seed')
      state.products.put(product)
      return product
    })
  })
}

function skusOf(sku: string, given: Reader): readonly string[] {
  const count = given.count('count')
  if (count === undefined) return [sku]
  const place = /\{n(?::(\d+))?\}/.exec(sku)
  if (place === null) throw new Error(`products ${sku}: with count, the sku must hold {n} or {n:6}`)
  if (count > MOST) throw new Error(`products ${sku}: count is above ${MOST}`)
  const width = Number(place[1] ?? 0)
  return Array.from({ length: count }, (_, i) => sku.replace(place[0], String(i + 1).padStart(width, '0')))
}

function readProduct(state: State, sku: string, given: Reader): Product {
  const n = next(state)
  const now = state.clock.now()
  return {
    id: given.count('product_id') ?? 31_000_000 + n,
    profileId: given.count('profile_id') ?? DEFAULT_PROFILE,
    sku,
    title: given.text('title') ?? `Sample product ${n}`,
    price: given.amount('price') ?? '10.00',
    createdAt: now,
    updatedAt: now,
    stock: readStock(state, sku, given),
    allocated: given.count('allocated') ?? 0,
    isDeleted: false,
    refusal: undefined,
    history: [],
    told: [],
    bought: given.count('sold') ?? 0,
    oversold: [],
  }
}

function readStock(state: State, sku: string, given: Reader): Map<Center, number> {
  const centers = given.object('dcs')
  if (centers === undefined) return new Map([[usualCenter(state), given.count('quantity') ?? 0]])
  const units = reader(`products ${sku}.dcs`, centers, Object.keys(centers))
  return new Map(
    Object.keys(centers).map((key) => {
      const center = state.centers.get(Number(key))
      if (center === undefined) throw new Error(`products ${sku}.dcs: there is no distribution center ${key}`)
      return [center, units.count(key) ?? 0]
    }),
  )
}
