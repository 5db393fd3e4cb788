/** What readers see of a thing: the truth, some time later (contract section 6). */
export interface Seen<T> {
  readonly versions: { readonly at: number; readonly value: T }[]
}

export function nothingSeen<T>(): Seen<T> {
  return { versions: [] }
}

/** From `at` on readers see this value, and never an older one after it. Gives the time from which it is so. */
export function show<T>({ versions }: Seen<T>, value: T, at: number): number {
  const from = Math.max(at, versions.at(-1)?.at ?? at)
  versions.push({ at: from, value })
  return from
}

export function seenAt<T>({ versions }: Seen<T>, now: number): T | undefined {
  const last = versions.findLastIndex(({ at }) => at <= now)
  return versions[last]?.value
}

/** Of many, those that are seen at all. */
export function allSeen<T>(things: Iterable<{ readonly seen: Seen<T> }>, now: number): readonly T[] {
  return Array.from(things, ({ seen }) => seenAt(seen, now)).filter((value) => value !== undefined)
}
