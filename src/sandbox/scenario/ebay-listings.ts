import { assortment } from './goods.ts'
import { zohoCast } from './zoho-items.ts'

type Listing = Readonly<Record<string, unknown>>

/** Listings that the story plays with, by what is odd about them. */
export const ebayListingCast = {
  /** Stock is kept in two warehouses. */
  byWarehouse: 'LAMP-A1-STORES',
  /** Sold out in the books, still for sale here until somebody says so. */
  staleStock: zohoCast.soldOut,
  /** For sale here, unknown to the books. */
  unknownToBooks: 'CLEARANCE-77',
} as const

/**
 * What the seller has on eBay: of the assortment every second listing made in the older way, which takes quantities by another call, with
 * the quantities that somebody typed in last week, and one listing of every kind. Compact form of the stand-in.
 */
export function ebayListings(): readonly Listing[] {
  return [
    ...assortment().map(({ sku, title, price }, i) => ({
      sku,
      title,
      price,
      quantity: 3 + i,
      model: i % 2 === 0 ? 'inventory' : 'trading',
    })),
    {
      sku: ebayListingCast.byWarehouse,
      title: 'Desk lamp A1 with dimmer',
      model: 'inventory',
      quantity: 4,
      distributions: { EAST: 3, WEST: 1 },
    },
    { sku: ebayListingCast.staleStock, title: 'Tray, ash', model: 'trading', quantity: 2 },
    { sku: zohoCast.contested, title: 'Clock, brass', model: 'inventory', quantity: 2 },
    { sku: ebayListingCast.unknownToBooks, title: 'Clearance box', model: 'trading', quantity: 1 },
    // One listing with two sizes, each with a number of its own.
    ...zohoCast.variants.map((sku) => ({
      sku,
      title: 'Socks',
      model: 'trading',
      item_id: '256999000002',
      quantity: 6,
      variation: { Size: sku.at(-1) ?? '' },
    })),
  ]
}
