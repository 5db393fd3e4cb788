import { type Reader, reader } from './compact.ts'
import { type Listing, remember } from './listing.ts'
import { siteOf } from './sites.ts'
import { next, type State } from './state.ts'

// biome-ignore format: a word list
export const LISTING_KEYS = [
  'sku', 'user', 'item_id', 'model', 'quantity', 'title', 'price', 'site', 'variation', 'tracking', 'offer_id', 'offer_quantity',
  'published', 'distributions', 'auction', 'sold', 'count',
]
const MOST = 1_000_000

/**
 * `{sku: text | null, model?: 'inventory' | 'trading', quantity?, item_id?, variation?: {aspect: value}, tracking?: 'ItemID' | 'SKU',
 * offer_id?, offer_quantity?, published?, distributions?: {warehouse: units}, auction?, sold?, ...}`. Rows of one item_id are its variations. With
 * `count` an entry stands for that many, and the SKU holds `{n}` or `{n:6}`.
 */
export function addListings(state: State, documents: readonly unknown[]): readonly Listing[] {
  return documents.flatMap((document) => {
    const given = reader('listings', document, LISTING_KEYS)
    const sku = given.raw('sku') === null ? undefined : given.text('sku')
    if (sku === '' || (sku === undefined && given.raw('sku') !== null))
      throw new Error('listings: sku must be a text, or null for none')
    return skusOf(sku, given).map((one) => {
      const listing = readListing(state, one, given)
      remember(listing, state.clock.now(), 'seed')
      state.listings.put(listing)
      return listing
    })
  })
}

function skusOf(sku: string | undefined, given: Reader): readonly (string | undefined)[] {
  const count = given.count('count')
  if (count === undefined) return [sku]
  const place = /\{n(?::(\d+))?\}/.exec(sku ?? '')
  if (sku === undefined || place === null) throw new Error(`listings ${sku}: with count, the sku must hold {n} or {n:6}`)
  if (count > MOST) throw new Error(`listings ${sku}: count is above ${MOST}`)
  const width = Number(place[1] ?? 0)
  return Array.from({ length: count }, (_, i) => sku.replace(place[0], String(i + 1).padStart(width, '0')))
}

function readListing(state: State, sku: string | undefined, given: Reader): Listing {
  const where = `listings ${sku ?? '(no SKU)'}`
  const user = given.text('user') ?? state.accounts.all()[0]?.user ?? ''
  const account = state.accounts.byUser(user)
  if (account === undefined) throw new Error(`${where}: no account of user '${user}'`)
  const model = given.oneOf('model', ['inventory', 'trading']) ?? 'inventory'
  if (model === 'inventory' && sku === undefined) throw new Error(`${where}: the inventory model needs a SKU`)
  const n = next(state)
  const site = given.text('site') ?? account.site
  const itemId = given.text('item_id') ?? String(256_000_000_000 + n)
  const variation = given.object('variation')
  const siblings = state.listings.byItem(itemId)
  if (siblings.some((row) => row.sku === sku)) throw new Error(`${where}: item ${itemId} has this SKU already`)
  if (siblings.length > 0 && variation === undefined)
    throw new Error(`${where}: item ${itemId} has rows, so this needs a variation`)
  return {
    user,
    itemId,
    sku,
    title: given.text('title') ?? `Sample product ${n}`,
    price: given.amount('price') ?? '10.00',
    currency: siteOf(site).currency,
    site,
    variation:
      variation === undefined ? undefined : Object.fromEntries(Object.entries(variation).map(([k, value]) => [k, String(value)])),
    tracking: given.oneOf('tracking', ['ItemID', 'SKU']) ?? 'ItemID',
    auction: given.count('auction') ?? 0,
    model,
    quantity: given.count('quantity') ?? 0,
    offer: {
      id: given.text('offer_id') ?? String(5_000_000_000 + n),
      published: given.flag('published') ?? true,
      quantity: given.count('offer_quantity'),
    },
    distributions: readDistributions(where, given),
    distributionsLost: false,
    ended: false,
    refusal: undefined,
    history: [],
    bought: given.count('sold') ?? 0,
    oversold: [],
  }
}

function readDistributions(where: string, given: Reader): Readonly<Record<string, number>> | undefined {
  const places = given.object('distributions')
  if (places === undefined) return undefined
  const units = reader(`${where}.distributions`, places, Object.keys(places))
  return Object.fromEntries(Object.keys(places).map((key) => [key, units.count(key) ?? 0]))
}
