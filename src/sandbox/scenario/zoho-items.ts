import { assortment } from './goods.ts'

type Item = Readonly<Record<string, unknown>>

/** Items that the story plays with, by what is odd about them. */
export const zohoCast = {
  /** Three are left of it, one after safety stock and an open order. */
  scarce: 'CHAIR-OAK',
  /** Some are left, for sale on every channel. */
  contested: 'CLOCK-BRASS',
  /** Nothing is left. */
  soldOut: 'TRAY-ASH',
  /** Sold before it was received. */
  oversold: 'VASE-CLAY',
  /** Cut from a roll. */
  fractional: 'RIBBON-M',
  /** The same SKU but for case and blanks: whoever matches them must ask. */
  alike: ['PILLOW-40', 'pillow-40 '],
  /** Taken off sale by its owner. */
  inactive: 'MUG-BLU-08',
  bundle: 'GIFTSET-1',
  /** Sizes of one article. */
  variants: ['SOCKS-S', 'SOCKS-L'],
  service: 'ENGRAVING',
  untracked: 'SAMPLE-CARD',
} as const

/** The assortment that the invented orders are about, with stock, and one of every kind of item that Zoho has. Compact form of the stand-in. */
export function zohoItems(): readonly Item[] {
  return [
    ...assortment().map(({ sku, title, price }, i) => ({
      sku,
      name: title,
      rate: price,
      brand: i % 2 === 0 ? 'Inventa' : 'Fictional & Co',
      stock: sku === zohoCast.scarce ? 3 : 60 + 17 * i,
      committed: i === 0 || sku === zohoCast.scarce ? 1 : 0,
    })),
    { sku: zohoCast.contested, name: 'Clock, brass', stock: 20 },
    { sku: zohoCast.soldOut, name: 'Tray, ash', stock: 0 },
    { sku: zohoCast.oversold, name: 'Vase, clay', stock: -2 },
    { sku: zohoCast.fractional, name: 'Ribbon by the metre', stock: '12.75' },
    ...zohoCast.alike.map((sku, i) => ({ sku, name: `Pillow 40 cm, ${i === 0 ? 'down' : 'feather'}`, stock: 9 })),
    { sku: zohoCast.inactive, name: 'Stoneware mug, blue, 8 oz', stock: 14, status: 'inactive' },
    { sku: zohoCast.bundle, name: 'Gift set: mug and notebook', kind: 'bundle', stock: 6, text_numbers: true },
    ...zohoCast.variants.map((sku) => ({
      sku,
      name: `Socks ${sku.at(-1)}`,
      stock: 25,
      group: { name: 'Socks', option: sku.at(-1) },
    })),
    { sku: zohoCast.service, name: 'Engraving', kind: 'service' },
    { sku: zohoCast.untracked, name: 'Colour sample card', kind: 'untracked' },
    { sku: '', name: 'Old stock without a SKU', stock: 4 },
  ]
}
