import type { Seen } from './seen.ts'
import type { Json } from './wire.ts'

export const LIFECYCLES = ['received', 'created', 'acknowledged', 'completed'] as const
export type Lifecycle = (typeof LIFECYCLES)[number]

export const STATUSES = ['created', 'shipment_pending', 'shipped', 'cancelled'] as const
export type Status = (typeof STATUSES)[number]

export interface Line {
  /** What does not change, as on the wire. */
  readonly base: Json
  readonly number: number | undefined
  readonly quantity: number
  cancelled: number
  rejected: number
  /** The retailer's code; null: asked for without one. */
  cancelRequested: string | null | undefined
}

/** Units of one line in a package. */
export interface Content {
  readonly line: Line
  readonly quantity: number
  /** One unit in several parcels: it stands in each of them (contract section 2). */
  readonly spans: boolean
}

export interface Package {
  /** Without its items, as on the wire. */
  readonly base: Json
  readonly tracking: string
  readonly contents: readonly Content[]
  readonly by: 'batch' | 'single' | 'seed' | 'person'
  readonly requestId: string | undefined
  readonly addedAt: number
}

export interface Acknowledgement {
  readonly at: number
  readonly supplierOrderNumber: string | undefined
  readonly requestId: string | undefined
}

export interface Order {
  readonly id: string
  readonly poNumber: string
  readonly test: boolean
  /** Dropship, Marketplace, Wholesale, Mixed; optional on the wire. */
  readonly type: string | undefined
  readonly createdAt: number
  /** Lines tell what is left of them, as those of OrderStream do. */
  readonly orderStream: boolean
  readonly lines: readonly Line[]
  readonly packages: Package[]
  readonly acknowledgements: Acknowledgement[]
  /** The whole order as readers see it. */
  readonly seen: Seen<Json>
  /** All that has no field here, as on the wire. */
  base: Json
  shipping: Json
  supplierOrderNumber: string | undefined
  cancelRequested: string | null | undefined
  lifecycle: Lifecycle
  status: Status
  updatedAt: number
  /** Searches by change have lost it. */
  omitted?: boolean
  /** What its changes fail with in the log, and how often still. */
  refusal: { readonly code: string; readonly description: string; left: number } | undefined
}

export function shippedUnits(order: Order, line: Line): number {
  const own = order.packages.flatMap(({ contents }) => contents.filter((content) => content.line === line))
  const whole = own.filter(({ spans }) => !spans).reduce((units, { quantity }) => units + quantity, 0)
  return whole + Math.max(0, ...own.filter(({ spans }) => spans).map(({ quantity }) => quantity))
}

/** Units that may still go into a package (contract section 2). */
export function unitsLeft(order: Order, line: Line): number {
  return Math.max(0, line.quantity - line.cancelled - line.rejected - shippedUnits(order, line))
}

export function wanted(line: Line): number {
  return line.quantity - line.cancelled - line.rejected
}

export function isOver(order: Order): boolean {
  return order.lifecycle === 'completed'
}

/** Lifecycle and status after a change: an order is over when no line has anything left. */
export function settleOrder(order: Order): void {
  if (order.lines.some((line) => unitsLeft(order, line) > 0)) {
    const isTaken = order.lifecycle === 'acknowledged' || order.packages.length > 0
    order.status = isTaken ? 'shipment_pending' : 'created'
    return
  }
  order.lifecycle = 'completed'
  order.status = order.lines.every((line) => wanted(line) <= 0) ? 'cancelled' : 'shipped'
}

/** By what the vendor lets an item be named: the first of these that is given counts. */
export const ITEM_KEYS = ['sku', 'dscoItemId', 'partnerSku', 'upc', 'ean'] as const

/**
 * The line that is meant: by its number and one key of the item. Without a number it is the first line of that item with units left, which
 * with one SKU on two lines is a guess (contract section 4).
 */
export function findLine(order: Order, named: Json): Line | undefined {
  const key = ITEM_KEYS.find((each) => named[each] !== undefined && named[each] !== null)
  if (key === undefined) return undefined
  const fitting = order.lines.filter((line) => line.base[key] === named[key])
  const number = named['lineNumber']
  if (number !== undefined && number !== null) return fitting.find((line) => line.number === number)
  return fitting.find((line) => unitsLeft(order, line) > 0) ?? fitting[0]
}
