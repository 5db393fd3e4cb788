import type { Subscription } from '../ports/shipping.ts'

/** What isync has to be told of. Voids have no event of their own, and orders are read from the channels (contract section 9). */
export const wantedEvents = ['SHIP_NOTIFY', 'FULFILLMENT_SHIPPED'] as const

/** Where ShipStation's webhooks are to send to: `<base>/<token>`. */
export interface HookAddress {
  /** `https://hooks.example.com/webhooks/shipstation` */
  readonly base: string
  /** Accepted tokens, secret; the first is given out. */
  readonly tokens: readonly string[]
}

/**
 * What a webhook of the account is to isync:
 * - `good`: tells of a wanted event, at the address that is given out;
 * - `doubled`: so does another one;
 * - `one-store`: tells of one store only;
 * - `old-token`: at an address that is still accepted and no longer given out;
 * - `off`: ShipStation has switched it off, or somebody there;
 * - `unneeded`: tells of what isync does nothing with;
 * - `refused-token`: at our address with a token that is not accepted, so that all it sends is refused;
 * - `foreign`: sends to somebody else.
 */
export type Standing = 'good' | 'doubled' | 'one-store' | 'old-token' | 'off' | 'unneeded' | 'refused-token' | 'foreign'

/** A webhook as it may be shown: no address with a token in it. */
export interface JudgedSubscription {
  readonly id: number
  readonly event: string
  /** Of ours without the token, of others only the host: `https://hooks.example.com/***`. */
  readonly shownUrl: string
  readonly storeId?: number
  readonly active: boolean
  readonly standing: Standing
  /** Ours, and nothing is lost when it goes. */
  readonly stale: boolean
}

/** The address to give to ShipStation. Secret. */
export function targetOf({ base, tokens }: HookAddress): string {
  const [current] = tokens
  if (current === undefined) throw new Error('no token to give out')
  return `${base}/${current}`
}

/** What stands for the token wherever an address is shown. */
export function shownTarget({ base }: HookAddress): string {
  return `${base}/***`
}

/** Each webhook with what it is, in the order of their ids. Without an address of our own every webhook is foreign. */
export function judgeSubscriptions(
  all: readonly Subscription[],
  address: HookAddress | undefined,
): readonly JudgedSubscription[] {
  const taken = new Set<string>()
  const judged = all
    .toSorted((one, other) => one.id - other.id)
    .map((subscription) => {
      const standing = standingOf(subscription, address, taken)
      if (standing === 'good') taken.add(subscription.event)
      return { subscription, standing }
    })
  return judged.map(({ subscription, standing }) => {
    const { id, event, storeId, active } = subscription
    const shownUrl = address !== undefined && standing !== 'foreign' ? shownTarget(address) : hostOf(subscription.targetUrl)
    const stale = isStale(standing, taken.has(event))
    return { id, event, shownUrl, ...(storeId === undefined ? {} : { storeId }), active, standing, stale }
  })
}

/** Wanted events that no good webhook tells of. */
export function lackingEvents(all: readonly JudgedSubscription[]): readonly string[] {
  return wantedEvents.filter((wanted) => !all.some(({ event, standing }) => standing === 'good' && event === wanted))
}

function standingOf(
  { event, targetUrl, storeId, active }: Subscription,
  address: HookAddress | undefined,
  taken: ReadonlySet<string>,
): Standing {
  const token = address === undefined ? undefined : tokenIn(targetUrl, address)
  if (address === undefined || token === undefined) return 'foreign'
  if (!address.tokens.includes(token)) return 'refused-token'
  if (!wantedEvents.some((wanted) => wanted === event)) return 'unneeded'
  if (!active) return 'off'
  if (storeId !== undefined) return 'one-store'
  if (token !== address.tokens[0]) return 'old-token'
  return taken.has(event) ? 'doubled' : 'good'
}

/** What still brings something is of no use only once another brings it. */
function isStale(standing: Standing, isCovered: boolean): boolean {
  if (standing === 'good' || standing === 'foreign') return false
  return standing === 'one-store' || standing === 'old-token' ? isCovered : true
}

/** What stands behind our base; undefined where the address is not ours. */
function tokenIn(url: string, { base }: HookAddress): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { origin, pathname, search } = new URL(url)
  const whole = `${origin}${pathname}`
  return whole.startsWith(`${base}/`) ? `${whole.slice(base.length + 1)}${search}` : undefined
}

/** Path and parameters of another's address may be its secret, like ours. */
function hostOf(url: string): string {
  if (!URL.canParse(url)) return '(no address)'
  const { protocol, host } = new URL(url)
  return host === '' ? `${protocol}***` : `${protocol}//${host}/***`
}
