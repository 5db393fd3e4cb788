import type { Address, NormalizedOrder, OrderLine, OrderStatus, PoisonOrder } from '../../core/model/order.ts'
import type { FileSettings } from './settings.ts'
import { digestOf, type Row, type RowGroup } from './tables.ts'
import { amountOf, type Cells, currencyOf, idOf, instantOf, needed, unitsOf, yesOrNo } from './values.ts'

/** Where a group of rows was found. */
export interface Source {
  readonly fileName: string
  /** Epoch ms. */
  readonly changedAt: number
}

/** Line id -> units that the partner has been told of. */
export type ToldUnits = ReadonlyMap<string, number>

const words = new Map<string, OrderStatus>([
  ['open', 'open'],
  ['pending', 'pending'],
  ['on_hold', 'on_hold'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['shipped', 'shipped'],
])

/** Columns that belong to the order: later rows repeat them or leave them empty. */
const ofOrder = [
  'status',
  'ordered_at',
  'ship_by',
  'deliver_by',
  'buyer_name',
  'email',
  'phone',
  'ship_name',
  'ship_company',
  'ship_address1',
  'ship_address2',
  'ship_city',
  'ship_state',
  'ship_postal',
  'ship_country',
  'currency',
  'shipping',
  'tax_included',
  'shipping_method',
  'gift_message',
  'notes',
] as const

/** The rows of one order in our shape. What cannot be read becomes poison; the reason names columns and never what stands there. */
export function toOrder(
  group: RowGroup,
  source: Source,
  told: ToldUnits,
  settings: FileSettings,
): { readonly order: NormalizedOrder } | { readonly poison: PoisonOrder } {
  try {
    if (group.flaw !== undefined) throw new RangeError(group.flaw)
    return { order: normalize(group, source, told, settings) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { poison: poisonOf(group, source, error.message, settings) }
  }
}

/** A file of which nothing can be used. */
export function poisonFile(source: Source, bytes: Buffer, reason: string, { channel }: FileSettings): PoisonOrder {
  const digest = digestOf(bytes, 16)
  return {
    channel,
    externalOrderId: `file-${digest}`,
    reason,
    raw: { file: source.fileName, bytes: bytes.length, digest, begins: bytes.subarray(0, 2000).toString('utf8') },
  }
}

function poisonOf({ orderId, rows }: RowGroup, source: Source, reason: string, { channel }: FileSettings): PoisonOrder {
  const name = orderId === '' ? `digest-${digestOf(JSON.stringify(rows), 24)}` : orderId
  return { channel, externalOrderId: name, reason, raw: rawOf(rows, source) }
}

function rawOf(rows: readonly Row[], source: Source): unknown {
  return { file: source.fileName, rows }
}

function normalize({ rows }: RowGroup, source: Source, told: ToldUnits, settings: FileSettings): NormalizedOrder {
  const head: Cells = { row: headOf(rows), settings }
  const externalOrderId = idOf(head, 'order_id')
  if (externalOrderId === undefined) throw new RangeError('order_id: empty')
  const said = statusIn(head.row)
  if (said === undefined) throw new RangeError(`status: not one of ${[...words.keys()].join(', ')}`)
  const currency = currencyOf(head, settings.currency)
  const lines = linesOf(rows, said, currency, told, settings)
  const status = statusOf(said, lines)
  const gift = head.row['gift_message']
  return {
    channel: settings.channel,
    externalOrderId,
    status,
    fulfilledBy: 'seller',
    createdAt: instantOf(head, 'ordered_at') ?? source.changedAt,
    updatedAt: source.changedAt,
    ...optional('shipBy', instantOf(head, 'ship_by')),
    ...optional('deliverBy', instantOf(head, 'deliver_by')),
    buyer: {
      ...optional('name', head.row['buyer_name'] ?? head.row['ship_name']),
      ...optional('email', head.row['email']),
      ...optional('phone', head.row['phone']),
    },
    shipTo: shipToOf(head, said),
    lines,
    currency,
    totals: totalsOf(head, rows, lines, currency),
    ...optional('shippingMethodRequested', head.row['shipping_method']),
    gift: gift === undefined ? { isGift: false } : { isGift: true, message: gift },
    ...optional('notes', head.row['notes']),
    flags: [],
    raw: rawOf(rows, source),
  }
}

/** What the rows say of their order, together. Two that disagree are no order. */
/** What a row says of its order; undefined where that is no word of ours. */
function statusIn(row: Row): OrderStatus | undefined {
  return words.get((row['status'] ?? 'open').toLowerCase().replace(/[\s-]+/g, '_'))
}

/** Whether the partner calls the order open, whatever else of it can be read. */
export function isCalledOpen({ rows }: RowGroup): boolean {
  return rows.some((row) => statusIn(row) === 'open')
}

function headOf(rows: readonly Row[]): Row {
  const head: Record<string, string> = Object.create(null)
  Object.assign(head, rows[0])
  for (const column of ofOrder) {
    const said = new Set(rows.flatMap((row) => row[column] ?? []))
    if (said.size > 1) throw new RangeError(`${column}: the rows of the order disagree`)
    for (const value of said) head[column] = value
  }
  return head
}

function linesOf(
  rows: readonly Row[],
  said: OrderStatus,
  currency: string,
  told: ToldUnits,
  settings: FileSettings,
): readonly OrderLine[] {
  const ids = new Set<string>()
  return rows.map((row) => {
    const cells = { row, settings }
    const sku = needed(cells, 'sku')
    idOf(cells, 'sku')
    const externalLineId = idOf(cells, 'line_id') ?? sku
    if (ids.has(externalLineId)) throw new RangeError('line_id: the order has the same line twice; give each row its own line_id')
    ids.add(externalLineId)
    const ordered = unitsOf(cells, 'quantity')
    const qty = said === 'cancelled' ? 0 : ordered
    const qtyShipped = said === 'shipped' ? qty : Math.min(qty, told.get(externalLineId) ?? 0)
    return {
      externalLineId,
      sku,
      name: row['name'] ?? sku,
      qty,
      qtyToShip: said === 'open' ? qty - qtyShipped : 0,
      qtyShipped,
      price: amountOf(cells, 'price', currency),
      tax: amountOf(cells, 'tax', currency),
      discount: amountOf(cells, 'discount', currency),
    }
  })
}

/** What the partner says, less what he has been told of since. */
function statusOf(said: OrderStatus, lines: readonly OrderLine[]): OrderStatus {
  if (said !== 'open') return said
  if (lines.every(({ qty }) => qty === 0)) return 'cancelled'
  if (lines.every(({ qtyToShip }) => qtyToShip === 0)) return 'shipped'
  return lines.some(({ qtyShipped = 0 }) => qtyShipped > 0) ? 'partially_shipped' : 'open'
}

function shipToOf(head: Cells, said: OrderStatus): Address | null {
  try {
    const country = needed(head, 'ship_country').toUpperCase()
    if (!/^[A-Z]{2}$/.test(country)) throw new RangeError('ship_country: not a two-letter country code')
    if (head.settings.spreadsheetGuard) for (const column of ['ship_postal', 'phone']) idOf(head, column)
    return {
      name: needed(head, 'ship_name'),
      ...optional('company', head.row['ship_company']),
      address1: needed(head, 'ship_address1'),
      ...optional('address2', head.row['ship_address2']),
      city: needed(head, 'ship_city'),
      ...optional('state', head.row['ship_state']),
      postal: head.row['ship_postal'] ?? '',
      country,
      ...optional('phone', head.row['phone']),
    }
  } catch (error) {
    // Nothing of it is going to be shipped: an address is not needed any more, or not yet.
    if (said !== 'open' && error instanceof RangeError) return null
    throw error
  }
}

/** Of the units that were ordered, whatever became of them. Whole minor units only are added. */
function totalsOf(head: Cells, rows: readonly Row[], lines: readonly OrderLine[], currency: string): NormalizedOrder['totals'] {
  const { settings } = head
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
  const items = sum(lines.map(({ price }, i) => price * unitsOf({ row: rows[i] ?? {}, settings }, 'quantity')))
  const tax = sum(lines.map((line) => line.tax))
  const discount = sum(lines.map((line) => line.discount))
  const shipping = amountOf(head, 'shipping', currency)
  const total = items + shipping - discount + (yesOrNo(head, 'tax_included') ? 0 : tax)
  if (!Number.isSafeInteger(total)) throw new RangeError('price: the order is worth more than can be counted')
  return { items, shipping, tax, discount, total }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
