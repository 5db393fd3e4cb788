import type { Sandbox } from '../../sandbox/server.ts'
import { readStockBooks } from './stock-books.ts'

/** Units that buyers hold, by SKU: of orders that the seller ships and nobody has cancelled. */
type Ordered = ReadonlyMap<string, number>

interface Books {
  readonly amazon: {
    readonly orders: readonly {
      readonly status: string
      readonly fulfilled_by: string
      readonly items: readonly { readonly sku: string | null; readonly quantity: number; readonly cancelled: number }[]
    }[]
  }
  readonly mirakl: {
    readonly orders: readonly {
      readonly state: string
      readonly lines: readonly { readonly offer_sku: string; readonly quantity: number; readonly canceled: number }[]
    }[]
  }
}

const gone = ['CANCELLED', 'CANCELED', 'REFUSED']

export function orderedUnits(sandbox: Sandbox): Ordered {
  const { amazon, mirakl } = { amazon: sandbox.books('amazon'), mirakl: sandbox.books('mirakl') } as Books
  const units = new Map<string, number>()
  const add = (sku: string, some: number) => units.set(sku, (units.get(sku) ?? 0) + some)
  for (const { status, fulfilled_by, items } of amazon.orders) {
    if (gone.includes(status) || fulfilled_by !== 'MERCHANT') continue
    for (const { sku, quantity, cancelled } of items) add(sku ?? '', quantity - cancelled)
  }
  for (const { state, lines } of mirakl.orders) {
    if (gone.includes(state)) continue
    for (const { offer_sku, quantity, canceled } of lines) add(offer_sku, quantity - canceled)
  }
  return units
}

/** The seller's bookkeeping takes off in Zoho what was ordered since it did so last. isync never writes there. */
export function enterOrders(sandbox: Sandbox, entered: Ordered): void {
  const { zoho } = readStockBooks(sandbox)
  for (const [sku, units] of orderedUnits(sandbox)) {
    const more = units - (entered.get(sku) ?? 0)
    const stock = zoho.get(sku)
    if (more !== 0 && stock !== undefined) sandbox.act('zoho', 'set-stock', { sku, stock: stock - more, touch: true })
  }
}
