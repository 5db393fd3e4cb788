import type { z } from 'zod'

/** ISO 8601 with or without fractions -> epoch ms; without a zone it is UTC. Undefined when it is no instant. */
export function parseTime(iso: string | undefined): number | undefined {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(iso ?? '')
  if (match === null) return undefined
  const at = Date.parse(match[1] === undefined ? `${match[0]}Z` : match[0])
  return Number.isNaN(at) ? undefined : at
}

/** As {@link parseTime}; throws RangeError naming the field. */
export function requiredTime(iso: string, where: string): number {
  const at = parseTime(iso)
  if (at === undefined) throw new RangeError(`${where}: not an instant`)
  return at
}

/** The JSON in a text; undefined where there is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

/** The parts that are there, or undefined. */
export function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  const present = parts.filter((part) => part !== undefined)
  return present.length === 0 ? undefined : present.join(separator)
}

/** `{ key: value }`, or nothing to spread where the value is absent. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // The one place where a computed key must be told to the compiler.
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
}

/** The first three faults of a document: paths and kinds, never values. */
export function issuesOf(error: z.ZodError, at = ''): string {
  const named = error.issues
    .slice(0, 3)
    .map((issue) => `${[at, ...issue.path].filter((part) => part !== '').join('.') || 'order'}: ${issue.code}`)
  return named.join('; ')
}
