import type { Tracking } from './compact.ts'
import type { Account, Carrier, Order } from './model.ts'
import { isRecord, text } from './wire.ts'

/** What SH21 lists when a seed names no carriers. Codes are the operator's own free text (section 5). */
export const DEFAULT_CARRIERS: readonly Carrier[] = [
  { code: 'UPS', label: 'UPS', standard_code: 'UPS', tracking_url: 'https://tracking.example.com/ups?num={trackingId}' },
  {
    code: 'USPS',
    label: 'US Postal Service',
    standard_code: 'USPS',
    tracking_url: 'https://tracking.example.com/usps?num={trackingId}',
  },
  { code: 'FEDEX', label: 'FedEx', standard_code: 'FEDEX', tracking_url: 'https://tracking.example.com/fedex?num={trackingId}' },
  { code: 'DHL', label: 'DHL', standard_code: 'DHL', tracking_url: 'https://tracking.example.com/dhl?num={trackingId}' },
]

/** Sorted by label, as SH21 is. */
export function carrierList(account: Account): readonly Carrier[] {
  return [...account.carriers].sort((a, b) => a.label.localeCompare(b.label, 'en'))
}

/**
 * The tracking that the platform keeps, or why it refuses it (section 5): a registered carrier needs its code, and a
 * number when its link has a place for one; the platform then makes the link itself. Others need a name.
 */
export function readTracking(
  account: Account,
  sent: unknown,
  urlField: 'tracking_url' | 'carrier_url',
): { readonly tracking: Tracking } | { readonly refusal: string } {
  if (!isRecord(sent)) return { refusal: 'Tracking details are invalid.' }
  const number = text(sent['tracking_number'])
  const code = text(sent['carrier_code'])
  const name = text(sent['carrier_name'])
  const standard = text(sent['carrier_standard_code'])
  if (code !== undefined) {
    const carrier = account.carriers.find((each) => each.code === code)
    if (carrier === undefined) return { refusal: `No carrier with code '${code}'.` }
    return registered(carrier, number)
  }
  if (!account.settings.alternative_carriers) return { refusal: `The carrier '${name ?? ''}' is not one of the marketplace's.` }
  if (name === undefined) return { refusal: "Either 'carrier_code' or 'carrier_name' must be given." }
  const url = text(sent[urlField])
  return {
    tracking: {
      carrier_name: name,
      ...(standard === undefined ? {} : { carrier_standard_code: standard }),
      ...(number === undefined ? {} : { tracking_number: number }),
      ...(url === undefined ? {} : { tracking_url: url }),
    },
  }
}

function registered(
  carrier: Carrier,
  number: string | undefined,
): { readonly tracking: Tracking } | { readonly refusal: string } {
  const link = carrier.tracking_url ?? undefined
  const needsNumber = link?.includes('{trackingId}') ?? false
  if (needsNumber && number === undefined) return { refusal: `A tracking number is mandatory for the carrier '${carrier.code}'.` }
  return {
    tracking: {
      carrier_code: carrier.code,
      carrier_name: carrier.label,
      ...(carrier.standard_code ? { carrier_standard_code: carrier.standard_code } : {}),
      ...(number === undefined ? {} : { tracking_number: number }),
      ...(link === undefined ? {} : { tracking_url: link.replace('{trackingId}', encodeURIComponent(number ?? '')) }),
    },
  }
}

/** Section 5: some shipping methods cannot be shipped without tracking. */
export function trackingMandatory(account: Account, order: Order): boolean {
  const rule = account.settings.tracking_mandatory
  return typeof rule === 'boolean' ? rule : rule.includes(order.source.shipping_type_code ?? 'STD')
}

export const TRACKING_MANDATORY = 'Tracking details are mandatory for this shipping method'
