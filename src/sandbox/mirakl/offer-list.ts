import type { SandboxReply } from '../stand-in.ts'
import { type Call, linkHeader, pageNumber } from './call.ts'
import type { Account } from './model.ts'
import { type Offer, type OfferSort, titleOf } from './offers.ts'
import { amount, decimal, fail, isReply, seconds } from './wire.ts'

const DEFAULT_MAX = 10
const CEILING = 100
const DAY = 86_400_000
const SORTS: readonly OfferSort[] = ['totalPrice', 'price', 'productTitle']
const STATE_CODE = '11'

/** OF21 (section 6): offset paging, `sku` takes one value; the cheapest first unless told otherwise. */
export function listOffers(call: Call): SandboxReply {
  const { account, request, shopId, now } = call
  const { query } = request
  const max = pageNumber(query, 'max', DEFAULT_MAX, 1, CEILING)
  if (isReply(max)) return max
  const offset = pageNumber(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER)
  if (isReply(offset)) return offset
  const sort = SORTS.find((known) => known === (query.get('sort') ?? 'totalPrice'))
  if (sort === undefined) return fail(400, `Cannot sort by '${query.get('sort')}'.`)
  const order = query.get('order') ?? 'asc'
  if (order !== 'asc' && order !== 'desc') return fail(400, `Unknown sort order '${order}'.`)

  const found = shopId === undefined ? [] : matching(account, shopId, sort, query)
  const from = order === 'asc' ? found.slice(offset, offset + max) : found.toReversed().slice(offset, offset + max)
  const link = linkHeader(request, offset, max, found.length)
  return {
    status: 200,
    headers: link === '' ? {} : { link },
    body: { offers: from.map((offer) => offerWire(account, offer, now)), total_count: found.length },
  }
}

function matching(account: Account, shopId: number, sort: OfferSort, query: URLSearchParams): readonly Offer[] {
  const states = query.get('offer_state_codes')
  if (states !== null && states !== '' && !states.split(',').includes(STATE_CODE)) return []
  if (query.get('favorite') === 'true') return []
  const sku = query.get('sku')
  const product = query.get('product_id')
  const isProduct = (offer: Offer) => product === null || product === '' || productSku(offer) === product
  if (sku === null || sku === '') {
    const all = account.offers.listed(shopId, sort)
    return product === null || product === '' ? all : all.filter(isProduct)
  }
  const named = account.offers.find(shopId, sku)
  return named?.listed === true && isProduct(named) ? [named] : []
}

function productSku(offer: Offer): string {
  return `MKP-${offer.sku}`
}

/** Keys that are not required are left out where there is nothing to say. */
function offerWire(account: Account, offer: Offer, now: number): unknown {
  const price = amount(decimal(offer.price))
  const prices = {
    price,
    unit_origin_price: price,
    volume_prices: [{ price, quantity_threshold: 1, unit_discount_price: price, unit_origin_price: price }],
  }
  return {
    active: offer.quantity > 0,
    all_prices: [{ channel_code: null, ...prices }],
    applicable_pricing: { channel_code: null, ...prices },
    category_code: 'sandbox',
    category_label: 'Sandbox goods',
    channels: account.channel === undefined ? [] : [account.channel],
    currency_iso_code: account.currency,
    description: offer.description ?? '',
    fulfillment: { center: { code: offer.center } },
    ...(offer.quantity > 0 ? {} : { inactivity_reasons: ['ZERO_QUANTITY'] }),
    leadtime_to_ship: 2,
    logistic_class: { code: 'M', label: 'Medium' },
    max_order_quantity: 0,
    min_order_quantity: 1,
    min_quantity_alert: 0,
    min_shipping_price: 0,
    min_shipping_price_additional: 0,
    min_shipping_type: 'STD',
    min_shipping_zone: 'DOM',
    offer_additional_fields: [],
    offer_id: offer.id,
    package_quantity: 1,
    price,
    product_references: [],
    product_sku: productSku(offer),
    product_title: titleOf(offer),
    quantity: offer.quantity,
    shipping_deadline: seconds(now + 2 * DAY),
    shop_sku: offer.sku,
    state_code: STATE_CODE,
    total_price: price,
    ...(offer.warehouses === undefined
      ? {}
      : { warehouses: [...offer.warehouses].map(([code, quantity]) => ({ code, quantity })) }),
  }
}
