import { createHash } from 'node:crypto'
import { PLAIN_HASH_CHARS } from '../db/order-writes.ts'
import type { OrderRow } from '../db/orders.ts'
import type { NormalizedOrder } from '../model/order.ts'

/**
 * Digest of everything the channel says about an order, without its clock: equal means that nothing changed. Two halves, `plain.personal`,
 * since what is known of erased personal data must not outlive it, not even as a digest that a guess could be held against. Always taken of
 * what a connector read, whose fields come in one order: sorting them would cost half as much as storing the order.
 */
export function contentHash(order: NormalizedOrder): string {
  const { raw: _raw, updatedAt: _updatedAt, buyer, buyerAccount, shipTo, gift, notes, specialInstructions, ...plain } = order
  const told = [buyer, shipTo, gift.message, notes, specialInstructions]
  // Left out where there is none: what other channels told before stays the same.
  const personal = buyerAccount === undefined ? told : [...told, buyerAccount]
  return `${half([plain, gift.isGift])}.${half(personal)}`
}

/** Whether the channel says of a stored order what it said before; of an erased one only the plain half is left to compare. */
export function isUnchanged(order: NormalizedOrder, stored: Pick<OrderRow, 'content_hash' | 'erased_at'>): boolean {
  const now = contentHash(order)
  return stored.content_hash === (stored.erased_at === null ? now : now.slice(0, PLAIN_HASH_CHARS))
}

/** The order as it may still be stored once its personal data was erased. */
export function withoutPersonalData(order: NormalizedOrder): NormalizedOrder {
  const { notes: _notes, specialInstructions: _special, buyerAccount: _account, gift, ...rest } = order
  return { ...rest, buyer: {}, shipTo: null, gift: { isGift: gift.isGift }, raw: undefined }
}

/**
 * Digest of what ShipStation is told. An order is sent again only when this differs from what was sent last: an update empties
 * whatever a clerk added there.
 */
export function pushHash(order: NormalizedOrder): string {
  const told = {
    shipTo: order.shipTo,
    lines: order.lines.filter((line) => line.qtyToShip > 0).map((line) => [line.externalLineId, line.sku, line.qtyToShip]),
    method: order.shippingMethodRequested ?? '',
    gift: order.gift,
    notes: order.notes ?? '',
    special: order.specialInstructions ?? '',
    flags: order.flags,
    soldOn: order.soldOn,
  }
  return digest(canonical(told))
}

/** Fields whose value differs, for the audit: names only, since the values may be personal. */
export function changedFields(before: NormalizedOrder, after: NormalizedOrder): string[] {
  const names = [
    'status',
    'shipTo',
    'buyer',
    'lines',
    'totals',
    'refunded',
    'shippingMethodRequested',
    'gift',
    'notes',
    'specialInstructions',
    'flags',
    'shipBy',
    'deliverBy',
  ] as const
  return names.filter((name) => canonical(comparable(before)[name]) !== canonical(comparable(after)[name]))
}

/** A line that does not say how much of it has left says 0. */
function comparable(order: NormalizedOrder): NormalizedOrder {
  return { ...order, lines: order.lines.map((line) => ({ qtyShipped: 0, ...line })) }
}

/** What ShipStation was told of a line. */
export interface PushedLine {
  /** Units to ship, when it was told last. */
  readonly units: number
  /** Units that had left before it was first told of the line. */
  readonly shippedBefore: number
}

/** By line id. */
export type PushedLines = ReadonlyMap<string, PushedLine>

/**
 * The order as ShipStation should hold it now that it was told of these lines before. What has been shipped since then stays in
 * ShipStation's order (it counts it itself); what was cancelled or held leaves it, what was added or released joins it.
 */
export function withPushedQuantities(order: NormalizedOrder, pushed: PushedLines): NormalizedOrder {
  const lines = order.lines.map((line) => {
    const before = pushed.get(line.externalLineId)
    if (before === undefined) return line
    return { ...line, qtyToShip: Math.max(0, line.qtyToShip + (line.qtyShipped ?? 0) - before.shippedBefore) }
  })
  return { ...order, lines }
}

function half(content: unknown): string {
  return digest(JSON.stringify(content)).slice(0, PLAIN_HASH_CHARS)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** JSON with its keys in order: an order read from the database and one from the channel are built by different hands. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const fields = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join()}}`
}
