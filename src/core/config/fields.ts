import * as z from 'zod'

/** What the generated reference says about one key. */
export interface FieldNote {
  /** Allowed values in words: `whole number 1..90`, `duration such as 30s, 5m, 2h, 7d`. */
  readonly type: string
  readonly description: string
}

/** Every leaf and section of the schema, with its line for the reference. */
export const fieldNotes = z.registry<FieldNote>()

/** Registers a key's line in the reference. */
export function noted<S extends z.ZodType>(schema: S, note: FieldNote): S {
  fieldNotes.add(schema, note)
  return schema
}

/**
 * A value given as text. Everything in the file reaches the schema as the text that stands there, so that `ratio: 2.0` is not read as
 * a binary number and `shop_id: ${SHOP_ID}` works as well as `shop_id: 2001`. `parse` returns undefined for what is not allowed.
 */
export function parsed<T>(type: string, description: string, parse: (text: string) => T | undefined) {
  const message = `must be ${type}`
  const schema = z.string({ error: message }).transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.issues.push({ code: 'custom', message, input: text })
    return z.NEVER
  })
  return noted(schema, { type, description })
}

/** Any text of at least one character. */
export function text(type: string, description: string) {
  return parsed(type, description, (value) => (value.trim() === '' ? undefined : value))
}

/** A credential. It must come from a `${NAME}` reference; the loader checks that. */
export function secret(description: string) {
  return parsed('a reference such as ${NAME}', description, (value) => (value === '' ? undefined : value))
}

export function integer(min: number, max: number, description: string) {
  return parsed(`a whole number ${min}..${max}`, description, (value) => {
    if (!/^\d{1,15}$/.test(value)) return undefined
    const number = Number(value)
    return number >= min && number <= max ? number : undefined
  })
}

/** A fraction or factor that needs no exactness (retry policy), as a number. */
export function factor(min: number, max: number, description: string) {
  return parsed(`a number ${min}..${max}`, description, (value) => {
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(value)) return undefined
    const number = Number(value)
    return number >= min && number <= max ? number : undefined
  })
}

/** A decimal 0..10 kept as text, since allocation multiplies it exactly. */
export function ratio(description: string) {
  return parsed('0..10', description, (value) => {
    if (!/^\d{1,2}(\.\d{1,6})?$/.test(value)) return undefined
    return Number(value) <= 10 ? value : undefined
  })
}

export function yesOrNo(description: string) {
  return parsed('true or false', description, (value) => {
    if (value === 'true') return true
    return value === 'false' ? false : undefined
  })
}

export function oneOf<const T extends string>(values: readonly T[], description: string) {
  return parsed(inWords(values), description, (value) => values.find((candidate) => candidate === value))
}

const unitMs = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `30s`, `5m`, `240m`, `2h`, `7d` -> milliseconds; undefined for anything else. */
export function durationMs(value: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value)
  if (match === null) return undefined
  return Number(match[1]) * (unitMs.get(match[2] ?? '') ?? Number.NaN)
}

/** A duration between two others, in milliseconds. */
export function duration(min: string, max: string, description: string) {
  const lowest = durationMs(min) ?? 0
  const highest = durationMs(max) ?? 0
  return parsed(`a duration ${min}..${max}, such as 30s, 5m, 2h or 7d`, description, (value) => {
    const ms = durationMs(value)
    return ms !== undefined && ms >= lowest && ms <= highest ? ms : undefined
  })
}

/** Scheme, host and port without a path, as `http://127.0.0.1:4601`. Plain http only where the traffic does not leave the private network. */
export function origin(description: string) {
  return parsed('an origin such as https://host.example or http://127.0.0.1:4601, without a path', description, originOf)
}

function originOf(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return undefined
  if (url.protocol === 'https:') return url.origin
  return url.protocol === 'http:' && isPrivateHost(url.hostname) ? url.origin : undefined
}

// Credentials travel in these requests: in the clear they may only cross this machine or its own network.
function isPrivateHost(host: string): boolean {
  if (!host.includes('.') || host.endsWith('.localhost') || host.endsWith('.internal') || host.endsWith('.local')) return true
  return /^(127|10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\./.test(host) && /^[\d.]+$/.test(host)
}

/** A list, possibly empty, of one kind of text. */
export function listOf(type: string, parse: (text: string) => string | undefined, description: string) {
  return noted(z.array(parsed(type, description, parse), { error: `must be a list, each ${type}` }), {
    type: `a list, each ${type}`,
    description,
  })
}

/** A table of the operator's own keys. The result has no prototype, so that a look-up of `constructor` finds nothing. */
export function tableOf<V extends z.ZodType>(keyType: string, keyPattern: RegExp, value: V, note: FieldNote) {
  const key = z.string().regex(keyPattern, { error: `must be ${keyType}` })
  const error = (issue: { readonly code?: string }) =>
    issue.code === 'invalid_key' ? `the name must be ${keyType}` : `must be ${note.type}`
  return noted(z.record(key, value, { error }).transform(withoutPrototype), note)
}

function withoutPrototype<T>(table: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const bare: Record<string, T> = Object.create(null)
  for (const [key, value] of Object.entries(table)) bare[key] = value
  return bare
}

/** A section with fixed keys. The message holds one line per unknown key, in the order of the issue's `keys`. */
export function section<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join('\n')
        : 'must be a section of keys',
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestOf(key, known)
  return nearest === undefined
    ? `is not a known key; known here: ${known.join(', ')}`
    : `is not a known key; did you mean '${nearest}'?`
}

/** The candidate that a person most likely meant: at most a third of its letters differ. */
export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > 4) continue
    const distance = editDistance(word.toLowerCase().replaceAll('-', '_'), candidate)
    if (distance <= Math.max(2, candidate.length / 3) && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { candidate, distance }
    }
  }
  return best?.candidate
}

function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[to.length] ?? 0
}

/** ['a', 'b', 'c'] -> 'a, b or c'. */
export function inWords(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
