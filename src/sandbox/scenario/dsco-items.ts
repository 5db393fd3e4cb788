import { assortment } from './goods.ts'
import { zohoCast } from './zoho-items.ts'

type Item = Readonly<Record<string, unknown>>

/** What the retailers have of the assortment in their catalogues, with the quantities of last week. Compact form of the stand-in. */
export function dscoItems(): readonly Item[] {
  return [
    ...assortment().map(({ sku, title, price }, i) => ({ sku, title, cost: price, quantity: 6 + i })),
    // Sold out in the books, still for sale here until somebody says so.
    { sku: zohoCast.soldOut, title: 'Tray, ash', quantity: 4 },
    { sku: zohoCast.contested, title: 'Clock, brass', quantity: 2 },
    // For sale here, unknown to the books.
    { sku: 'CLEARANCE-77', title: 'Clearance box', quantity: 1 },
  ]
}
