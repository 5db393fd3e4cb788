import { type Json, plus } from './wire.ts'

export const KINDS = ['tracked', 'bundle', 'untracked', 'service'] as const
export type Kind = (typeof KINDS)[number]

/**
 * The two ledgers of an item (contract section 5). Invoices and bills move the accounting stock, shipments and receives the physical one;
 * an open sales order is committed in the first until it is invoiced, in the second until it is shipped. May be negative or fractional.
 */
export interface Ledgers {
  accounting: number
  physical: number
  committed: number
  physicalCommitted: number
}

export interface Item {
  readonly id: string
  name: string
  /** '' for none; blanks and case as given. */
  sku: string
  kind: Kind
  isActive: boolean
  /** Instead of what follows from the kind. */
  itemType: string | undefined
  group: { readonly id: string; readonly name: string; readonly option: string } | undefined
  brand: string | undefined
  category: string | undefined
  rate: number
  reorderLevel: number | undefined
  comboType: string | undefined
  createdAt: number
  modifiedAt: number
  /** Numbers are sent as text with two decimals. */
  textNumbers: boolean
  /** By location id; most items have stock at the primary place only. */
  readonly places: Map<string, Ledgers>
  /** Odd JSON laid over a row of the list, and over the details; `'$absent'` takes a field away. */
  listPatch: Json | undefined
  detailPatch: Json | undefined
}

export function noStock(): Ledgers {
  return { accounting: 0, physical: 0, committed: 0, physicalCommitted: 0 }
}

export function hasStock({ kind }: Item): boolean {
  return kind === 'tracked' || kind === 'bundle'
}

export function ledgersAt(item: Item, locationId: string): Ledgers {
  const known = item.places.get(locationId)
  if (known !== undefined) return known
  const made = noStock()
  item.places.set(locationId, made)
  return made
}

/** Of all places. */
export function total(item: Item): Ledgers {
  const [first, ...others] = item.places.values()
  if (first === undefined) return noStock()
  if (others.length === 0) return first
  return others.reduce((sum, each) => {
    return {
      accounting: plus(sum.accounting, each.accounting),
      physical: plus(sum.physical, each.physical),
      committed: plus(sum.committed, each.committed),
      physicalCommitted: plus(sum.physicalCommitted, each.physicalCommitted),
    }
  }, first)
}

/** The stock fields without the prefix of a place: in the list the first three, in details all (sections 3 and 4). */
export function listStock({ accounting, physical }: Ledgers): Readonly<Record<string, number>> {
  return { stock_on_hand: accounting, available_stock: accounting, actual_available_stock: physical }
}

export function detailStock(ledgers: Ledgers): Readonly<Record<string, number>> {
  const { accounting, physical, committed, physicalCommitted } = ledgers
  return {
    ...listStock(ledgers),
    committed_stock: committed,
    actual_committed_stock: physicalCommitted,
    available_for_sale_stock: plus(accounting, -committed),
    actual_available_for_sale_stock: plus(physical, -physicalCommitted),
  }
}
