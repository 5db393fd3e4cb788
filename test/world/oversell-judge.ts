import type { SandboxReply, SandboxRequest } from '../../src/sandbox/stand-in.ts'
import type { Place } from './oversell-wire.ts'

export const shops = ['amazon', 'mirakl'] as const
export type Shop = (typeof shops)[number]

/** A ratio as a fraction. */
export type Fraction = readonly [over: number, under: number]

/** The rule that the judge holds every number against; its own words and its own arithmetic. */
export interface Rule {
  /** Where isync sells. */
  readonly shops: readonly Shop[]
  readonly ratio: Readonly<Record<Shop, Fraction>>
  /** `since_sync`: a reading replaces what was known of orders before it. `open_orders`: open orders count whatever Zoho says. */
  readonly carry: 'since_sync' | 'open_orders'
  /**
   * When a channel may be told more than before. `pulled`: all its orders have been read, in a search that was begun when the stock was
   * read or later. `covered`: that search reached as far as that moment, however late Amazon shows an order.
   */
  readonly guard: 'pulled' | 'covered'
}

export interface Sale {
  readonly id: string
  readonly shop: Shop
  readonly sku: string
  readonly units: number
  readonly at: number
  /** From then on the channel shows the order to whoever searches. */
  readonly visibleAt: number
}

export interface Finding {
  /**
   * - `too much`: a number was told, or is on show, that is more than the rule gives for what isync knew
   * - `too little`: a number was told that is less
   * - `raised unpulled`: a channel was told more than before though its orders had not been read since the stock was
   * - `raised over a sale`: ... and an order was missing that such a search would have shown
   * - `held for nothing`: orders were read after the stock, and the channel was still not told what the rule gives
   */
  readonly kind: 'too much' | 'too little' | 'raised unpulled' | 'raised over a sale' | 'held for nothing'
  readonly text: string
}

interface Counts {
  /** Numbers that left, and how many of those were raises. */
  readonly told: number
  readonly raised: number
  /** Numbers that were none as far as isync knew, and put more on show all the same: the channel had sold, and nobody could know. */
  readonly blind: number
}

interface Known {
  readonly units: number
  /** When the reading that gave the number was begun. */
  readonly readAt: number
}

interface Told {
  readonly units: number
  readonly at: number
}

/** A number that a channel has taken is on show after so long, however slow the channel is. */
const ON_SHOW_MS = 5 * 60_000
const SAFETY = 1
const CAP: Fraction = [150, 100]

/** Rounded down, in whole numbers. */
function times(units: number, [over, under]: Fraction): number {
  const product = units * over
  return (product - (product % under)) / under
}

/** SPEC 5.1 with safety stock 1, cap 150 % and nothing else set. */
export function mostOf(available: number, ratio: Fraction): number {
  const base = Math.max(0, available - SAFETY)
  return Math.min(times(base, ratio), times(base, CAP))
}

/**
 * Listens on the wire between isync and the vendors and judges every number that leaves. It knows what isync can know: Zoho's numbers as they
 * were last answered and when that call had begun, and each order from the moment a search showed it. Nothing of isync's own books is used.
 */
export interface Judge {
  readonly findings: readonly Finding[]
  readonly counts: Counts
  bought(sale: Sale): void
  /** A call that has just reached a vendor. `live`: what a channel shows now. */
  reached(place: Place, request: SandboxRequest, now: number, live: (shop: Shop, sku: string) => number): void
  /** Its answer, on the way back. `arrivedAt`: when the call had reached the vendor. */
  answered(place: Place, request: SandboxRequest, reply: SandboxReply, arrivedAt: number, now: number): void
  /** What isync may count with at this moment: Zoho's number less the orders it knows of that the number does not. */
  known(sku: string): number | undefined
  /** Every one of these SKUs was worked out anew: no channel that has been told of it may show more than the rule gives. */
  shows(live: (shop: Shop, sku: string) => number, skus: readonly string[], now: number): void
  /** All stock and then all orders have been read without a fault, and everything was published: nothing may be held back. */
  holdsNothing(skus: readonly string[], now: number): void
  /** SKUs that the last reading showed. */
  lastReading(): readonly string[]
}

export function createJudge(rule: Rule): Judge {
  const sales = new Map<string, Sale>()
  const seenAt = new Map<string, number>()
  const stock = new Map<string, Known>()
  const told = new Map<string, Told>()
  const searchedAt = new Map<Shop, number>()
  const coveredTo = new Map<Shop, number>()
  const imports = new Set<string>()
  const findings: Finding[] = []
  const counts = { told: 0, raised: 0, blind: 0 }
  let read: readonly string[] = []
  /** When the first call of a reading that has not come to its answer was made: Zoho may want a new token first. */
  let readingSince: number | undefined

  const salesOf = (sku: string) => [...sales.values()].filter((sale) => sale.sku === sku)
  const key = (shop: Shop, sku: string) => `${shop} ${sku}`

  function known(sku: string): number | undefined {
    const number = stock.get(sku)
    if (number === undefined) return undefined
    const counted = salesOf(sku).filter(({ id }) => {
      const at = seenAt.get(id)
      return at !== undefined && (rule.carry === 'open_orders' || at >= number.readAt)
    })
    return number.units - counted.reduce((sum, { units }) => sum + units, 0)
  }

  function find(kind: Finding['kind'], shop: Shop, sku: string, now: number, text: string): void {
    findings.push({ kind, text: `${kind}: ${shop} ${sku} at ${clockOf(now)}: ${text}` })
  }

  function judge(shop: Shop, sku: string, units: number, now: number, live: number): void {
    counts.told += 1
    const number = stock.get(sku)
    const available = known(sku)
    if (number === undefined || available === undefined) {
      find('too much', shop, sku, now, `told ${units} of unknown stock`)
      return
    }
    const most = mostOf(available, rule.ratio[shop])
    const words = `told ${units}, the rule gives ${most} of ${available} (Zoho's ${number.units} of ${clockOf(number.readAt)})`
    if (units !== most) find(units > most ? 'too much' : 'too little', shop, sku, now, words)
    if (units > believed(shop, sku)) {
      counts.raised += 1
      judgeRaise(shop, sku, now, number, words)
    } else if (units > live) counts.blind += 1
    told.set(key(shop, sku), { units, at: now })
  }

  /**
   * The most that the channel can be showing, as far as anybody knows who is not the channel: the last number told, less its own orders that
   * isync has read and that were placed when this number was on show. An order from before was overwritten by the number.
   */
  function believed(shop: Shop, sku: string): number {
    const last = told.get(key(shop, sku))
    if (last === undefined) return 0
    const since = salesOf(sku).filter(({ id, shop: where, at }) => where === shop && seenAt.has(id) && at >= last.at + ON_SHOW_MS)
    return Math.max(0, last.units - since.reduce((sum, { units }) => sum + units, 0))
  }

  /**
   * The raise guard in plain words. A number of a channel goes up only when this channel's orders were read, to the end, in a search begun when
   * the stock reading behind the number began or later. So every order that such a search would have shown is deducted.
   */
  function judgeRaise(shop: Shop, sku: string, now: number, { readAt }: Known, words: string): void {
    const searched = rule.guard === 'pulled' ? searchedAt.get(shop) : coveredTo.get(shop)
    if ((searched ?? -1) < readAt)
      find('raised unpulled', shop, sku, now, `${words}; orders searched ${searched === undefined ? 'never' : clockOf(searched)}`)
    const missed = salesOf(sku).filter((sale) => {
      const shownBy = rule.guard === 'pulled' ? sale.visibleAt : sale.at
      return sale.shop === shop && shownBy <= readAt && !seenAt.has(sale.id)
    })
    for (const { units, at } of missed)
      find('raised over a sale', shop, sku, now, `${words}; nobody had read the order of ${units} from ${clockOf(at)}`)
  }

  function searched(shop: Shop, ids: readonly string[], arrivedAt: number, now: number, to: number): void {
    for (const id of ids) if (!seenAt.has(id)) seenAt.set(id, now)
    searchedAt.set(shop, arrivedAt)
    coveredTo.set(shop, to)
  }

  return {
    findings,
    counts,
    bought: (sale) => void sales.set(sale.id, sale),
    known,
    lastReading: () => read,

    reached(place, request, now, live) {
      if (place === 'zoho') readingSince ??= now
      if (place === 'amazon' && request.method === 'PATCH') {
        const sku = decodeURIComponent(request.path.split('/').at(-1) ?? '')
        const { patches } = JSON.parse(request.body.toString()) as { patches: { value: { quantity: number }[] }[] }
        judge('amazon', sku, patches[0]?.value[0]?.quantity ?? Number.NaN, now, live('amazon', sku))
      }
      if (place === 'mirakl' && request.method === 'POST') {
        for (const [, sku = '', units] of request.body.toString().matchAll(/^"([A-Z]+)";"(\d+)"/gm))
          judge('mirakl', sku, Number(units), now, live('mirakl', sku))
      }
    },

    answered(place, { method, path }, { status, body }, arrivedAt, now) {
      if (status >= 300) return
      if (place === 'zoho' && path.endsWith('/items')) {
        const { items } = body as { items: { sku: string; available_stock: number }[] }
        for (const { sku, available_stock } of items)
          stock.set(sku, { units: Number(available_stock), readAt: readingSince ?? arrivedAt })
        read = items.map(({ sku }) => sku)
        readingSince = undefined
      }
      if (place === 'amazon' && path.endsWith('/orders')) {
        const { orders, pagination, lastUpdatedBefore } = body as AmazonPage
        if (pagination !== undefined) throw new Error('the judge reads searches of one page')
        searched(
          'amazon',
          orders.map(({ orderId }) => orderId),
          arrivedAt,
          now,
          Date.parse(lastUpdatedBefore),
        )
      }
      if (place === 'mirakl' && path === '/api/orders') {
        const { orders, total_count } = body as { orders: { order_id: string }[]; total_count: number }
        if (total_count > orders.length) throw new Error('the judge reads searches of one page')
        searched(
          'mirakl',
          orders.map(({ order_id }) => order_id),
          arrivedAt,
          now,
          arrivedAt,
        )
      }
      if (place === 'mirakl' && method === 'POST') imports.add((body as { import_id: string }).import_id)
      if (place === 'mirakl' && path.endsWith('/status')) {
        const { import_id, status: state } = body as { import_id: string; status: string }
        if (state === 'COMPLETE') imports.delete(import_id)
      }
    },

    shows(live, skus, now) {
      for (const shop of rule.shops) {
        // A file is under way: what follows from later knowledge waits for its report.
        if (shop === 'mirakl' && imports.size > 0) continue
        for (const sku of skus) {
          const most = mostOf(known(sku) ?? 0, rule.ratio[shop])
          const shown = live(shop, sku)
          if (told.has(key(shop, sku)) && shown > most) find('too much', shop, sku, now, `shows ${shown}, the rule gives ${most}`)
        }
      }
    },

    holdsNothing(skus, now) {
      // There every raise waits for the next search, which reaches as far as this reading.
      if (rule.guard === 'covered') return
      for (const shop of rule.shops) {
        if (shop === 'mirakl' && imports.size > 0) continue
        for (const sku of skus) {
          const most = mostOf(known(sku) ?? 0, rule.ratio[shop])
          const last = told.get(key(shop, sku))?.units
          if (last !== most) find('held for nothing', shop, sku, now, `last told ${last}, the rule gives ${most}`)
        }
      }
    },
  }
}

interface AmazonPage {
  readonly orders: readonly { readonly orderId: string }[]
  readonly pagination?: object
  readonly lastUpdatedBefore: string
}

function clockOf(at: number): string {
  return new Date(at).toISOString().slice(5, 23)
}
