import { type Chance, chanceOf } from './hostile-random.ts'
import type { Wire } from './hostile-raw.ts'
import type { Message, Proofs } from './hostile-world.ts'

/** One hostile connection. */
export interface Attack {
  readonly kind: string
  readonly wire: Wire
  /** What each answer may be; 0: the connection may be cut without one. Never anything of 2xx. */
  readonly expected: readonly number[]
  /** The sender closes its side at once; else it waits for the server. */
  readonly ends?: boolean
  /** Has to be over by then. */
  readonly withinMs?: number
}

/** What attackers know: more than they ever will. */
export interface Target {
  readonly proofs: Proofs
  /** Where hostile addresses point to, so that it is seen when one is called. */
  readonly honeypot: number
  /** Stands in everything that is sent: it must be in no log. */
  readonly canary: string
  /** Epoch ms, the server's clock. */
  now(): number
  /** Genuine messages that were accepted before, to be used again. */
  readonly captured: readonly Message[]
}

/** `share`: how many of a hundred requests, about. */
export interface Kind {
  readonly kind: string
  readonly share: number
  make(chance: Chance, target: Target): Omit<Attack, 'kind'>
}

/** An attack that is made when its turn comes, so that its times are those of that moment. The same seed makes the same ones in the same order. */
export type Planned = () => Attack

/** So many attacks of all kinds, in the order that chance gives. */
export function planAttacks(kinds: readonly Kind[], count: number, seed: number, target: Target): readonly Planned[] {
  const chance = chanceOf(seed)
  const whole = kinds.reduce((sum, { share }) => sum + share, 0)
  const planned = kinds.flatMap(({ kind, share, make }) =>
    Array.from({ length: Math.max(1, Math.round((share / whole) * count)) }, () => {
      const own = chanceOf(chance.below(2 ** 31))
      return () => ({ kind, ...make(own, target) })
    }),
  )
  for (let at = planned.length - 1; at > 0; at -= 1) {
    const other = chance.below(at + 1)
    const [a, b] = [planned[at], planned[other]]
    if (a !== undefined && b !== undefined) [planned[at], planned[other]] = [b, a]
  }
  return planned
}
