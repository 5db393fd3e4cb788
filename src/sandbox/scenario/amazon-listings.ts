import { assortment } from './goods.ts'
import { zohoCast } from './zoho-items.ts'

type Listing = Readonly<Record<string, unknown>>

/** Listings that the story plays with, by what is odd about them. */
export const amazonListingCast = {
  /** Shipped by Amazon: no quantity may ever be written to it. */
  shippedByAmazon: 'MUG-BLU-12-FBA',
  /** Stock is kept per location. */
  byLocation: 'LAMP-A1-STORES',
  /** Takes its own product type only. */
  strictType: 'CHAIR-OAK',
  /** Sold out in the books, still for sale here until somebody says so. */
  staleStock: zohoCast.soldOut,
  /** For sale here, unknown to the books. */
  unknownToBooks: 'CLEARANCE-77',
} as const

/**
 * What Amazon lists of the assortment, with the quantities that somebody typed in last week, and one listing of every kind. Compact form
 * of the stand-in.
 */
export function amazonListings(): readonly Listing[] {
  return [
    ...assortment().map(({ sku, title, price }, i) => ({
      sku,
      title,
      price,
      quantity: 5 + i,
      product_type: sku === amazonListingCast.strictType ? 'CHAIR' : 'HOME',
      strict_type: sku === amazonListingCast.strictType,
      ...(i % 3 === 0 ? { lead_time: 2 } : {}),
    })),
    { sku: amazonListingCast.shippedByAmazon, title: 'Stoneware mug, blue, 12 oz (Prime)', channel: 'FBA' },
    { sku: amazonListingCast.byLocation, title: 'Desk lamp A1 with dimmer', channel: 'LOCATIONS', quantity: 4 },
    { sku: amazonListingCast.staleStock, title: 'Tray, ash', quantity: 3 },
    { sku: zohoCast.contested, title: 'Clock, brass', quantity: 2 },
    { sku: amazonListingCast.unknownToBooks, title: 'Clearance box', quantity: 1, restock_date: '2027-02-01' },
    ...zohoCast.variants.map((sku) => ({ sku, title: `Socks ${sku.at(-1)}`, quantity: 8 })),
  ]
}
