const exponents = new Map<string, number>()

/** Digits after the decimal point of a currency: 2 for USD, 0 for JPY, 3 for KWD. Unknown codes throw RangeError. */
export function exponentOf(currency: string): number {
  const known = exponents.get(currency)
  if (known !== undefined) return known
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`'${currency}' is not a currency code`)
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const exponent = format.resolvedOptions().maximumFractionDigits ?? 2
  exponents.set(currency, exponent)
  return exponent
}

/**
 * '12.34' USD -> 1234; '19940' JPY -> 19940. Parsed as text: no binary floating point touches money.
 * More digits than the currency has are rounded half away from zero. Throws RangeError for anything that is not a decimal number.
 */
export function toMinor(amount: string | number, currency: string): number {
  const text = typeof amount === 'number' ? plainDecimal(amount) : amount.trim()
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (match === null) throw new RangeError(`'${text.slice(0, 20)}' is not an amount of money`)
  const exponent = exponentOf(currency)
  const [, sign = '', whole = '0', fraction = ''] = match
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0')
  const roundUp = (fraction.charCodeAt(exponent) || 0) >= 53 ? 1 : 0
  const minor = Number(whole + kept) + roundUp
  if (!Number.isSafeInteger(minor)) throw new RangeError(`'${text.slice(0, 20)}' is too large an amount`)
  return sign === '-' ? 0 - minor : minor
}

/** 1234 USD -> '12.34'; 19940 JPY -> '19940'. */
export function toDecimal(minor: number, currency: string): string {
  const exponent = exponentOf(currency)
  const digits = Math.abs(minor)
    .toString()
    .padStart(exponent + 1, '0')
  const text = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
  return minor < 0 ? `-${text}` : text
}

/** JSON numbers such as 1e-7 or 12.5 as plain decimal text. */
function plainDecimal(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(12) : text
}
