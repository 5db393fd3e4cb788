import type { CompactOrder } from './compact.ts'
import type { Fate, StockImport } from './imports.ts'
import type { Account, State } from './model.ts'
import { accountOf, addOffer, addOffers, type CompactOffer } from './offer-seed.ts'
import { type Offer, setQuantity, titleOf } from './offers.ts'
import { addOrders } from './seed.ts'
import { isRecord, text } from './wire.ts'

type Argument = Readonly<Record<string, unknown>>
type Action = (state: State, argument: Argument, now: number) => unknown

/** What happens to offers and stock imports. `sku` names the offer; `api_key` and `shop` which one, where there are several. */
export const OFFER_ACTIONS: Readonly<Record<string, Action>> = {
  buy,
  'add-offers': addMore,
  'set-quantity': setByHand,
  delist: (state, argument, now) => relist(state, argument, now, false),
  list: (state, argument, now) => relist(state, argument, now, true),
  'fail-sku': failSku,
  'stick-import': (state, argument, now) => decide(state, argument, now, stickOf(argument)),
  'fail-import': (state, argument, now) => decide(state, argument, now, { kind: 'fail' }),
  'lose-import': (state, argument, now) => decide(state, argument, now, { kind: 'lose' }),
  'release-import': (state, argument, now) => decide(state, argument, now, undefined),
}

/**
 * { sku, quantity?, order? }: a buyer's order. Throws when there is not that much left. The platform takes the units off the offer's own
 * quantity at once; the order's state is by the shop's rule unless `order` says otherwise.
 */
function buy(state: State, argument: Argument, now: number): unknown {
  const { account, offer } = find(state, argument)
  const quantity = wholeUnits(argument['quantity'] ?? 1, 'buy')
  if (quantity === 0) throw new Error('Nobody buys 0 units.')
  if (!offer.listed) throw new Error(`'${offer.sku}' cannot be bought: it is not listed.`)
  if (quantity > offer.quantity) throw new Error(`'${offer.sku}' cannot be bought: ${quantity} wanted, ${offer.quantity} left.`)
  const more = isRecord(argument['order']) ? (argument['order'] as CompactOrder) : {}
  const line = { offer_sku: offer.sku, title: titleOf(offer), price_unit: offer.price, quantity }
  const order = { api_key: account.apiKey, shop: offer.shopId, fulfillment_center_code: offer.center, lines: [line], ...more }
  const [orderId] = addOrders(state, [order], now)
  takeOff(offer, quantity, now)
  return { order_id: orderId, left: offer.quantity }
}

/** Of several warehouses, those that come first give first. */
function takeOff(offer: Offer, quantity: number, now: number): void {
  let open = quantity
  if (offer.warehouses !== undefined)
    offer.warehouses = new Map(
      [...offer.warehouses].map(([code, units]) => {
        const taken = Math.min(units, open)
        open -= taken
        return [code, units - taken]
      }),
    )
  setQuantity(offer, offer.quantity - quantity, now, 'buyer')
}

/** { offers: [...] } as in a seed. */
function addMore(state: State, argument: Argument, now: number): unknown {
  const { offers } = argument
  if (!Array.isArray(offers)) throw new Error("'add-offers' needs a list of offers.")
  addOffers(state, offers as readonly CompactOffer[], now)
  return { added: offers.length }
}

/** { sku, quantity }: somebody edits the offer in the back office. */
function setByHand(state: State, argument: Argument, now: number): unknown {
  const { offer } = find(state, argument)
  offer.warehouses = undefined
  setQuantity(offer, wholeUnits(argument['quantity'], 'set-quantity'), now, 'person')
  return { quantity: offer.quantity }
}

/** { sku, quantity? }: takes the offer away, or puts it (back) on sale; a SKU that never was there is made. */
function relist(state: State, argument: Argument, now: number, listed: boolean): unknown {
  const { account, known } = lookUp(state, argument)
  const offer =
    known ?? (listed ? addOffer(state, account, { ...argument, sku: skuOf(argument) }, skuOf(argument), now) : undefined)
  if (offer === undefined) throw new Error(`There is no offer '${skuOf(argument)}'.`)
  offer.listed = listed
  if (known !== undefined && argument['quantity'] !== undefined)
    setQuantity(offer, wholeUnits(argument['quantity'], 'list'), now, 'person')
  account.offers.changed()
  return { listed, quantity: offer.quantity }
}

/** { sku, reason?, off? }: no line for this SKU is taken until `off: true`. */
function failSku(state: State, argument: Argument): unknown {
  const { offer } = find(state, argument)
  offer.refusal = argument['off'] === true ? undefined : (text(argument['reason']) ?? 'The offer cannot be updated')
  return { failing: offer.refusal !== undefined }
}

function stickOf(argument: Argument): Fate {
  const status = argument['status'] ?? 'WAITING'
  if (status !== 'WAITING' && status !== 'RUNNING') throw new Error(`An import cannot stick at '${String(status)}'.`)
  return { kind: 'stick', status }
}

/**
 * { import_id?, api_key?, next? }: this import, else the last one that is not done, else (or with `next: true`) the next one. Another status
 * can be lost, but nothing else can be done to an import that is done.
 */
function decide(state: State, argument: Argument, now: number, fate: Fate | undefined): unknown {
  const account = accountOf(state, text(argument['api_key']))
  const id = text(argument['import_id'])
  const chosen: StockImport | undefined =
    id === undefined ? account.imports.findLast((each) => each.ended === undefined) : account.importsById.get(id)
  if (id !== undefined && chosen === undefined) throw new Error(`There is no import '${id}'.`)
  if (chosen === undefined || (id === undefined && argument['next'] === true)) {
    account.nextFate = fate
    return { import_id: null }
  }
  if (chosen.ended !== undefined && fate?.kind !== 'lose') throw new Error(`The import '${chosen.id}' is ${chosen.status}.`)
  if (chosen.fate?.kind === 'stick') chosen.releasedAt = now
  chosen.fate = fate
  return { import_id: chosen.id }
}

function find(state: State, argument: Argument): { readonly account: Account; readonly offer: Offer } {
  const { account, known } = lookUp(state, argument)
  if (known === undefined) throw new Error(`There is no offer '${skuOf(argument)}'.`)
  return { account, offer: known }
}

function lookUp(state: State, argument: Argument): { readonly account: Account; readonly known: Offer | undefined } {
  const account = accountOf(state, text(argument['api_key']))
  const shop = argument['shop'] === undefined ? account.defaultShop : Number(argument['shop'])
  return { account, known: account.offers.find(shop, skuOf(argument)) }
}

function skuOf(argument: Argument): string {
  const sku = text(argument['sku'])
  if (sku === undefined) throw new Error('Name the offer: { sku }.')
  return sku
}

function wholeUnits(value: unknown, action: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Error(`'${action}' needs a whole quantity.`)
  return value
}
