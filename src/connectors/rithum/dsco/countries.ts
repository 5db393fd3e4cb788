import { alpha2Codes, toAlpha2 } from '../../../core/model/countries.ts'

/** Spellings that are in use beside the name itself. */
const others: Readonly<Record<string, string>> = { 'united states of america': 'US', uk: 'GB', 'great britain': 'GB' }

/** 'US', 'USA', 'us' and 'United States' -> 'US'. Undefined for anything else. */
export function countryCode(country: string): string | undefined {
  return toAlpha2(country) ?? byName(country.trim().toLowerCase())
}

function byName(name: string): string | undefined {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  return others[name] ?? [...alpha2Codes].find((code) => names.of(code)?.toLowerCase() === name)
}
