/** By which of the two models a SKU's quantity is written (contract section 5). */
export type Route =
  /** The Inventory API. Offers that have a quantity of their own have to be told too: the smaller number is on show. */
  | { readonly model: 'inventory'; readonly offerIds: readonly string[] }
  /** ReviseInventoryStatus: the listings that have the SKU. */
  | { readonly model: 'trading'; readonly items: readonly TradingItem[] }

export interface TradingItem {
  readonly itemId: string
  /** One of several in its listing: found by its SKU. */
  readonly isVariation: boolean
}

/** What is kept beside a listing, and comes back with each quantity, has so much room. */
const LONGEST = 120

/** `inventory 5000000001`, `trading 256000000001 v256000000002`. Undefined where it does not fit: then it is looked up each time. */
export function encodeRoute(route: Route): string | undefined {
  const parts =
    route.model === 'inventory'
      ? route.offerIds
      : route.items.map(({ itemId, isVariation }) => (isVariation ? `v${itemId}` : itemId))
  const text = [route.model, ...parts].join(' ')
  return text.length <= LONGEST ? text : undefined
}

/** Undefined for what {@link encodeRoute} did not write. */
export function decodeRoute(text: string | undefined): Route | undefined {
  const [model, ...parts] = (text ?? '').split(' ')
  if (model === 'inventory') return { model, offerIds: parts }
  if (model !== 'trading' || parts.length === 0) return undefined
  return { model, items: parts.map((part) => ({ itemId: part.replace(/^v/, ''), isVariation: part.startsWith('v') })) }
}
