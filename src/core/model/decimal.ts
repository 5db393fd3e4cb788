import type { Ratio } from './allocation.ts'

/** '0.98' -> 980 000 millionths. Throws RangeError for anything but a plain decimal 0..10 with at most six digits after the point. */
export function parseRatio(text: string): Ratio {
  const match = /^(\d{1,2})(?:\.(\d{1,6}))?$/.exec(text)
  const millionths = match === null ? Number.NaN : Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'))
  if (!(millionths <= 10_000_000)) throw new RangeError(`'${text.slice(0, 20)}' is not a ratio 0..10`)
  return { millionths, text }
}
