import { toAlpha2 } from '../../core/model/countries.ts'
import type { Address } from '../../core/model/order.ts'
import type { WireAddress, WireOrder } from './wire.ts'

const FIELD = 'customer.shipping_address'

/** Text, or undefined for absent, null and blank. */
export function filled(text: string | null | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? undefined : trimmed
}

/** First and last name; either may be null (contract section 10). */
export function fullName(
  person: { firstname?: string | null | undefined; lastname?: string | null | undefined } | null | undefined,
): string | undefined {
  return filled([filled(person?.firstname), filled(person?.lastname)].filter(Boolean).join(' '))
}

/**
 * The shipping address as a label needs it, or null while the marketplace does not show it (contract section 4).
 * `countryNames` maps a country's label to alpha-2 for addresses without an ISO code.
 * Throws RangeError that names the field for an address that no label can be made of.
 */
export function shipToOf(order: WireOrder, countryNames: Readonly<Record<string, string>>): Address | null {
  const wire = order.customer?.shipping_address
  if (wire === null || wire === undefined || isEmpty(wire)) return null
  const [address1, address2] = [filled(wire.street_1), filled(wire.street_2)].filter((street) => street !== undefined)
  const company = filled([filled(wire.company), filled(wire.company_2)].filter(Boolean).join(', '))
  const name = fullName(wire) ?? company ?? fullName(order.customer)
  const city = filled(wire.city)
  if (name === undefined) throw new RangeError(`${FIELD}: no name`)
  if (address1 === undefined) throw new RangeError(`${FIELD}: no street`)
  if (city === undefined) throw new RangeError(`${FIELD}: no city`)
  const state = filled(wire.state)
  const phone = phoneOf(wire)
  return {
    name,
    ...(company === undefined ? {} : { company }),
    address1,
    ...(address2 === undefined ? {} : { address2 }),
    city,
    ...(state === undefined ? {} : { state }),
    // Some countries have no postal codes.
    postal: filled(wire.zip_code) ?? '',
    country: countryOf(wire, countryNames),
    ...(phone === undefined ? {} : { phone }),
  }
}

export function phoneOf(wire: WireAddress | null | undefined): string | undefined {
  return filled(wire?.phone) ?? filled(wire?.phone_secondary)
}

function isEmpty(wire: WireAddress): boolean {
  return [wire.street_1, wire.street_2, wire.city, wire.zip_code].every((field) => filled(field) === undefined)
}

/** The label is localised text, so it is never guessed from: only the operator's own list maps it (contract section 10). */
function countryOf(wire: WireAddress, countryNames: Readonly<Record<string, string>>): string {
  const code = filled(wire.country_iso_code)
  if (code !== undefined) {
    const alpha2 = toAlpha2(code)
    if (alpha2 !== undefined) return alpha2
  }
  const label = filled(wire.country)?.toLowerCase()
  const named = Object.entries(countryNames).find(([name]) => name.trim().toLowerCase() === label)
  const mapped = named === undefined ? undefined : toAlpha2(named[1])
  if (mapped !== undefined) return mapped
  if (code !== undefined) throw new RangeError(`${FIELD}.country_iso_code: '${code.slice(0, 3)}' is not an ISO 3166 code`)
  throw new RangeError(`${FIELD}.country_iso_code: absent, and the country's name is not in country_names`)
}
