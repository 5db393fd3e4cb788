import type { Ratio } from './allocation.ts'

/** What a ratio counts in: '1' is a million of them. */
export const MILLIONTHS = 1_000_000

/** '0.98' -> 980 000 millionths. Throws RangeError for anything but a plain decimal 0..10 with at most six digits after the point. */
export function parseRatio(text: string): Ratio {
  const match = /^(\d{1,2})(?:\.(\d{1,6}))?$/.exec(text)
  const millionths = match === null ? Number.NaN : Number(match[1]) * MILLIONTHS + Number((match[2] ?? '').padEnd(6, '0'))
  if (!(millionths <= 10 * MILLIONTHS)) throw new RangeError(`'${text.slice(0, 20)}' is not a ratio 0..10`)
  return { millionths, text }
}

/**
 * How often `divisor` goes into `a x b`. All three are whole numbers, `a` and `b` not negative, `divisor` above zero. Exact as long as
 * the result itself fits a safe integer, however large the product is on the way.
 */
export function wholeShare(a: number, b: number, divisor: number): number {
  const product = a * b
  if (product > Number.MAX_SAFE_INTEGER) return Number((BigInt(a) * BigInt(b)) / BigInt(divisor))
  // A quotient that is not whole is at least 1/divisor away from the next whole number; below 2^53 the division errs by less than that.
  return Math.floor(product / divisor)
}

/** What is left over of `a x b` after {@link wholeShare}: 0 up to `divisor` - 1. */
export function restOfShare(a: number, b: number, divisor: number): number {
  const product = a * b
  return product > Number.MAX_SAFE_INTEGER ? Number((BigInt(a) * BigInt(b)) % BigInt(divisor)) : product % divisor
}
