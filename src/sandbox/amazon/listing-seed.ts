import type { Account, Accounts } from './accounts.ts'
import { type Reader, reader } from './compact.ts'
import { type Availability, amazonCode, DEFAULT_CODE, type Listing, type ListingChannel } from './listing.ts'

// biome-ignore format: a word list
export const LISTING_KEYS = [
  'sku', 'seller_id', 'quantity', 'channel', 'product_type', 'strict_type', 'lead_time', 'restock_date', 'marketplaces', 'locations',
  'created_at', 'title', 'price', 'count',
]
const CHANNELS: readonly ListingChannel[] = ['MFN', 'FBA', 'LOCATIONS']
const DEFAULT_LOCATION = 'SUPPLY-SOURCE-1'
const MOST = 1_000_000

export interface ListingDefaults {
  readonly createdAt: number
  /** When it gets the quantity that the seed says. */
  readonly now: number
  readonly accounts: Accounts
  readonly account: Account
  next(): number
}

/**
 * One entry of the seed: `{sku, quantity?, channel?: 'MFN' | 'FBA' | 'LOCATIONS', product_type?, strict_type?, lead_time?, restock_date?,
 * marketplaces?, locations?: {code: quantity}, title?, price?, created_at?, seller_id?}`. With `count` it stands for that many listings, and
 * the SKU holds `{n}` (1, 2, ...) or `{n:6}` (000001, 000002, ...). A `strict_type` listing refuses the generic product type.
 */
export function* readListings(document: unknown, defaults: ListingDefaults): Generator<Listing> {
  const given = reader('listings', document, LISTING_KEYS)
  const sku = given.text('sku') ?? ''
  if (sku === '') throw new Error('listings: sku must be a text that is not empty')
  const make = readOne(sku, given, defaults)
  const count = given.count('count')
  if (count === undefined) {
    yield make(sku)
    return
  }
  if (count > MOST) throw new Error(`listings ${sku}: count is above ${MOST}`)
  const place = /\{n(?::(\d+))?\}/.exec(sku)
  if (place === null) throw new Error(`listings ${sku}: with count, the sku must hold {n} or {n:6}`)
  const width = Number(place[1] ?? 0)
  for (let n = 1; n <= count; n += 1) yield make(sku.replace(place[0], String(n).padStart(width, '0')))
}

function readOne(sku: string, given: Reader, defaults: ListingDefaults): (sku: string) => Listing {
  const sellerId = given.text('seller_id') ?? defaults.account.sellerId
  const account = defaults.accounts.bySeller(sellerId)
  if (account === undefined) throw new Error(`listings ${sku}: no account of seller '${sellerId}'`)
  const named = given.texts('marketplaces')
  const marketplaces = named.length > 0 ? named : [...account.marketplaces].slice(0, 1)
  for (const id of marketplaces) account.marketplaces.add(id)
  const channel = readChannel(sku, given.text('channel') ?? 'MFN')
  const records = readRecords(sku, channel, given, marketplaces[0] ?? '')
  const createdAt = given.time('created_at') ?? defaults.createdAt
  const shared = {
    sellerId,
    channel,
    marketplaces,
    createdAt,
    title: given.text('title'),
    price: given.has('price') ? given.amount('price') : undefined,
    strictType: given.flag('strict_type') ?? false,
    productType: given.text('product_type') ?? 'HOME',
    updatedAt: createdAt,
    listed: true,
    records,
    issues: [],
    bought: 0,
  } as const
  const quantity = records.find(({ code }) => code === DEFAULT_CODE)?.quantity ?? null
  return (own) => ({
    ...shared,
    n: defaults.next(),
    sku: own,
    history: [[defaults.now, quantity, 'seed']],
    oversold: [],
    alsoWritten: [],
  })
}

function readChannel(sku: string, text: string): ListingChannel {
  const channel = CHANNELS.find((known) => known === text)
  if (channel === undefined) throw new Error(`listings ${sku}.channel: must be one of ${CHANNELS.join(', ')}, got '${text}'`)
  return channel
}

function readRecords(sku: string, channel: ListingChannel, given: Reader, marketplaceId: string): readonly Availability[] {
  const leadTime = given.count('lead_time')
  const restockDate = given.text('restock_date')
  const quantity = given.count('quantity') ?? 0
  if (channel === 'FBA')
    return [{ code: amazonCode(marketplaceId), quantity: undefined, leadTime: undefined, restockDate: undefined }]
  if (channel === 'MFN') return [{ code: DEFAULT_CODE, quantity, leadTime, restockDate }]
  const locations = readLocations(sku, given, quantity)
  return [
    // A seller who keeps stock per location has set it to zero once (contract section 3).
    { code: DEFAULT_CODE, quantity: 0, leadTime, restockDate },
    ...locations.map(([code, units]) => ({ code, quantity: units, leadTime, restockDate })),
  ]
}

function readLocations(sku: string, given: Reader, quantity: number): readonly (readonly [string, number])[] {
  if (!given.has('locations')) return [[DEFAULT_LOCATION, quantity]]
  const codes = Object.keys(given.raw('locations') ?? {})
  const units = reader(`listings ${sku}.locations`, given.raw('locations'), codes)
  return codes.map((code) => [code, units.count(code) ?? 0])
}
