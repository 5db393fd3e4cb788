import type { Carrier, CarrierFamily } from '../../../core/model/shipment.ts'
import { filled, given } from './values.ts'
import type { WireOrder } from './wire.ts'

/** How a parcel went: a service level code, or carrier and method; both where the order itself names both (contract section 4). */
export interface ShippedBy {
  readonly shipCarrier?: string
  readonly shipMethod?: string
  readonly shippingServiceLevelCode?: string
}

/** The commonest spelling, and what a retailer's own spelling begins with (lower case, letters and digits only). Longer ones first. */
const families: Readonly<Record<CarrierFamily, { readonly name: string; readonly starts: readonly string[] }>> = {
  ups_mail_innovations: { name: 'UPS Mail Innovations', starts: ['upsmailinnovations', 'upsmi'] },
  fedex_smartpost: { name: 'FedEx SmartPost', starts: ['fedexsmartpost', 'fedexgroundeconomy', 'smartpost'] },
  dhl_ecommerce: { name: 'DHL eCommerce', starts: ['dhlecommerce', 'dhlglobalmail'] },
  dhl_express: { name: 'DHL', starts: ['dhl'] },
  usps: { name: 'USPS', starts: ['usps', 'uspostal', 'unitedstatespostal'] },
  ups: { name: 'UPS', starts: ['ups', 'unitedparcel'] },
  fedex: { name: 'FedEx', starts: ['fedex', 'federalexpress'] },
  ontrac: { name: 'OnTrac', starts: ['ontrac'] },
  lasership: { name: 'LaserShip', starts: ['lasership'] },
  amazon_shipping: { name: 'Amazon Shipping', starts: ['amazon'] },
  royal_mail: { name: 'Royal Mail', starts: ['royalmail'] },
  canada_post: { name: 'Canada Post', starts: ['canadapost', 'postescanada'] },
  purolator: { name: 'Purolator', starts: ['purolator'] },
  australia_post: { name: 'Australia Post', starts: ['australiapost', 'auspost'] },
  dpd: { name: 'DPD', starts: ['dpd'] },
  asendia: { name: 'Asendia', starts: ['asendia'] },
  sendle: { name: 'Sendle', starts: ['sendle'] },
  seko: { name: 'SEKO', starts: ['seko'] },
  globalpost: { name: 'GlobalPost', starts: ['globalpost'] },
  apc: { name: 'APC', starts: ['apc'] },
}

type Wanted = Pick<WireOrder, 'shipCarrier' | 'shipMethod' | 'shippingServiceLevelCode'>

/** Said where nobody knows the service: a carrier without a method is refused (contract section 4). */
const UNKNOWN_METHOD = 'Standard'

/**
 * The order's own values when the parcel went that way, which every retailer knows; else the configured name, else the commonest one.
 * `service` is ShipStation's code: `ups_ground`.
 */
export function shippedBy(
  carrier: Carrier,
  service: string | undefined,
  order: Wanted,
  overrides: Readonly<Record<string, string>>,
): ShippedBy {
  const own = configured(carrier, service, overrides)
  const method = methodIn(service, carrier)
  const isOrders = own === undefined && carrier.family !== 'other' && familyOf(order) === carrier.family
  const orders = {
    carrier: filled(order.shipCarrier),
    method: filled(order.shipMethod),
    level: filled(order.shippingServiceLevelCode),
  }
  const sameService = method === undefined || orders.method === undefined || isSameMethod(method, orders.method)
  if (isOrders && sameService && (orders.level !== undefined || (orders.carrier ?? orders.method) !== undefined)) {
    return {
      ...given('shippingServiceLevelCode', orders.level),
      ...given('shipCarrier', orders.carrier ?? (orders.level === undefined ? nameOf(carrier) : undefined)),
      ...given('shipMethod', orders.method ?? (orders.level === undefined ? (method ?? UNKNOWN_METHOD) : undefined)),
    }
  }
  const shipCarrier = own?.carrier ?? (isOrders ? orders.carrier : undefined) ?? nameOf(carrier)
  return { shipCarrier, shipMethod: own?.method ?? method ?? UNKNOWN_METHOD }
}

/** Code and service first, then the code alone; `UPS/Ground` is carrier and method. In any case of letters. */
function configured(
  { code }: Carrier,
  service: string | undefined,
  overrides: Readonly<Record<string, string>>,
): { readonly carrier: string; readonly method: string | undefined } | undefined {
  const known = new Map(Object.entries(overrides).map(([key, value]) => [key.trim().toLowerCase(), value]))
  const wanted = code.trim().toLowerCase()
  const found = known.get(`${wanted}/${(service ?? '').trim().toLowerCase()}`) ?? known.get(wanted)
  const [, carrier, method] = /^([^/]*)(?:[/](.*))?$/.exec(found ?? '') ?? []
  return filled(carrier) === undefined ? undefined : { carrier: filled(carrier) ?? '', method: filled(method) }
}

function nameOf({ family, name, code }: Carrier): string {
  return family === 'other' ? (filled(name) ?? filled(code) ?? 'Other') : families[family].name
}

/** Which company the order names, in the carrier or, alone, at the beginning of the service level. */
function familyOf({ shipCarrier, shippingServiceLevelCode }: Wanted): string | undefined {
  const named = bare(filled(shipCarrier) ?? filled(shippingServiceLevelCode) ?? '')
  return Object.entries(families).find(([, { starts }]) => starts.some((start) => named.startsWith(start)))?.[0]
}

/** `ups_2nd_day_air` -> `2nd Day Air`: the code without the carrier's own name at its beginning. */
function methodIn(service: string | undefined, { family }: Carrier): string | undefined {
  const words = (service ?? '').split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const starts = family === 'other' ? [] : families[family].starts
  while (words.length > 1 && starts.some((start) => start.startsWith(bare(words[0] ?? '')) || bare(words[0] ?? '') === start))
    words.shift()
  return filled(words.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join(' '))
}

/** `2nd Day Air` and `UPS 2nd Day Air` are the same; `Ground` and `2nd Day Air` are not. */
function isSameMethod(one: string, other: string): boolean {
  const [a, b] = [bare(one), bare(other)]
  return a.includes(b) || b.includes(a)
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}
