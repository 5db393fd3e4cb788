import { type Reader, reader } from './compact.ts'
import { type Listing, liveQuantity, remember } from './listing.ts'
import { addListings, LISTING_KEYS } from './listing-seed.ts'
import { addOrders } from './order-seed.ts'
import type { State } from './state.ts'
import { setLevels } from './stock.ts'
import { isRecord } from './wire.ts'

type Action = (state: State, argument: unknown) => unknown

const NAMED = ['sku', 'item_id', 'user']
const ALWAYS = Number.MAX_SAFE_INTEGER

/** What happens to listings. `sku` names the row; `item_id` and `user` which one, where there are several. */
export const LISTING_ACTIONS: Readonly<Record<string, Action>> = {
  buy,
  list,
  delist,
  'set-quantity': setByHand,
  migrate,
  publish,
  'fail-sku': failSku,
  'lose-entry': loseEntry,
  'fail-read': failRead,
}

/**
 * `{sku, quantity? (1), item_id?, user?, order? (keys of a compact order), even_if_short?}`: a buyer's order. What is for sale falls at once,
 * paid or not. Throws when there is not that much left; `even_if_short` lets it through, as when two buyers are served at the same moment.
 */
function buy(state: State, argument: unknown): unknown {
  const given = reader('buy', argument, [...NAMED, 'quantity', 'order', 'even_if_short'])
  const listing = rowOf(state, 'buy', given)
  const label = listing.sku ?? listing.itemId
  const live = liveQuantity(listing)
  if (live === undefined) throw new Error(`buy: ${label} is not for sale`)
  const quantity = given.count('quantity') ?? 1
  if (quantity < 1) throw new Error('buy: quantity must be 1 or more')
  const isShort = quantity > live
  if (isShort && given.flag('even_if_short') !== true) throw new Error(`buy: ${quantity} of ${label} wanted, ${live} left`)
  const [orderId = ''] = addOrders(state, [orderFor(listing, quantity, given.raw('order'))], state.clock.now())
  const { offer } = listing
  const left = (units: number): number => Math.max(0, units - quantity)
  setLevels(
    state,
    listing,
    { quantity: left(listing.quantity), ...(offer.quantity === undefined ? {} : { offerQuantity: left(offer.quantity) }) },
    'buyer',
  )
  listing.bought += quantity
  if (isShort) listing.oversold.push(orderId)
  return { order_id: orderId, left: liveQuantity(listing) ?? 0 }
}

function orderFor(listing: Listing, quantity: number, more: unknown): object {
  if (more !== undefined && !isRecord(more)) throw new Error('buy.order: must be an object')
  const { user, itemId, sku, title, price, variation, site } = listing
  const line = { item_id: itemId, sku: sku ?? null, title, price, quantity, ...(variation === undefined ? {} : { variation }) }
  return { user, site, ...more, lines: [line] }
}

/** `{listings: [entry of a seed]}` or one entry. A row that ended comes back, with the `quantity` given. */
function list(state: State, argument: unknown): unknown {
  if (isRecord(argument) && Array.isArray(argument['listings'])) {
    return { skus: addListings(state, argument['listings'] as readonly unknown[]).map(({ sku }) => sku ?? null) }
  }
  const given = reader('list', argument, LISTING_KEYS)
  const back = rowsOf(state, given).find(({ ended }) => ended)
  if (back === undefined) return { skus: addListings(state, [argument]).map(({ sku }) => sku ?? null) }
  back.ended = false
  setLevels(state, back, { quantity: given.count('quantity') ?? back.quantity }, 'person')
  return { skus: [back.sku ?? null] }
}

/** `{sku}`: the listing ends, with all its variations. */
function delist(state: State, argument: unknown): unknown {
  const listing = rowOf(state, 'delist', reader('delist', argument, NAMED))
  for (const row of state.listings.byItem(listing.itemId)) {
    row.ended = true
    remember(row, state.clock.now(), 'person')
  }
  return { item_id: listing.itemId }
}

/** `{sku, quantity?, offer_quantity?}`: somebody edits the number in the seller's own pages. */
function setByHand(state: State, argument: unknown): unknown {
  const given = reader('set-quantity', argument, [...NAMED, 'quantity', 'offer_quantity'])
  const listing = rowOf(state, 'set-quantity', given)
  const quantity = given.count('quantity')
  const offerQuantity = given.count('offer_quantity')
  if (quantity === undefined && offerQuantity === undefined)
    throw new Error('set-quantity: quantity or offer_quantity is missing')
  const levels = { ...(quantity === undefined ? {} : { quantity }), ...(offerQuantity === undefined ? {} : { offerQuantity }) }
  setLevels(state, listing, levels, 'person')
  return { live: liveQuantity(listing) ?? null }
}

/** `{sku}`: the listing moves to the inventory model, one way (contract section 5.1). */
function migrate(state: State, argument: unknown): unknown {
  const listing = rowOf(state, 'migrate', reader('migrate', argument, NAMED))
  const rows = state.listings.byItem(listing.itemId)
  if (rows.some(({ sku }) => sku === undefined)) throw new Error(`migrate: ${listing.itemId} has rows without a SKU`)
  for (const row of rows) row.model = 'inventory'
  return { item_id: listing.itemId, offer_ids: rows.map(({ offer }) => offer.id) }
}

/** `{sku, on? (true)}`: the offer is published, or taken back. */
function publish(state: State, argument: unknown): unknown {
  const given = reader('publish', argument, [...NAMED, 'on'])
  const listing = rowOf(state, 'publish', given)
  listing.offer = { ...listing.offer, published: given.flag('on') ?? true }
  remember(listing, state.clock.now(), 'person')
  return { published: listing.offer.published }
}

/** `{sku, code?, message?, times?, on? (true)}`: writes to this row are refused, so often or until `on: false`. */
function failSku(state: State, argument: unknown): unknown {
  const given = reader('fail-sku', argument, [...NAMED, 'code', 'message', 'times', 'on'])
  const listing = rowOf(state, 'fail-sku', given)
  const refusal = {
    code: given.count('code') ?? 25002,
    message: given.text('message') ?? 'Any User error.',
    left: given.count('times') ?? ALWAYS,
  }
  listing.refusal = given.flag('on') === false ? undefined : refusal
  return { failing: listing.refusal !== undefined }
}

/** `{sku}`: the next bulk update does what it says and leaves this SKU out of its answer. */
function loseEntry(state: State, argument: unknown): unknown {
  const sku = reader('lose-entry', argument, ['sku']).text('sku')
  if (sku === undefined) throw new Error('lose-entry: sku is missing')
  state.silent.add(sku)
  return { sku }
}

/** `{sku, code?, times? (1)}`: bulk_get_inventory_item tells a fault of its own of this SKU, without a code nothing at all. */
function failRead(state: State, argument: unknown): unknown {
  const given = reader('fail-read', argument, ['sku', 'code', 'times'])
  const sku = given.text('sku')
  if (sku === undefined) throw new Error('fail-read: sku is missing')
  state.unread.set(sku, { code: given.count('code'), left: given.count('times') ?? 1 })
  return { sku }
}

function rowOf(state: State, action: string, given: Reader): Listing {
  const rows = rowsOf(state, given)
  const row = rows.find(({ ended }) => !ended) ?? rows[0]
  if (row === undefined) throw new Error(`${action}: no listing '${given.text('sku') ?? given.text('item_id') ?? ''}'`)
  return row
}

function rowsOf(state: State, given: Reader): readonly Listing[] {
  const user = given.text('user') ?? state.accounts.all()[0]?.user ?? ''
  const itemId = given.text('item_id')
  const sku = given.text('sku')
  const rows = itemId === undefined ? state.listings.bySku(user, sku ?? '') : state.listings.byItem(itemId)
  return rows.filter((row) => row.user === user && (sku === undefined || row.sku === sku))
}
