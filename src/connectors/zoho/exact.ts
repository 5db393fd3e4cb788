/** units / 10^scale: a decimal number without binary floating point. */
export interface Exact {
  readonly units: bigint
  readonly scale: number
}

const MOST_DIGITS = 40

/**
 * A stock number as the wire spells it: `12`, `12.00`, `-0.5`, `1.0E7`, blanks around it allowed. Undefined for anything else:
 * separators of thousands are not guessed at.
 */
export function readExact(value: unknown): Exact | undefined {
  const match = typeof value === 'string' ? /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(value.trim()) : null
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  const scale = fraction.length - Number(exponent)
  if (digits === '' || digits.length > MOST_DIGITS || Math.abs(scale) > MOST_DIGITS) return undefined
  const units = BigInt(digits) * (sign === '-' ? -1n : 1n)
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 }
}

export function sumOf(numbers: readonly Exact[]): Exact {
  const scale = Math.max(0, ...numbers.map((one) => one.scale))
  const units = numbers.reduce((sum, one) => sum + one.units * 10n ** BigInt(scale - one.scale), 0n)
  return { units, scale }
}

/** The largest whole number that is not above it (-0.5 is -1). Undefined where a number cannot hold it. */
export function floorOf({ units, scale }: Exact): number | undefined {
  const one = 10n ** BigInt(scale)
  const cut = units / one
  const whole = Number(units % one < 0n ? cut - 1n : cut)
  return Number.isSafeInteger(whole) ? whole : undefined
}
