import type { Address } from '../../../core/model/order.ts'
import { given, joined } from './values.ts'
import type { WireOrder } from './wire.ts'

/**
 * The address to ship to; null where the account shows none and none is `needed`. Throws RangeError naming the field for an address
 * that no label can be made of.
 */
export function shipToOf(wire: WireOrder, needed: boolean): Address | null {
  const name = joined([wire.ShippingFirstName, wire.ShippingLastName], ' ') ?? wire.ShippingCompanyName
  const { ShippingAddressLine1: address1, ShippingCity: city } = wire
  const country = wire.ShippingCountry?.toUpperCase()
  const lack = lackOf({ ShippingLastName: name, ShippingAddressLine1: address1, ShippingCity: city, ShippingCountry: country })
  if (lack !== undefined || name === undefined || address1 === undefined || city === undefined || country === undefined) {
    if (!needed) return null
    throw new RangeError(`${lack}, in an order that may ship`)
  }
  return {
    name,
    ...given('company', wire.ShippingCompanyName),
    address1,
    ...given('address2', wire.ShippingAddressLine2),
    city,
    ...given('state', wire.ShippingStateOrProvince),
    // Some countries have no postal codes.
    postal: wire.ShippingPostalCode ?? '',
    country,
    ...given('phone', wire.ShippingDaytimePhone ?? wire.ShippingEveningPhone),
  }
}

function lackOf(fields: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) return `${field}: absent`
    if (field === 'ShippingCountry' && !/^[A-Z]{2}$/.test(value)) return `${field}: not a two-letter code`
  }
  return undefined
}
