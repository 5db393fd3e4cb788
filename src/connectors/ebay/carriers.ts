import type { Carrier, CarrierFamily } from '../../core/model/shipment.ts'

/** eBay's spelling (contract section 4.1). A carrier that is not here goes as `Other`, or by the name that the operator gives it. */
const names: Readonly<Partial<Record<CarrierFamily, string>>> = {
  usps: 'USPS',
  ups: 'UPS',
  // One text of eBay's says UPS-MI; the list of values says that it is UPS.
  ups_mail_innovations: 'UPS',
  fedex: 'FedEx',
  fedex_smartpost: 'FedEx',
  dhl_express: 'DHL',
  dhl_ecommerce: 'DHLGlobalMail',
  ontrac: 'ONTRACK',
  lasership: 'Prestige',
  royal_mail: 'RoyalMail',
  australia_post: 'AustraliaPost',
  dpd: 'DPD',
}

/** `overrides`: ShipStation carrier code, in any case -> eBay carrier name. */
export function ebayCarrier(carrier: Carrier, overrides: Readonly<Record<string, string>>): string {
  const wanted = carrier.code.trim().toLowerCase()
  const own = Object.entries(overrides).find(([code]) => code.trim().toLowerCase() === wanted)?.[1]
  return own ?? (carrier.family === 'other' ? undefined : names[carrier.family]) ?? 'Other'
}

/** As eBay takes it back: what other tools or a person wrote into this field may have more than letters, digits, blanks and dashes in it. */
export function plainCarrier(name: string | undefined): string {
  const plain = (name ?? '').replace(/[^A-Za-z0-9-]+/g, ' ').trim()
  return plain === '' ? 'Other' : plain
}

/** Letters and digits, which is all that eBay takes of a tracking number; '' where nothing is left. */
export function plainTracking(trackingNumber: string): string {
  return trackingNumber.replace(/[^A-Za-z0-9]/g, '')
}

/** Under which two spellings of a number are the same. */
export function trackingKey(trackingNumber: string): string {
  return plainTracking(trackingNumber).toUpperCase()
}
