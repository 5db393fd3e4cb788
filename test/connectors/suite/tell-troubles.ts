import { expect } from 'vitest'
import { isConnectorError } from '../../../src/core/errors.ts'
import type { Spoil } from './bench.ts'
import { isThere, verbsOf } from './verbs.ts'
import { aPackage, confirm, failureOf, need, person, placeOne, type Say, signal } from './world.ts'

/** What a vendor might say about a caller and an order. */
const GOSSIP = `cannot serve ${person.email}, phone ${person.phone}`
/** Real milliseconds after which a call that is held is given up; what is answered gets time enough. */
const timeoutOf = ({ kind }: Spoil) => (kind.startsWith('timeout') ? 80 : 5_000)

interface Trouble extends Spoil {
  /** Kinds of error that may be told for it. */
  readonly kinds: readonly string[]
}

const retryable = ['retryable']
const troubles: readonly Trouble[] = [
  { kind: 'status', status: 500, words: GOSSIP, kinds: retryable },
  { kind: 'status', status: 502, kinds: retryable },
  { kind: 'status', status: 401, words: GOSSIP, kinds: ['auth'] },
  { kind: 'status', status: 403, words: GOSSIP, kinds: ['auth', 'permanent'] },
  { kind: 'throttle', kinds: ['throttled'] },
  { kind: 'html', kinds: retryable },
  { kind: 'html', status: 503, kinds: retryable },
  { kind: 'truncate', kinds: retryable },
  { kind: 'cut', kinds: retryable },
  { kind: 'cut-after', kinds: retryable },
  { kind: 'timeout', kinds: retryable },
  { kind: 'status', status: 500, on: 'token', kinds: retryable },
  { kind: 'status', status: 401, on: 'token', kinds: ['auth'] },
  { kind: 'html', on: 'token', kinds: retryable },
  { kind: 'truncate', on: 'token', kinds: retryable },
  { kind: 'cut', on: 'token', kinds: retryable },
]

const nameOf = ({ kind, status, on }: Trouble) => [kind, status, on].filter((part) => part !== undefined).join(' ')

/** Kinds of the errors that were thrown or told; `unknowable` where a look-up said so, `fine` where nothing was wrong. */
async function kindsOf(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    const said = await work
    if (!Array.isArray(said)) return ['fine']
    const outcomes: readonly unknown[] = said
    return outcomes.map((one) => {
      if (one === 'unknowable') return one
      if (typeof one !== 'object' || one === null || !('error' in one)) return 'fine'
      return isConnectorError(one.error) ? one.error.kind : String(one.error)
    })
  } catch (error) {
    return [isConnectorError(error) ? error.kind : String(error)]
  }
}

/** A look-up may say that it cannot know, and half of an answer without a body is the whole answer. */
function harmless(name: string, { kind }: Trouble): readonly string[] {
  if (name === 'lookUpConfirmations') return ['unknowable']
  return ['confirmShipments', 'acknowledgeOrders'].includes(name) && kind === 'truncate' ? ['fine'] : []
}

/** The port's sentences on vendors that fail. */
export function tellTroubles(say: Say): void {
  say('errors: kinds', async (world) => {
    const spoil = need(world.channel.spoil, 'spoil')
    for (const trouble of troubles) {
      await world.channel.reset()
      const verbs = await verbsOf(world)
      for (const [name, work] of verbs) {
        // Nobody has a token or knows that the account was refused.
        await world.channel.forget()
        const near = world.connect({ timeoutMs: timeoutOf(trouble) })
        if (!isThere(near, name)) continue
        spoil(trouble)
        const kinds = await kindsOf(work(near, signal))
        world.channel.heal?.()
        const allowed = [...trouble.kinds, ...harmless(name, trouble)]
        if (trouble.on === 'token' && !world.channel.givesTokens) continue
        expect(
          kinds.filter((kind) => !allowed.includes(kind)),
          `${name} with ${nameOf(trouble)}`,
        ).toEqual([])
        expect(kinds, `${name} with ${nameOf(trouble)}`).not.toEqual([])
      }
    }
  })

  say('errors: writes', async (world) => {
    const spoil = need(world.channel.spoil, 'spoil')
    const fates: readonly (Spoil & { readonly unknown: boolean })[] = [
      { kind: 'cut', unknown: true },
      { kind: 'timeout', unknown: true },
      { kind: 'status', status: 500, unknown: true },
      { kind: 'throttle', unknown: false },
    ]
    for (const { unknown, ...fate } of fates) {
      const near = world.connect({ timeoutMs: 4 * timeoutOf(fate) })
      const parcel = aPackage(world, await placeOne(world, near))
      spoil({ ...fate, on: 'write' })
      const told: unknown[] = []
      const thrown = await failureOf(confirm(near, [parcel]).then((outcomes) => told.push(...outcomes)))
      world.channel.heal?.()
      const [outcome] = told
      const error = thrown ?? (typeof outcome === 'object' && outcome !== null && 'error' in outcome ? outcome.error : undefined)
      expect(error !== null && typeof error === 'object' && 'outcomeUnknown' in error && error.outcomeUnknown, fate.kind).toBe(
        unknown,
      )
      expect(world.channel.packagesOf(parcel.externalOrderId), fate.kind).toEqual([])
    }
  })

  say('health: tells', async (world) => {
    const spoil = need(world.channel.spoil, 'spoil')
    for (const trouble of troubles) {
      await world.channel.reset()
      spoil(trouble)
      const { ok, checks } = await world.connect({ timeoutMs: timeoutOf(trouble) }).connector.health(signal)
      world.channel.heal?.()
      if (trouble.on === 'token' && !world.channel.givesTokens) continue
      expect(ok, nameOf(trouble)).toBe(false)
      expect(
        checks.some((check) => !check.ok),
        nameOf(trouble),
      ).toBe(true)
      for (const check of checks) expect(check.check.length * check.detail.length, nameOf(trouble)).toBeGreaterThan(0)
    }
  })

  say('health: cheap', async (world) => {
    world.channel.list([{ sku: 'A', quantity: 5 }])
    const near = world.connect({ dryRun: true })

    const { ok, checks } = await near.connector.health(signal)

    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(world.channel.calls()).toBeLessThanOrEqual(world.channel.healthCalls)
    expect(near.planned).toEqual([])
  })
}
