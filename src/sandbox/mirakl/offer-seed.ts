import type { Account, State } from './model.ts'
import type { Offer } from './offers.ts'
import { decimal } from './wire.ts'

/** An offer as a seed writes it. With `count` it stands for that many, and `{n}` or `{n:6}` in the SKU for their numbers. */
export interface CompactOffer {
  readonly sku: string
  /** Default 0; ignored where `warehouses` says the parts. */
  readonly quantity?: number
  readonly count?: number
  readonly price?: string
  readonly title?: string
  readonly description?: string
  readonly api_key?: string
  readonly shop?: number
  /** Anything but DEFAULT: lies in somebody else's warehouse. */
  readonly fulfillment_center_code?: string
  readonly warehouses?: Readonly<Record<string, number>>
}

const DEFAULT_KEY = 'sandbox-key'
const DEFAULT_PRICE = '10.00'
const MOST = 1_000_000
const MOST_SKU_CHARACTERS = 40
const NUMBER = /\{n(?::(\d+))?\}/

/** A SKU that is there already is refused: use the action `set-quantity`. */
export function addOffers(state: State, offers: readonly CompactOffer[], now: number): void {
  for (const source of offers) {
    const account = accountOf(state, source.api_key)
    check(source)
    if (source.count === undefined) {
      addOffer(state, account, source, source.sku, now)
      continue
    }
    if (!NUMBER.test(source.sku)) throw new Error(`Offer '${source.sku}': with count, the sku must hold {n} or {n:6}.`)
    for (let n = 1; n <= source.count; n += 1) {
      const sku = source.sku.replace(NUMBER, (_, width?: string) => String(n).padStart(Number(width ?? 0), '0'))
      addOffer(state, account, source, sku, now)
    }
  }
}

export function accountOf(state: State, apiKey: string | undefined): Account {
  const account = state.accounts.get(apiKey ?? DEFAULT_KEY)
  if (account === undefined) throw new Error(`No account has the key '${apiKey}'.`)
  return account
}

export function addOffer(state: State, account: Account, source: CompactOffer, sku: string, now: number): Offer {
  const shopId = source.shop ?? account.defaultShop
  if (account.offers.find(shopId, sku) !== undefined) throw new Error(`Offer '${sku}' exists already.`)
  state.offerCount += 1
  const warehouses = source.warehouses === undefined ? undefined : new Map(Object.entries(source.warehouses))
  const quantity =
    warehouses === undefined ? (source.quantity ?? 0) : [...warehouses.values()].reduce((sum, part) => sum + part, 0)
  const offer: Offer = {
    id: 2000 + state.offerCount,
    sku,
    shopId,
    title: source.title,
    center: source.fulfillment_center_code ?? 'DEFAULT',
    price: source.price ?? DEFAULT_PRICE,
    description: source.description,
    quantity,
    warehouses,
    listed: true,
    refusal: undefined,
    history: [[now, quantity, 'seed']],
  }
  account.offers.add(offer)
  return offer
}

/** Section 6. */
export function isOfferSku(sku: string): boolean {
  return sku !== '' && [...sku].length <= MOST_SKU_CHARACTERS && !sku.includes('/')
}

/** A slip in a seed must show when it is seeded. */
function check({ sku, quantity = 0, count = 1, price = DEFAULT_PRICE, warehouses = {} }: CompactOffer): void {
  if (typeof sku !== 'string' || sku === '') throw new Error('An offer needs a sku.')
  if (!isOfferSku(sku)) throw new Error(`'${sku}' cannot be the SKU of an offer (at most 40 characters, no '/').`)
  for (const units of [quantity, count, ...Object.values(warehouses)])
    if (!Number.isSafeInteger(units) || units < 0 || units > 2 ** 31 - 1)
      throw new Error(`Offer '${sku}': ${units} is not a whole number of units.`)
  if (count > MOST) throw new Error(`Offer '${sku}': count is above ${MOST}.`)
  decimal(price)
}
