import type { Sandbox } from '../../sandbox/server.ts'
import { demoChannels } from './channels/all.ts'
import { readStockBooks } from './stock-books.ts'

/** Units that buyers hold, by SKU: of orders that the seller ships and nobody has cancelled. */
type Ordered = ReadonlyMap<string, number>

export function orderedUnits(sandbox: Sandbox): Ordered {
  const units = new Map<string, number>()
  const held = demoChannels.flatMap((channel) => channel.readOrders(sandbox)).filter(({ holdsStock }) => holdsStock)
  for (const { sku, ordered } of held.flatMap(({ lines }) => lines)) units.set(sku, (units.get(sku) ?? 0) + ordered)
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
