/** An invented assortment. */
export interface Article {
  readonly sku: string
  readonly title: string
  readonly price: string
}

const ARTICLES: readonly Article[] = [
  { sku: 'MUG-BLU-12', title: 'Stoneware mug, blue, 12 oz', price: '14.50' },
  { sku: 'LAMP-A1', title: 'Desk lamp A1 with dimmer', price: '49.99' },
  { sku: 'TSHIRT-M-BLK', title: 'T-shirt, organic cotton, black, M', price: '19.00' },
  { sku: 'KETTLE/1.7L', title: 'Kettle 1.7 l — stainless “Café” line', price: '39.95' },
  { sku: 'BOOK 0042', title: 'Notebook, dotted, 160 pages', price: '9.49' },
  { sku: 'CHAIR-OAK', title: 'Chair, solid oak', price: '189.00' },
  { sku: 'SOAP-3PK', title: 'Soap & brush set, pack of 3', price: '7.25' },
  { sku: 'CABLE-USBC-2M', title: 'USB-C cable, 2 m', price: '12.00' },
]

/** All of it, in the order of {@link articleAt}. */
export function assortment(): readonly Article[] {
  return ARTICLES
}

export function articleAt(n: number): Article {
  return ARTICLES[n % ARTICLES.length] ?? (ARTICLES[0] as Article)
}
