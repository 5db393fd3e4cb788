const DECIMAL = /^-?\d+(\.\d+)?$/

/** Amounts are decimal texts on the wire, so all sums stay in integers. */
interface Scaled {
  readonly units: bigint
  readonly scale: number
}

export function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value)
}

/** With as many digits after the point as the amount that has most. */
export function sum(amounts: readonly string[]): string {
  return print(total(amounts, 0))
}

/** With two digits after the point, or more where an amount has more. */
export function sumInCents(amounts: readonly string[]): string {
  return print(total(amounts, 2))
}

export function times(amount: string, count: number): string {
  const { units, scale } = parse(amount)
  return print({ units: units * BigInt(count), scale })
}

export function negate(amount: string): string {
  const { units, scale } = parse(amount)
  return print({ units: -units, scale })
}

export function isZero(amount: string): boolean {
  return parse(amount).units === 0n
}

function parse(text: string): Scaled {
  const [whole = '0', fraction = ''] = text.split('.')
  return { units: BigInt(whole + fraction), scale: fraction.length }
}

function total(amounts: readonly string[], scale: number): Scaled {
  return amounts.map(parse).reduce(add, { units: 0n, scale })
}

function add(a: Scaled, b: Scaled): Scaled {
  const scale = Math.max(a.scale, b.scale)
  return { units: lift(a, scale) + lift(b, scale), scale }
}

function lift(value: Scaled, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale)
}

function print({ units, scale }: Scaled): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
