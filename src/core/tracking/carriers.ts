import type { Carrier, CarrierFamily } from '../model/shipment.ts'

/** What ShipStation says about who carries a package. */
export interface CarrierFacts {
  /** Its code for labels (`stamps_com`), display text for orders marked as shipped (`FedEx Home Delivery`), or ''. */
  readonly carrierCode: string
  readonly serviceCode?: string
  readonly trackingNumber: string
}

/** What a carrier code of the operator's own account stands for: `shipstation.carriers` of the configuration. */
export type CarrierOverrides = Readonly<Record<string, CarrierFamily>>

/** Reduces ShipStation's carrier to one known family, or to `other` with a name to show. Never fails. */
export function carrierOf(facts: CarrierFacts, overrides: CarrierOverrides = {}): Carrier {
  const family = Object.hasOwn(overrides, facts.carrierCode) ? overrides[facts.carrierCode] : familyOf(facts)
  if (family === undefined) return { code: facts.carrierCode, name: nameOf(facts.carrierCode), family: 'other' }
  return { code: facts.carrierCode, name: familyNames[family], family }
}

function familyOf(facts: CarrierFacts): CarrierFamily | undefined {
  const carrier = wordsOf(facts.carrierCode)
  const service = wordsOf(facts.serviceCode ?? '')
  if (saysNothing.includes(carrier)) return familyByWords(service) ?? familyByTracking(facts.trackingNumber)
  const family = familyByWords(carrier)
  return family === undefined ? undefined : (cheaperSister(family, service) ?? family)
}

// Amazon Buy Shipping is where the label was bought, not who carries the package.
const saysNothing = ['', 'other', 'amazon buy shipping']

// The parcel is handed to the post for the last mile and has another carrier code at the marketplaces.
function cheaperSister(family: CarrierFamily, service: string): CarrierFamily | undefined {
  if (family === 'ups' && /\b(mail innovations|mi|m i)\b/.test(service)) return 'ups_mail_innovations'
  if (family === 'fedex' && /\b(smart ?post|ground economy)\b/.test(service)) return 'fedex_smartpost'
  return undefined
}

/** The first rule that fits wins, so the special ones stand before the general ones. Words are lower case, joined by one blank. */
const wordRules: readonly (readonly [RegExp, CarrierFamily])[] = [
  [/^ups (mail innovations|mi)\b/, 'ups_mail_innovations'],
  [/^fed ?ex (smart ?post|ground economy)\b/, 'fedex_smartpost'],
  [/^(usps|u s p s|us postal|u s postal|united states postal)\b/, 'usps'],
  [/^(stamps com|endicia|express ?1)$/, 'usps'],
  [/^(ups|united parcel)\b/, 'ups'],
  [/^(fed ?ex|federal express)/, 'fedex'],
  [/^dhl (e ?commerce|global ?mail)/, 'dhl_ecommerce'],
  [/^dhl\b/, 'dhl_express'],
  [/^on ?trac\b/, 'ontrac'],
  [/^laser ?ship\b/, 'lasership'],
  [/^(amazon (shipping|logistics)|amzl)\b/, 'amazon_shipping'],
  [/^royal ?mail\b/, 'royal_mail'],
  [/^(canada ?post|postes canada)\b/, 'canada_post'],
  [/^purolator\b/, 'purolator'],
  [/^(australia ?post|aus ?post)\b/, 'australia_post'],
  [/^dpd\b/, 'dpd'],
  [/^asendia\b/, 'asendia'],
  [/^sendle\b/, 'sendle'],
  [/^seko\b/, 'seko'],
  [/^global ?post\b/, 'globalpost'],
  [/^apc\b/, 'apc'],
]

function familyByWords(words: string): CarrierFamily | undefined {
  for (const [rule, family] of wordRules) if (rule.test(words)) return family
  return undefined
}

function familyByTracking(trackingNumber: string): CarrierFamily | undefined {
  const number = trackingNumber.replace(/[\s-]/g, '').toUpperCase()
  if (/^TBA\d/.test(number)) return 'amazon_shipping'
  if (/^1Z[A-Z0-9]{16}$/.test(number)) return 'ups'
  return /^9[2-5]\d{20,}$/.test(number) ? 'usps' : undefined
}

/** `DHL_eCommerce®` -> `dhl ecommerce`. */
function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

// A code becomes words that a buyer may read; a text stays as the clerk wrote it.
function nameOf(code: string): string {
  const text = code.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim()
  if (saysNothing.includes(wordsOf(text))) return 'Other'
  if (!/^[a-z0-9_]+$/.test(text)) return text
  return text.replace(/_+/g, ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
}

const familyNames = {
  usps: 'USPS',
  ups: 'UPS',
  ups_mail_innovations: 'UPS Mail Innovations',
  fedex: 'FedEx',
  fedex_smartpost: 'FedEx SmartPost',
  dhl_express: 'DHL Express',
  dhl_ecommerce: 'DHL eCommerce',
  ontrac: 'OnTrac',
  lasership: 'LaserShip',
  amazon_shipping: 'Amazon Shipping',
  royal_mail: 'Royal Mail',
  canada_post: 'Canada Post',
  purolator: 'Purolator',
  australia_post: 'Australia Post',
  dpd: 'DPD',
  asendia: 'Asendia',
  sendle: 'Sendle',
  seko: 'SEKO',
  globalpost: 'GlobalPost',
  apc: 'APC Postal Logistics',
} satisfies Readonly<Record<CarrierFamily, string>>
