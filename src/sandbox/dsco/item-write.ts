import { type Hand, type Item, quantityOf, statusOf } from './item.ts'
import { stranger } from './order-wire.ts'
import { show } from './seen.ts'
import type { State } from './state.ts'
import { iso, type Json } from './wire.ts'

/** The item was written at this time, and is seen as changes are. */
export function written(state: State, item: Item, at: number, by: Hand): void {
  item.history.push([at, quantityOf(item), by])
  item.updatedAt = at
  item.quantityAt = at
  show(item.seen, itemDocument(state, item), by === 'seed' ? Number.NEGATIVE_INFINITY : at + state.settings.propagationMs)
}

/** ItemInventory of the model. */
function itemDocument({ settings }: State, item: Item): Json {
  return {
    ...item.base,
    ...stranger(settings),
    sku: item.sku,
    dscoItemId: item.dscoItemId,
    status: statusOf(item),
    quantityAvailable: quantityOf(item),
    ...(item.cost === undefined ? {} : { cost: item.cost, currencyCode: 'USD' }),
    warehouses: Array.from(item.warehouses, ([code, quantity]) => ({ code, dscoId: `wh-${code}`, quantity })),
    dscoLastQuantityUpdateDate: iso(item.quantityAt),
    dscoLastUpdateDate: iso(item.updatedAt),
  }
}
