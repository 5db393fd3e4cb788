import type { Address } from '../../../core/model/order.ts'
import { countryCode } from './countries.ts'
import { filled, given } from './values.ts'
import type { WireShipping } from './wire.ts'

const FIELD = 'shipping'

/** Name, else its deprecated halves, else whom it may concern (contract section 7). */
export function nameOf(shipping: WireShipping | null | undefined): string | undefined {
  const halves = filled([filled(shipping?.firstName), filled(shipping?.lastName)].filter(Boolean).join(' '))
  return filled(shipping?.name) ?? halves ?? filled(shipping?.attention)
}

/**
 * The address as a label needs it. Null where there is none and `isNeeded` is false; otherwise what is missing is a RangeError that names
 * the field. `defaultCountry`: alpha-2, for addresses without one.
 */
export function shipToOf(
  shipping: WireShipping | null | undefined,
  defaultCountry: string | undefined,
  isNeeded: boolean,
): Address | null {
  try {
    if (shipping === null || shipping === undefined) throw new RangeError(`${FIELD}: absent`)
    return compose(shipping, defaultCountry)
  } catch (error) {
    if (!(error instanceof RangeError) || isNeeded) throw error
    return null
  }
}

function compose(shipping: WireShipping, defaultCountry: string | undefined): Address {
  const listed = (shipping.address ?? []).map(filled).filter((line) => line !== undefined)
  const streets =
    listed.length > 0 ? listed : [filled(shipping.address1), filled(shipping.address2)].filter((line) => line !== undefined)
  const [address1, ...rest] = streets
  const company = filled(shipping.company)
  const name = nameOf(shipping) ?? company
  const city = filled(shipping.city)
  if (name === undefined) throw new RangeError(`${FIELD}.name: absent`)
  if (address1 === undefined) throw new RangeError(`${FIELD}.address: absent`)
  if (city === undefined) throw new RangeError(`${FIELD}.city: absent`)
  const type = filled(shipping.addressType)?.toLowerCase()
  return {
    name,
    ...given('company', company),
    address1,
    ...given('address2', filled(rest.join(', '))),
    city,
    ...given('state', filled(shipping.region) ?? filled(shipping.state)),
    // Some countries have no postal codes.
    postal: filled(shipping.postal) ?? '',
    country: countryOf(shipping, defaultCountry),
    ...given('phone', filled(shipping.phone)),
    ...given('residential', type === undefined ? undefined : type === 'residential'),
  }
}

/** Optional on the wire, and spelled in more than one way (contract section 7). Never guessed from the rest of the address. */
function countryOf({ country }: WireShipping, defaultCountry: string | undefined): string {
  const told = filled(country)
  if (told === undefined) {
    if (defaultCountry !== undefined) return defaultCountry
    throw new RangeError(`${FIELD}.country: absent, and default_country is not set`)
  }
  const code = countryCode(told)
  if (code === undefined) throw new RangeError(`${FIELD}.country: neither an ISO 3166 code nor the English name of a country`)
  return code
}
