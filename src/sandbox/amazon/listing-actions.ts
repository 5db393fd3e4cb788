import type { Account, Accounts } from './accounts.ts'
import { type Reader, reader } from './compact.ts'
import type { Feeds } from './feeds.ts'
import { type Listing, merchantRecord, setQuantity, setRecords } from './listing.ts'
import { LISTING_KEYS } from './listing-seed.ts'
import { failureKey, type Stock } from './stock.ts'
import { isRecord } from './wire.ts'

/** What the actions about listings need; orders are made by the order half. */
export interface ListingActionContext {
  readonly stock: Stock
  readonly feeds: Feeds
  readonly accounts: Accounts
  /** Seeds orders of now; gives their ids. */
  addOrders(documents: readonly unknown[]): readonly string[]
  addListings(documents: readonly unknown[]): readonly string[]
}

type ListingAction = (context: ListingActionContext, argument: unknown) => unknown

export const LISTING_ACTIONS: Readonly<Record<string, ListingAction>> = {
  buy,
  list,
  delist,
  'set-quantity': setQuantityByHand,
  'fail-sku': failSku,
  'stick-feed': stickFeed,
}

/**
 * A buyer's order for a merchant's listing: `{sku, quantity? (1), seller_id?, order? (keys of a compact order), even_if_short?}`. The live
 * quantity falls at once, the order is seen by searches after the usual lag. Throws when there is not that much left; `even_if_short` lets
 * it through, as when two buyers are served at the same moment.
 */
function buy(context: ListingActionContext, argument: unknown): unknown {
  const given = reader('buy', argument, ['sku', 'quantity', 'seller_id', 'order', 'even_if_short'])
  const listing = listingOf('buy', context, given)
  const { sku } = listing
  const live = merchantRecord(listing)?.quantity
  if (listing.channel !== 'MFN' || live === undefined) throw new Error(`buy: ${sku} is not the merchant's to ship`)
  const quantity = given.count('quantity') ?? 1
  if (quantity < 1) throw new Error('buy: quantity must be 1 or more')
  const short = quantity > live
  if (short && given.flag('even_if_short') !== true) throw new Error(`buy: ${quantity} of ${sku} wanted, ${live} left`)
  const left = Math.max(0, live - quantity)
  const now = context.stock.clock.now()
  const [orderId = ''] = context.addOrders([orderFor(listing, quantity, given.raw('order'))])
  setQuantity(listing, left, now, 'buyer')
  context.stock.store.touched()
  listing.bought += quantity
  if (short) listing.oversold.push(orderId)
  return { order_id: orderId, left }
}

function orderFor(listing: Listing, quantity: number, more: unknown): object {
  if (more !== undefined && !isRecord(more)) throw new Error('buy.order: must be an object')
  const { sku, title, price } = listing
  return {
    seller_id: listing.sellerId,
    marketplace_id: listing.marketplaces[0],
    status: 'UNSHIPPED',
    ...more,
    items: [
      {
        sku,
        quantity,
        ...(title === undefined ? {} : { title }),
        ...(price === undefined ? {} : { unit_price: price }),
      },
    ],
  }
}

/** `{listings: [entry of a seed]}` or one entry. A SKU that was taken off comes back as it was, or with the `quantity` given. */
function list(context: ListingActionContext, argument: unknown): unknown {
  if (isRecord(argument) && Array.isArray(argument['listings'])) {
    return { skus: context.addListings(argument['listings'] as readonly unknown[]) }
  }
  const given = reader('list', argument, LISTING_KEYS)
  const back = context.stock.store.known(sellerOf('list', context, given).sellerId, given.text('sku') ?? '')
  if (back === undefined) return { skus: context.addListings([argument]) }
  const quantity = given.count('quantity') ?? merchantRecord(back)?.quantity
  back.listed = true
  if (quantity === undefined) setRecords(back, back.records, context.stock.clock.now(), 'person')
  else setQuantity(back, quantity, context.stock.clock.now(), 'person')
  context.stock.store.touched()
  return { skus: [back.sku] }
}

/** The seller takes the SKU off: `{sku, seller_id?}`. */
function delist(context: ListingActionContext, argument: unknown): unknown {
  const listing = listingOf('delist', context, reader('delist', argument, ['sku', 'seller_id']))
  listing.listed = false
  listing.history.push([context.stock.clock.now(), null, 'person'])
  return { sku: listing.sku }
}

/** Somebody edits the number by hand in the seller's own pages: `{sku, quantity, seller_id?}`. It is live at once. */
function setQuantityByHand(context: ListingActionContext, argument: unknown): unknown {
  const given = reader('set-quantity', argument, ['sku', 'quantity', 'seller_id'])
  const listing = listingOf('set-quantity', context, given)
  const quantity = given.count('quantity')
  if (quantity === undefined) throw new Error('set-quantity: quantity is missing')
  if (merchantRecord(listing) === undefined) throw new Error(`set-quantity: ${listing.sku} has no merchant's quantity`)
  setQuantity(listing, quantity, context.stock.clock.now(), 'person')
  context.stock.store.touched()
  return { sku: listing.sku, quantity }
}

/**
 * This SKU is refused, listed or not, until told otherwise: `{sku, on? (true), code?, message?, late?, seller_id?}`. `late`: the submission
 * is accepted, never goes live, and the issue stands at the listing afterwards.
 */
function failSku({ stock, ...context }: ListingActionContext, argument: unknown): unknown {
  const given = reader('fail-sku', argument, ['sku', 'on', 'code', 'message', 'late', 'seller_id'])
  const sku = given.text('sku') ?? ''
  if (sku === '') throw new Error('fail-sku: sku is missing')
  const key = failureKey(sellerOf('fail-sku', context, given).sellerId, sku)
  if (given.flag('on') === false) return { sku, failing: false, was_failing: stock.failures.delete(key) }
  stock.failures.set(key, {
    late: given.flag('late') ?? false,
    issue: {
      code: given.text('code') ?? '8541',
      message: given.text('message') ?? 'The SKU data provided conflicts with the Amazon catalog.',
      attribute: undefined,
      category: 'INVALID_ATTRIBUTE',
    },
  })
  return { sku, failing: true }
}

/** `{feed_id?, on? (true)}`: that feed, or the next one that is created, stays IN_PROGRESS; `on: false` lets it end. */
function stickFeed({ feeds }: ListingActionContext, argument: unknown): unknown {
  const given = reader('stick-feed', argument ?? {}, ['feed_id', 'on'])
  const stuck = given.flag('on') ?? true
  const feed = feeds.stick(given.text('feed_id'), stuck)
  return { feed_id: feed?.id ?? null, stuck }
}

function sellerOf(action: string, { accounts }: Pick<ListingActionContext, 'accounts'>, given: Reader): Account {
  const sellerId = given.text('seller_id')
  const account = sellerId === undefined ? accounts.all()[0] : accounts.bySeller(sellerId)
  if (account === undefined) throw new Error(`${action}: no account of seller '${sellerId ?? ''}'`)
  return account
}

function listingOf(action: string, context: ListingActionContext, given: Reader): Listing {
  const sku = given.text('sku') ?? ''
  const listing = context.stock.store.get(sellerOf(action, context, given).sellerId, sku)
  if (listing === undefined) throw new Error(`${action}: no listing '${sku}'`)
  return listing
}
