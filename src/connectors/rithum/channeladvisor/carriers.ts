import type { CarrierFamily, Confirmation } from '../../../core/model/shipment.ts'
import { given } from './values.ts'
import type { WirePackedOrder } from './wire.ts'

/** Both as the account's own list spells them (contract section 10). */
export interface CarrierClass {
  readonly ShippingCarrier: string
  readonly ShippingClass?: string
}

/** The commonest spelling of each; an account may have renamed or removed any of them. */
const names: Readonly<Partial<Record<CarrierFamily, string>>> = {
  usps: 'USPS',
  ups: 'UPS',
  ups_mail_innovations: 'UPS',
  fedex: 'FedEx',
  fedex_smartpost: 'FedEx',
  dhl_express: 'DHL',
  dhl_ecommerce: 'DHL Global Mail',
  ontrac: 'OnTrac',
  lasership: 'LaserShip',
  royal_mail: 'Royal Mail',
  canada_post: 'Canada Post',
  purolator: 'Purolator',
  australia_post: 'Australia Post',
  dpd: 'DPD',
}

/**
 * The configuration first, by carrier and service, then by carrier; else the carrier that the order asked for, with its class, where the
 * parcel went that way: these two are in the account's list for certain. Else the carrier's common name with ShipStation's service in words.
 */
export function carrierOf(
  one: Pick<Confirmation, 'carrier' | 'service'>,
  order: Pick<WirePackedOrder, 'RequestedShippingCarrier' | 'RequestedShippingClass'>,
  overrides: Readonly<Record<string, string>>,
): CarrierClass {
  const { carrier, service } = one
  const configured =
    (service === undefined ? undefined : override(overrides, `${carrier.code}/${service}`)) ?? override(overrides, carrier.code)
  const name = carrier.family === 'other' ? carrier.name : (names[carrier.family] ?? carrier.name)
  const { RequestedShippingCarrier: wanted, RequestedShippingClass: wantedClass } = order
  if (configured !== undefined) {
    const [ShippingCarrier = '', ...rest] = configured.split('/').map((part) => part.trim())
    const ownClass = rest.length === 0 ? undefined : rest.join('/')
    const kept = wanted !== undefined && same(wanted, ShippingCarrier) ? wantedClass : undefined
    return { ShippingCarrier, ...given('ShippingClass', ownClass ?? kept) }
  }
  if (wanted !== undefined && [name, carrier.name, carrier.code].some((own) => same(wanted, own)))
    return { ShippingCarrier: wanted, ...given('ShippingClass', wantedClass) }
  return { ShippingCarrier: name.trim() === '' ? 'Other' : name, ...given('ShippingClass', classOf(service)) }
}

/** `ups_2nd_day_air` -> `2nd Day Air`: a guess, which is refused no more than no class would be. */
function classOf(service: string | undefined): string | undefined {
  const words = service?.split(/[_\s]+/).slice(1) ?? []
  return words.length === 0 ? undefined : words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}

function override(overrides: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.entries(overrides).find(([key]) => same(key, code))?.[1]
}

function same(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase()
}

/** Under which two spellings of a tracking number are the same. */
export function trackingKey(trackingNumber: string): string {
  return trackingNumber.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase()
}
