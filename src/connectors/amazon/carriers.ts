import type { Carrier, CarrierFamily } from '../../core/model/shipment.ts'

/**
 * Amazon's spelling, where its published list or the usual practice knows the carrier (contract section 4). Spelling decides
 * whether a tracking number counts as valid, so an operator can override each by the ShipStation code.
 */
const codes: Readonly<Partial<Record<CarrierFamily, string>>> = {
  usps: 'USPS',
  ups: 'UPS',
  ups_mail_innovations: 'UPSMI',
  fedex: 'FedEx',
  fedex_smartpost: 'FedEx SmartPost',
  dhl_express: 'DHL',
  dhl_ecommerce: 'DHL eCommerce',
  ontrac: 'OnTrac',
  lasership: 'Lasership',
  amazon_shipping: 'Amazon Shipping',
  royal_mail: 'Royal Mail',
  canada_post: 'Canada Post',
  purolator: 'Purolator',
  australia_post: 'Australia Post',
  dpd: 'DPD',
}

export interface AmazonCarrier {
  readonly carrierCode: string
  /** Required beside `Other`, absent beside a code. */
  readonly carrierName?: string
}

/**
 * `overrides`: ShipStation carrier code, in any case -> Amazon carrierCode. A carrier that nobody knows goes as Other with
 * its name.
 */
export function amazonCarrier(carrier: Carrier, overrides: Readonly<Record<string, string>>): AmazonCarrier {
  const wanted = carrier.code.toLowerCase()
  const override = Object.entries(overrides).find(([code]) => code.toLowerCase() === wanted)?.[1]
  const code = override ?? (carrier.family === 'other' ? undefined : codes[carrier.family])
  if (code !== undefined && code !== 'Other') return { carrierCode: code }
  return { carrierCode: 'Other', carrierName: carrier.name || carrier.code || 'Other' }
}
