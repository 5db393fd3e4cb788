import { sumOf } from './values.ts'
import type { WireLine, WireOrder } from './wire.ts'

export interface LineUnits {
  /** Ordered, less those cancelled or rejected. */
  readonly owed: number
  readonly shipped: number
  /** What nothing is known against shipping. */
  readonly left: number
  /** One article travels in several parcels, or the vendor's own count differs: nobody can say how many are left. */
  readonly isUnclear: boolean
}

export interface OrderUnits {
  readonly lines: readonly LineUnits[]
  /** A parcel holds something that is no line of the order. */
  readonly hasStrangers: boolean
}

type Identity = Pick<WireLine, 'dscoItemId' | 'sku' | 'partnerSku' | 'upc' | 'ean' | 'lineNumber'>

/** In the order in which the vendor itself looks for an item. */
const keys = ['dscoItemId', 'sku', 'partnerSku', 'upc', 'ean'] as const

/** Units of every line, counted from the parcels (contract section 2). Lines and results stand in the same order. */
export function unitsOf({ lineItems, packages }: Pick<WireOrder, 'lineItems' | 'packages'>): OrderUnits {
  const tallies = lineItems.map((line) => ({ line, owed: owedOf(line), whole: 0, spanning: 0, mostSpanning: 0 }))
  let hasStrangers = false
  for (const item of (packages ?? []).flatMap(({ items }) => items ?? [])) {
    const candidates = tallies.filter(({ line }) => isSame(line, item))
    if (candidates.length === 0) hasStrangers = true
    if (item.packageSpanFlag === true) {
      for (const tally of candidates.slice(0, 1)) {
        tally.spanning += item.quantity
        tally.mostSpanning = Math.max(tally.mostSpanning, item.quantity)
      }
      continue
    }
    // Without a line number the units belong to any line of that article: they fill one after the other.
    let rest = item.quantity
    for (const [at, tally] of candidates.entries()) {
      const room = at === candidates.length - 1 ? rest : Math.max(0, tally.owed - tally.whole)
      const taken = Math.min(rest, room)
      tally.whole += taken
      rest -= taken
    }
  }
  return { hasStrangers, lines: tallies.map((tally) => settled(tally)) }
}

interface Tally {
  readonly line: WireLine
  readonly owed: number
  readonly whole: number
  /** Units in parcels that hold only parts of them: counted once per parcel, so too high. */
  readonly spanning: number
  /** The same units cannot be fewer than in the parcel that names most of them. */
  readonly mostSpanning: number
}

function settled({ line, owed, whole, spanning, mostSpanning }: Tally): LineUnits {
  const least = Math.min(owed, whole + mostSpanning)
  const most = Math.min(owed, whole + spanning)
  const told = toldLeft(line)
  if (least < most || (mostSpanning > 0 && least < owed)) return { owed, shipped: least, left: 0, isUnclear: true }
  const left = owed - least
  return told !== undefined && told < left
    ? { owed, shipped: least, left: told, isUnclear: true }
    : { owed, shipped: least, left, isUnclear: false }
}

/** The platform's own count. It is kept for some orders only, and is zero on all sides for the others. */
function toldLeft({ remainingQuantity, shippedQuantity }: WireLine): number | undefined {
  const isKept = (remainingQuantity ?? 0) > 0 || (shippedQuantity ?? 0) > 0
  return isKept ? (remainingQuantity ?? undefined) : undefined
}

/** A status of the line speaks for all units that no quantity speaks for. */
function owedOf({ quantity, status, cancelledQuantity, rejectedQuantity, acceptedQuantity }: WireLine): number {
  const ended = status === 'cancelled' || status === 'rejected'
  const gone = ended ? quantity - (acceptedQuantity ?? 0) : (cancelledQuantity ?? 0) + (rejectedQuantity ?? 0)
  return Math.max(0, quantity - Math.max(gone, (cancelledQuantity ?? 0) + (rejectedQuantity ?? 0)))
}

function isSame(line: Identity, item: Identity): boolean {
  if (line.lineNumber != null && item.lineNumber != null) return line.lineNumber === item.lineNumber
  const key = keys.find((name) => line[name] != null && item[name] != null)
  return key !== undefined && line[key] === item[key]
}

/**
 * One id per line, the same at every reading: the line number, which is optional, else the article, counted where it stands more than
 * once (contract section 7).
 */
export function lineIdsOf(lines: readonly Identity[]): readonly string[] {
  const numbers = lines.map(({ lineNumber }) => lineNumber ?? '')
  const areUnique = numbers.every((number) => number !== '') && new Set(numbers).size === numbers.length
  if (areUnique) return numbers
  const seen = new Map<string, number>()
  return lines.map((line) => {
    const key = keys.map((name) => line[name]).find((value) => value != null && value !== '') ?? 'line'
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    return times === 1 ? `item-${key}` : `item-${key}-${times}`
  })
}

export function shippedUnits(lines: readonly LineUnits[]): number {
  return sumOf(lines.map(({ shipped }) => shipped))
}
