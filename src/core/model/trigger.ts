import type { ChannelCode } from './channel.ts'

/** An order that a pushed message speaks of. Nothing in the message is believed but that this order is worth reading now. */
export interface OrderHint {
  readonly externalOrderId: string
  /** By it the same message is known when it comes again. */
  readonly deliveryId?: string
  /** When it changed, epoch ms, by the marketplace's clock. */
  readonly changedAt?: number
  /** Until then (epoch ms, the marketplace's clock) it may be shown in part only, and is not read. */
  readonly wholeFrom?: number
}

/** An item of the stock source that a pushed message speaks of: its id there, its SKU, or both. */
export interface StockHint {
  readonly itemId?: string
  readonly sku?: string
  /** What the message says is available, as its text, and since when that holds (epoch ms, the source's clock): only where both are told and may be believed. */
  readonly told?: { readonly available: string; readonly at: number }
}

/** By what a marketplace names a buyer whose account was deleted there. At least one of them. Personal data: never logged, never kept in the open. */
export interface BuyerAccount {
  readonly username?: string
  readonly userId?: string
  readonly token?: string
}

/** What a pushed delivery leads to. */
export type Trigger =
  /** Packages left, or were marked as sent: ask ShipStation now. `batchId`: the digits of the batch of labels it speaks of. */
  | { readonly kind: 'packages'; readonly stream: 'shipments' | 'fulfillments'; readonly batchId?: string }
  | { readonly kind: 'stock'; readonly items: readonly StockHint[] }
  /** Orders of each of these channels. Where the sender does not say whose an order is, every channel that it may be of is named. */
  | { readonly kind: 'orders'; readonly orders: readonly { readonly channel: ChannelCode; readonly order: OrderHint }[] }
  /** The buyer's data on all orders of these channels is to go. */
  | { readonly kind: 'erase-buyer'; readonly channels: readonly ChannelCode[]; readonly buyer: BuyerAccount }
  /** The seller's consent was taken back: calls of these channels will fail until somebody signs in again. */
  | { readonly kind: 'consent-revoked'; readonly channels: readonly ChannelCode[] }
  /** Genuine, and nothing is to be done. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Genuine, and nobody can tell what it says. `why` without personal data. */
  | { readonly kind: 'unreadable'; readonly why: string }
