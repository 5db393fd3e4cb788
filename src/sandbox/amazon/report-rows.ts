import { marketplaceOf } from './marketplaces.ts'
import { type Order, type OrderItem, unfulfilled } from './order.ts'
import type { Charset } from './report.ts'
import { isoSeconds } from './wire.ts'

const DAY_MS = 86_400_000

type Cell = (order: Order, item: OrderItem, at: number) => string | number | undefined

/** The columns of the report on unshipped orders. There are no prices among them, and more personal data than isync wants. */
const COLUMNS: readonly (readonly [string, Cell])[] = [
  ['order-id', (order) => order.id],
  ['order-item-id', (_, item) => item.id],
  ['purchase-date', (order) => withOffset(order.createdAt)],
  ['payments-date', (order) => withOffset(order.createdAt)],
  ['reporting-date', (_order, _item, at) => withOffset(at)],
  ['promise-date', (order) => withOffset(order.shipBy.latest)],
  ['days-past-promise', (order, _, at) => Math.floor((at - order.shipBy.latest) / DAY_MS)],
  ['buyer-email', (order) => order.buyer.email],
  ['buyer-name', (order) => order.buyer.name],
  ['buyer-phone-number', (order) => order.shipTo?.phone],
  ['sku', (_, item) => item.sku],
  ['product-name', (_, item) => item.title],
  ['quantity-purchased', (_, item) => item.quantity],
  ['quantity-shipped', (_, item) => item.shipped],
  ['quantity-to-ship', (_, item) => unfulfilled(item)],
  ['ship-service-level', (order) => order.serviceLevel],
  ['recipient-name', (order) => order.shipTo?.name],
  ['ship-address-1', (order) => order.shipTo?.line1],
  ['ship-address-2', (order) => order.shipTo?.line2],
  ['ship-address-3', (order) => order.shipTo?.line3],
  ['ship-city', (order) => order.shipTo?.city],
  ['ship-state', (order) => order.shipTo?.state],
  ['ship-postal-code', (order) => order.shipTo?.postal],
  ['ship-country', (order) => order.shipTo?.country ?? marketplaceOf(order.marketplaceId)?.country],
  ['is-business-order', (order) => String(order.programs.includes('AMAZON_BUSINESS'))],
  ['purchase-order-number', (order) => order.buyer.purchaseOrder],
  ['price-designation', () => ''],
  ['is-prime', (order) => String(order.programs.includes('PRIME'))],
]

/** The file as it is stored: tabs between cells, nothing quoted, a head line. */
export function unshippedFile(orders: readonly Order[], at: number, charset: Charset): Buffer {
  const head = COLUMNS.map(([name]) => name)
  const rows = orders.flatMap((order) =>
    order.items.filter((item) => unfulfilled(item) > 0).map((item) => COLUMNS.map(([, cell]) => plain(cell(order, item, at)))),
  )
  const text = [head, ...rows].map((cells) => `${cells.join('\t')}\r\n`).join('')
  return Buffer.from(text, ENCODINGS[charset])
}

const ENCODINGS = { 'UTF-8': 'utf8', 'ISO-8859-1': 'latin1', 'UTF-16LE': 'utf16le' } as const

/** Whatever would end a cell is a blank. */
function plain(cell: string | number | undefined): string {
  return String(cell ?? '').replace(/[\t\r\n]+/g, ' ')
}

function withOffset(at: number): string {
  return isoSeconds(at).replace('Z', '+00:00')
}
