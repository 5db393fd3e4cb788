import type { Address } from '../../core/model/order.ts'
import { given } from './values.ts'

/** An address in either API's words. */
export interface FoundAddress {
  readonly name: string | undefined
  readonly company?: string | undefined
  readonly address1: string | undefined
  readonly address2: string | undefined
  readonly city: string | undefined
  readonly state: string | undefined
  readonly postal: string | undefined
  readonly country: string | undefined
  readonly countryName?: string | undefined
  readonly phone: string | undefined
  /** Of a hub that sorts parcels by it: it has to be on the label (contract section 2.6). */
  readonly reference: string | undefined
}

/**
 * The address to ship to; null where eBay shows none and none is `needed`. The hub's reference takes the company's line: it prints
 * above the street and leaves the street where carriers look for it. Throws RangeError naming the field.
 */
export function addressOf(found: FoundAddress | undefined, where: string, needed: boolean): Address | null {
  const country = found?.country?.toUpperCase() ?? countryNamed(found?.countryName)
  if (found?.address1 === undefined || country === undefined || found.name === undefined) {
    if (!needed) return null
    const lack = found?.address1 === undefined ? 'street' : country === undefined ? 'country' : 'name'
    throw new RangeError(`${where}: no ${lack}, in an order that may ship`)
  }
  const reference = found.reference === undefined ? undefined : referenceLine(found.reference, found)
  return {
    name: found.name,
    ...given('company', reference ?? found.company),
    address1: found.address1,
    ...given('address2', found.address2),
    city: found.city ?? '',
    ...given('state', found.state),
    postal: found.postal ?? '',
    country,
    ...given('phone', found.phone),
  }
}

/** Undefined where the address has it already: eBay International Shipping puts it into the second line. */
function referenceLine(reference: string, { address1, address2 }: FoundAddress): string | undefined {
  if ([address1, address2].some((line) => line?.includes(reference) === true)) return undefined
  return /^ref/i.test(reference) ? reference : `Reference #${reference}`
}

let codesByName: ReadonlyMap<string, string> | undefined

/** `United States` -> US. */
function countryNamed(name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  codesByName ??= readNames()
  return codesByName.get(name.toLowerCase())
}

function readNames(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  return new Map(
    codes.flatMap((code) => [names.of(code)].flatMap((name) => (name === undefined ? [] : [[name.toLowerCase(), code]]))),
  )
}
