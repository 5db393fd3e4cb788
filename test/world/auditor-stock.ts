import type { Sandbox } from '../../src/sandbox/server.ts'
import type { JournalEntry } from '../../src/sandbox/stand-in.ts'
import { shownElsewhere, soldElsewhere } from './market-stock.ts'

/**
 * What every channel shows against the rule, told by the stand-ins' own books: Zoho's items, the marketplaces' orders, listings and offers.
 * Nothing of isync's database is read and none of its code is used.
 */
export interface StockAudit {
  /** Listings that are the seller's to write and that Zoho knows of. */
  readonly listed: number
  /** One line per listing that shows something else than the rule gives. */
  readonly wrong: readonly string[]
  /** One line per listing that was written to and must not be: not the seller's, not in Zoho, made twice. */
  readonly trespasses: readonly string[]
  /** Units that buyers were promised and nobody has. */
  readonly oversold: readonly string[]
}

export interface StockRules {
  /** By marketplace account: the Amazon seller, the Mirakl key, the eBay user, Dsco's account, ChannelAdvisor's profile. Default 1. */
  readonly ratios?: Readonly<Record<string, string>>
  readonly safetyStock?: number
  readonly maxOversellPct?: number
  /** Epoch ms. Orders changed before this are in Zoho's number already; default: none are. */
  readonly soldSince?: number
  /** Orders that another channel has brought already: they take nothing. By id. */
  readonly copies?: readonly string[]
}

/** One place where a SKU can be bought. */
export interface Shown {
  readonly market: 'amazon' | 'mirakl' | 'ebay' | 'dsco' | 'channeladvisor'
  /** As in {@link StockRules.ratios}. */
  readonly account: string
  readonly sku: string
  readonly quantity: number | null
  readonly ours: boolean
  /** Who wrote it last, other than buyers; `seed` where nobody has. */
  readonly writtenBy: readonly string[]
  /** When it was written last, by whomever. */
  readonly writtenAt: number | undefined
  readonly doubled: boolean
  readonly oversold: readonly string[]
}

/** Compares what buyers see with what the rule gives for Zoho's stock less the orders. */
export function auditStock(sandbox: Sandbox, rules: StockRules = {}): StockAudit {
  const available = zohoStock(sandbox)
  const sold = soldUnits(sandbox, rules)
  const wrong: string[] = []
  const trespasses: string[] = []
  const oversold: string[] = []
  let listed = 0
  for (const one of shownBy(sandbox)) {
    const place = `${one.market} ${one.account} ${one.sku}`
    const wasWritten = one.writtenBy.some((by) => by !== 'seed' && by !== 'buyer' && by !== 'person')
    const stock = available.get(one.sku)
    if (one.doubled) trespasses.push(`${place}: has two records`)
    if (one.oversold.length > 0) oversold.push(`${place}: ${one.oversold.join(', ')}`)
    if (!one.ours || stock === undefined) {
      if (wasWritten) trespasses.push(`${place}: written to by ${one.writtenBy.join(', ')}`)
      continue
    }
    listed += 1
    const right = ruled(stock - (sold.get(one.sku) ?? 0), rules.ratios?.[one.account] ?? '1', rules)
    if (one.quantity !== right)
      wrong.push(`${place}: shows ${one.quantity}, should be ${right} (${stock} in Zoho, ${sold.get(one.sku) ?? 0} sold)`)
  }
  return { listed, wrong, trespasses, oversold }
}

/** The frozen formula in whole numbers: ratios and percentages as fractions of powers of ten. */
function ruled(shadow: number, ratio: string, { safetyStock = 1, maxOversellPct = 150 }: StockRules): number {
  const base = BigInt(Math.max(0, shadow - safetyStock))
  const [whole = '0', decimals = ''] = ratio.split('.')
  const share = (base * BigInt(whole + decimals)) / 10n ** BigInt(decimals.length)
  const cap = (base * BigInt(maxOversellPct)) / 100n
  return Number(share < cap ? share : cap)
}

/** What each account shows, in the order of the books. */
export function shownBy(sandbox: Sandbox): readonly Shown[] {
  const { listings } = sandbox.books('amazon') as { readonly listings: readonly AmazonListing[] }
  const { offers } = sandbox.books('mirakl') as { readonly offers: readonly MiraklOffer[] }
  return [
    ...listings
      .filter(({ listed }) => listed)
      .map(
        (one): Shown => ({
          market: 'amazon',
          account: one.seller_id,
          sku: one.sku,
          quantity: one.quantity,
          ours: one.channel === 'MFN',
          writtenBy: one.history.map(([, , by]) => by),
          writtenAt: one.history.at(-1)?.[0],
          doubled: one.doubled,
          oversold: one.oversold,
        }),
      ),
    ...offers
      .filter(({ listed }) => listed)
      .map(
        (one): Shown => ({
          market: 'mirakl',
          account: one.api_key,
          sku: one.sku,
          quantity: one.quantity,
          ours: one.warehouses === undefined,
          writtenBy: one.history.map(([, , by]) => by),
          writtenAt: one.history.at(-1)?.[0],
          doubled: false,
          oversold: [],
        }),
      ),
    ...shownElsewhere(sandbox),
  ]
}

type History = readonly (readonly [at: number, quantity: number | null, by: string])[]

interface AmazonListing {
  readonly seller_id: string
  readonly sku: string
  readonly channel: string
  readonly listed: boolean
  readonly quantity: number | null
  readonly doubled: boolean
  readonly history: History
  readonly oversold: readonly string[]
}

interface MiraklOffer {
  readonly api_key: string
  readonly sku: string
  readonly listed: boolean
  readonly quantity: number
  readonly history: History
  readonly warehouses?: object
}

/** What Zoho says is available to sell, by SKU. SKUs without a number, or with several items, are left out. */
function zohoStock(sandbox: Sandbox): ReadonlyMap<string, number> {
  const { items } = sandbox.books('zoho') as {
    readonly items: readonly {
      readonly sku: string
      readonly kind: string
      readonly status: string
      readonly available_stock?: number
    }[]
  }
  const seen = new Map<string, number>()
  const twice = new Set<string>()
  for (const { sku, kind, status, available_stock } of items) {
    if (sku === '' || kind !== 'tracked' || available_stock === undefined) continue
    if (seen.has(sku)) twice.add(sku)
    seen.set(sku, status === 'active' ? Math.floor(available_stock) : 0)
  }
  for (const sku of twice) seen.delete(sku)
  return seen
}

interface AmazonOrder {
  readonly fulfilled_by: string
  readonly updated_at: string
  readonly items: readonly { readonly sku: string | null; readonly quantity: number; readonly cancelled: number }[]
}

interface MiraklOrder {
  readonly updated_at: number
  readonly lines: readonly { readonly offer_sku: string; readonly quantity: number; readonly canceled: number }[]
}

/** Units that buyers have ordered from the seller's own shelf and not cancelled, by SKU. */
function soldUnits(sandbox: Sandbox, { soldSince: since = 0, copies = [] }: StockRules): ReadonlyMap<string, number> {
  const sold = new Map<string, number>()
  function add(sku: string | null, units: number): void {
    if (sku !== null) sold.set(sku, (sold.get(sku) ?? 0) + units)
  }
  for (const order of (sandbox.books('amazon') as { readonly orders: readonly AmazonOrder[] }).orders) {
    if (order.fulfilled_by !== 'MERCHANT' || Date.parse(order.updated_at) < since) continue
    for (const item of order.items) add(item.sku, item.quantity - item.cancelled)
  }
  for (const order of (sandbox.books('mirakl') as { readonly orders: readonly MiraklOrder[] }).orders) {
    if (order.updated_at < since) continue
    for (const line of order.lines) add(line.offer_sku, line.quantity - line.canceled)
  }
  for (const { sku, units } of soldElsewhere(sandbox, since, copies)) add(sku, units)
  return sold
}

/** Calls that changed a quantity, as the stand-ins' journal has them since entry number `since`. */
export function stockWrites(sandbox: Sandbox, since = 0): readonly string[] {
  return sandbox
    .journal()
    .slice(since)
    .filter((entry) => entry.method !== 'GET' && isStockCall(entry))
    .map(({ vendor, method, path }) => `${vendor} ${method} ${path}`)
}

function isStockCall({ vendor, path, requestBody }: JournalEntry): boolean {
  switch (vendor) {
    case 'amazon':
      return /^\/(listings|feeds)\//.test(path)
    case 'mirakl':
      return path.startsWith('/api/offers')
    case 'ebay':
      return path.endsWith('/bulk_update_price_quantity') || requestBody.includes('<ReviseInventoryStatusRequest')
    case 'dsco':
      return /\/inventory\/batch\//.test(path)
    case 'channeladvisor':
      return /UpdateQuantity|\$batch/.test(path)
    default:
      return false
  }
}
