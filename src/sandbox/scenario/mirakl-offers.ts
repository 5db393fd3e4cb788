import { assortment } from './goods.ts'
import { zohoCast } from './zoho-items.ts'

type Offer = Readonly<Record<string, unknown>>

/** Offers that the story plays with, by what is odd about them. */
export const miraklOfferCast = {
  /** Lies in the operator's own warehouse. */
  shippedByOperator: 'MUG-BLU-12-DC',
  /** Stock is kept in two warehouses. */
  byWarehouse: 'LAMP-A1-STORES',
  /** Sold out in the books, still for sale here until somebody says so. */
  staleStock: zohoCast.soldOut,
  /** For sale here, unknown to the books. */
  unknownToBooks: 'CLEARANCE-77',
  /** In the books and in orders, but no SKU that Mirakl takes from a stock file. */
  unspeakable: 'KETTLE/1.7L',
} as const

/**
 * What the operator lists of the assortment, with the quantities that somebody typed in last week, and one offer of every kind. Compact form
 * of the stand-in.
 */
export function miraklOffers(): readonly Offer[] {
  return [
    ...assortment()
      .filter(({ sku }) => sku !== miraklOfferCast.unspeakable)
      .map(({ sku, title, price }, i) => ({ sku, title, price, quantity: 4 + i })),
    {
      sku: miraklOfferCast.shippedByOperator,
      title: 'Stoneware mug, blue, 12 oz',
      quantity: 40,
      fulfillment_center_code: 'OPERATOR-DC',
    },
    { sku: miraklOfferCast.byWarehouse, title: 'Desk lamp A1 with dimmer', warehouses: { EAST: 3, WEST: 1 } },
    { sku: miraklOfferCast.staleStock, title: 'Tray, ash', quantity: 3 },
    { sku: zohoCast.contested, title: 'Clock, brass', quantity: 3 },
    { sku: miraklOfferCast.unknownToBooks, title: 'Clearance box', quantity: 1 },
  ]
}
