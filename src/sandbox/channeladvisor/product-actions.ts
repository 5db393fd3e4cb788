import { DEFAULT_PROFILE } from './accounts.ts'
import { type Center, isExternal } from './center.ts'
import { type Reader, reader } from './compact.ts'
import { addOrders } from './order-seed.ts'
import { liveQuantity, type Product, remember, setStock } from './product.ts'
import { addProducts } from './product-seed.ts'
import type { State } from './state.ts'
import { isRecord } from './wire.ts'

type Action = (state: State, argument: unknown) => unknown

const NAMED = ['sku', 'profile_id']
const ALWAYS = Number.MAX_SAFE_INTEGER

/** What happens to products; `sku` names one, with `profile_id` where it is not the default profile's. */
export const PRODUCT_ACTIONS: Readonly<Record<string, Action>> = {
  buy,
  'add-products': addMore,
  'set-quantity': setByHand,
  delist: (state, argument) => relist(state, argument, true),
  list: (state, argument) => relist(state, argument, false),
  'fail-sku': failSku,
}

/**
 * `{sku, quantity? (1), order? (keys of a compact order), even_if_short?}`: a buyer's order. What is for sale falls at once, paid or not. Throws
 * when there is not that much left; `even_if_short` lets it through, as when two marketplaces sell at the same moment.
 */
function buy(state: State, argument: unknown): unknown {
  const given = reader('buy', argument, [...NAMED, 'quantity', 'order', 'even_if_short'])
  const product = productOf(state, 'buy', given)
  const live = liveQuantity(product)
  if (live === undefined) throw new Error(`buy: ${product.sku} is not for sale`)
  const quantity = given.count('quantity') ?? 1
  if (quantity < 1) throw new Error('buy: quantity must be 1 or more')
  const isShort = quantity > live
  if (isShort && given.flag('even_if_short') !== true) throw new Error(`buy: ${quantity} of ${product.sku} wanted, ${live} left`)
  const more = given.raw('order') ?? {}
  if (!isRecord(more)) throw new Error('buy.order: must be an object')
  const now = state.clock.now()
  const center = sourceOf(product, quantity)
  const line = { sku: product.sku, title: product.title, price: product.price, quantity, dc: center.id }
  const order = { profile_id: product.profileId, ...more, lines: [line] }
  const [orderId = 0] = addOrders(state, [order], { createdAt: now, importedAt: now })
  takeOff(product, center, quantity, now)
  product.bought += quantity
  if (isShort) product.oversold.push(orderId)
  return { order_id: orderId, left: liveQuantity(product) ?? 0 }
}

/** Where all of it is, the seller's own before others; else where it is sold short. */
function sourceOf(product: Product, quantity: number): Center {
  const centers = [...product.stock.keys()].sort((a, b) => Number(isExternal(a)) - Number(isExternal(b)))
  const center = centers.find((each) => (product.stock.get(each) ?? 0) >= quantity) ?? centers[0]
  if (center === undefined) throw new Error(`buy: ${product.sku} is in no distribution center`)
  return center
}

function takeOff(product: Product, first: Center, quantity: number, now: number): void {
  let left = quantity
  for (const center of [first, ...[...product.stock.keys()].filter((each) => each !== first)]) {
    const units = product.stock.get(center) ?? 0
    const taken = Math.min(units, left)
    left -= taken
    product.stock.set(center, units - taken)
  }
  product.updatedAt = Math.max(now, product.updatedAt + 1)
  remember(product, now, 'buyer')
}

/** `{products: [...]}` as in a seed. */
function addMore(state: State, argument: unknown): unknown {
  const products = reader('add-products', argument, ['products']).list('products')
  if (products === undefined) throw new Error('add-products: give {products: [...]}')
  return { product_ids: addProducts(state, products).map(({ id }) => id) }
}

/** `{sku, quantity, dc?}`: somebody edits the number in the platform's own pages. */
function setByHand(state: State, argument: unknown): unknown {
  const given = reader('set-quantity', argument, [...NAMED, 'quantity', 'dc'])
  const product = productOf(state, 'set-quantity', given)
  const quantity = given.count('quantity')
  if (quantity === undefined) throw new Error('set-quantity: quantity is missing')
  const center = given.has('dc') ? state.centers.get(given.whole('dc') ?? Number.NaN) : [...product.stock.keys()][0]
  if (center === undefined) throw new Error('set-quantity: there is no such distribution center')
  setStock(product, center, quantity, state.clock.now(), 'person')
  return { live: liveQuantity(product) ?? null }
}

/** `{sku}`: the product is deleted, or comes back under its ID. */
function relist(state: State, argument: unknown, isDeleted: boolean): unknown {
  const action = isDeleted ? 'delist' : 'list'
  const product = productOf(state, action, reader(action, argument, NAMED))
  product.isDeleted = isDeleted
  remember(product, state.clock.now(), 'person')
  state.products.changed()
  return { product_id: product.id }
}

/** `{sku, status? (400), message?, times?, on? (true)}`: writes to this product are refused, so often or until `on: false`. */
function failSku(state: State, argument: unknown): unknown {
  const given = reader('fail-sku', argument, [...NAMED, 'status', 'message', 'times', 'on'])
  const product = productOf(state, 'fail-sku', given)
  const refusal = {
    status: given.count('status') ?? 400,
    message: given.text('message') ?? 'The quantity cannot be updated.',
    left: given.count('times') ?? ALWAYS,
  }
  product.refusal = given.flag('on') === false ? undefined : refusal
  return { failing: product.refusal !== undefined }
}

function productOf(state: State, action: string, given: Reader): Product {
  const sku = given.text('sku') ?? ''
  const product = state.products.bySku(given.count('profile_id') ?? DEFAULT_PROFILE, sku)
  if (product === undefined) throw new Error(`${action}: no product '${sku}'`)
  return product
}
