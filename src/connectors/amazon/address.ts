import type { Address } from '../../core/model/order.ts'
import { given, joined } from './values.ts'
import type { WireAddress } from './wire.ts'

const NO_ADDRESS =
  'recipient.deliveryAddress.addressLine1: absent. Amazon hides addresses from an app without the restricted role ' +
  '"Direct-to-Consumer Shipping": add the role, authorise the app again, then pull this order again'

/**
 * The delivery address (contract section 8); null where Amazon shows none and none is `needed`. Throws RangeError where an order
 * that may ship has none, or half of one: that is a missing role, not a missing house (section 2, rule 9).
 */
export function addressOf(address: WireAddress | undefined, buyerName: string | undefined, needed: boolean): Address | null {
  const { addressLine1: address1, countryCode: country } = address ?? {}
  const name = address?.name ?? buyerName ?? address?.companyName
  if (address === undefined || address1 === undefined || country === undefined || name === undefined) {
    if (!needed) return null
    if (address1 === undefined) throw new RangeError(NO_ADDRESS)
    throw new RangeError(`recipient.deliveryAddress.${country === undefined ? 'countryCode' : 'name'}: absent`)
  }
  const residential = { RESIDENTIAL: true, COMMERCIAL: false }[address.addressType ?? '']
  return {
    name,
    ...given('company', address.companyName),
    address1,
    ...given('address2', joined([address.addressLine2, address.addressLine3], ', ')),
    // Japanese addresses come without one.
    city: address.city ?? address.municipality ?? '',
    ...given('state', address.stateOrRegion ?? address.districtOrCounty),
    postal: address.postalCode ?? '',
    country: country.toUpperCase(),
    ...given('phone', address.phone),
    ...given('residential', residential),
  }
}
