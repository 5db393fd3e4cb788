import type { Seen } from './seen.ts'
import type { Json } from './wire.ts'

/** By whom a quantity was set. */
export type Hand = 'seed' | 'batch' | 'large' | 'single' | 'buyer' | 'person'

/** The inventory of one catalogue item. */
export interface Item {
  readonly sku: string
  readonly dscoItemId: string
  /** What does not change, as on the wire. */
  readonly base: Json
  /** Units by the supplier's warehouse code; what buyers can have is their sum. */
  readonly warehouses: Map<string, number>
  readonly history: (readonly [at: number, quantity: number, by: Hand])[]
  /** Orders that took more than there was. */
  readonly oversold: string[]
  readonly seen: Seen<Json>
  /** Ends the sale, whatever the quantity is. */
  ended: 'discontinued' | 'hidden' | undefined
  cost: number | undefined
  /** How often an update changed what the retailer pays. */
  costWrites: number
  bought: number
  updatedAt: number
  quantityAt: number
  refusal: { readonly code: string; readonly description: string; left: number } | undefined
}

export function quantityOf({ warehouses }: Item): number {
  return [...warehouses.values()].reduce((sum, units) => sum + units, 0)
}

export function statusOf(item: Item): string {
  return item.ended ?? (quantityOf(item) > 0 ? 'in-stock' : 'out-of-stock')
}
