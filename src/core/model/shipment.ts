import type { ChannelCode } from './channel.ts'

/** What ShipStation says about one package: a label (`shipment`) or an order marked as shipped (`fulfillment`). */
export interface Shipment {
  /** `shipment:123` or `fulfillment:45`: unique over both lists. */
  readonly id: string
  /** The vendor's number alone: stable, positive, usable as a numeric idempotency key. */
  readonly number: number
  readonly source: 'shipment' | 'fulfillment'
  readonly shipStationOrderId?: number
  readonly orderKey?: string
  readonly orderNumber?: string
  readonly trackingNumber: string
  /** ShipStation's code for labels, display text for fulfillments; '' when unknown. */
  readonly carrierCode: string
  readonly serviceCode?: string
  /** Epoch ms. */
  readonly createdAt: number
  /** Epoch ms of the ship date (midnight Los Angeles time when the vendor gives a bare date). */
  readonly shippedAt: number
  readonly voidedAt?: number
  readonly isReturn: boolean
  /** What the package holds; null means everything that the order had left. */
  readonly items: readonly ShipmentItem[] | null
}

export interface ShipmentItem {
  /** The lineItemKey we sent: the marketplace's line id. */
  readonly externalLineId?: string
  readonly sku?: string
  readonly quantity: number
}

/** A shipment to be told to a channel. Lines and quantities are already decided. */
export interface Confirmation {
  readonly channel: ChannelCode
  readonly externalOrderId: string
  /** The marketplace where the order was placed, where the vendor asks for it (Amazon). */
  readonly marketplaceId?: string
  /** Positive integer, the same for every repeat of this shipment: {@link Shipment.number}. */
  readonly reference: number
  readonly trackingNumber: string
  readonly carrier: Carrier
  readonly service?: string
  /** Epoch ms. */
  readonly shippedAt: number
  readonly lines: readonly { readonly externalLineId: string; readonly quantity: number }[]
  /** These lines are all that the order still had: the whole order is in this package. */
  readonly wholeOrder: boolean
}

/** A carrier as ShipStation names it, reduced to one known family where we can. */
export interface Carrier {
  /** ShipStation's own code or text, as received. */
  readonly code: string
  /** Name to show where the channel has no code for it. */
  readonly name: string
  readonly family: CarrierFamily | 'other'
}

export const carrierFamilies = [
  'usps',
  'ups',
  'ups_mail_innovations',
  'fedex',
  'fedex_smartpost',
  'dhl_express',
  'dhl_ecommerce',
  'ontrac',
  'lasership',
  'amazon_shipping',
  'royal_mail',
  'canada_post',
  'purolator',
  'australia_post',
  'dpd',
  'asendia',
  'sendle',
  'seko',
  'globalpost',
  'apc',
] as const

export type CarrierFamily = (typeof carrierFamilies)[number]
