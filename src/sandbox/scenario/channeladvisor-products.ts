import { assortment } from './goods.ts'
import { zohoCast } from './zoho-items.ts'

type Product = Readonly<Record<string, unknown>>

/** What the account sells of the assortment, with the quantities of last week. Compact form of the stand-in. */
export function channelAdvisorProducts(): readonly Product[] {
  return [
    ...assortment().map(({ sku, title, price }, i) => ({ sku, title, price, quantity: 5 + i })),
    // Sold out in the books, still for sale here until somebody says so.
    { sku: zohoCast.soldOut, title: 'Tray, ash', quantity: 3 },
    { sku: zohoCast.contested, title: 'Clock, brass', quantity: 2 },
    // For sale here, unknown to the books.
    { sku: 'CLEARANCE-77', title: 'Clearance box', quantity: 1 },
  ]
}
