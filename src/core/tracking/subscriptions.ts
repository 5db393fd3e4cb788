import { type ChannelReport, heldElsewhere } from '../channel-report.ts'
import type { Run, RunProblem } from '../context.ts'
import { type ConnectorError, isConnectorError, RefusedByDryRun, StoppedError } from '../errors.ts'
import type { ShippingConnector, Subscription } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
import {
  type HookAddress,
  type JudgedSubscription,
  judgeSubscriptions,
  lackingEvents,
  shownTarget,
  targetOf,
  wantedEvents,
} from './hook-address.ts'

export interface SubscribeCounts {
  /** Wanted events that were told of already. */
  readonly kept: number
  /** Webhooks made; in a dry run, that would be made. */
  readonly subscribed: number
}

export interface UnsubscribeCounts {
  /** Webhooks deleted; in a dry run, that would be deleted. */
  readonly deleted: number
  /** They were gone already. */
  readonly absent: number
}

/** What stands at ShipStation when the work is done, as far as it is known. */
export interface SubscriptionReport<C> extends ChannelReport<C> {
  readonly subscriptions: readonly JudgedSubscription[]
}

/** The webhooks of the account, each with what it is to isync. */
export async function listSubscriptions(
  run: Run,
  shipping: ShippingConnector,
  address: HookAddress | undefined,
): Promise<SubscriptionReport<{ readonly webhooks: number }>> {
  const channel = shipping.account
  try {
    const subscriptions = judgeSubscriptions(await shipping.listWebhooks(run.signal), address)
    return { channel, counts: { webhooks: subscriptions.length }, errors: [], outcome: 'done', subscriptions }
  } catch (error) {
    const errors = [problemOf(channel, 'webhooks:list', error)]
    return { channel, counts: { webhooks: 0 }, errors, outcome: 'down', subscriptions: [] }
  }
}

/**
 * Makes a webhook for each wanted event that no good one tells of. ShipStation does not mind doubles, so the list is read first, and two runs
 * do not do this at once. A second run makes nothing.
 */
export async function subscribeWanted(
  run: Run,
  shipping: ShippingConnector,
  address: HookAddress,
): Promise<SubscriptionReport<SubscribeCounts>> {
  const attempt = await exclusively(run, `webhooks:subscribe ${shipping.account}`, (signal) =>
    subscribeLacking({ ...run, signal }, shipping, address),
  )
  if (attempt.ran) return attempt.result
  return { ...heldElsewhere(shipping.account, { kept: 0, subscribed: 0 }, attempt.holder), subscriptions: [] }
}

async function subscribeLacking(
  run: Run,
  shipping: ShippingConnector,
  address: HookAddress,
): Promise<SubscriptionReport<SubscribeCounts>> {
  const { account } = shipping
  const step = 'webhooks:subscribe'
  const made: Subscription[] = []
  let known: readonly Subscription[] = []
  let counts: SubscribeCounts = { kept: 0, subscribed: 0 }
  const report = (errors: readonly RunProblem[], outcome: ChannelReport<unknown>['outcome']) => {
    const subscriptions = judgeSubscriptions([...known, ...made], address)
    return { channel: account, counts, errors, outcome, subscriptions }
  }
  try {
    known = await shipping.listWebhooks(run.signal)
    const lacking = lackingEvents(judgeSubscriptions(known, address))
    counts = { kept: wantedEvents.length - lacking.length, subscribed: 0 }
    for (const event of lacking) {
      const wish = { event, targetUrl: targetOf(address), shownUrl: shownTarget(address), name: `isync ${event}` }
      const id = await unlessPlanned(shipping.subscribeWebhook(wish, run.signal))
      counts = { ...counts, subscribed: counts.subscribed + 1 }
      if (id === undefined) continue
      made.push({ id, event, targetUrl: wish.targetUrl, active: true })
      run.log.info({ channel: account, step, webhook: id, event }, 'webhook made')
    }
    return report([], 'done')
  } catch (error) {
    return report([problemOf(account, step, error)], counts.kept + counts.subscribed > 0 ? 'partly' : 'down')
  }
}

/** Deletes these webhooks. One that is gone already is as good as deleted. The first failure ends it. */
export async function deleteSubscriptions(
  run: Run,
  shipping: ShippingConnector,
  ids: readonly number[],
): Promise<ChannelReport<UnsubscribeCounts>> {
  const { account } = shipping
  const step = 'webhooks:unsubscribe'
  let counts: UnsubscribeCounts = { deleted: 0, absent: 0 }
  try {
    for (const id of ids) {
      const outcome = (await unlessPlanned(shipping.deleteWebhook(id, run.signal))) ?? 'deleted'
      counts = { ...counts, [outcome]: counts[outcome] + 1 }
      run.log.info({ channel: account, step, webhook: id }, `webhook ${outcome}`)
    }
    return { channel: account, counts, errors: [], outcome: 'done' }
  } catch (error) {
    const isIdle = counts.deleted + counts.absent === 0
    return { channel: account, counts, errors: [problemOf(account, step, error)], outcome: isIdle ? 'down' : 'partly' }
  }
}

/** Undefined when a dry run kept the call back: the plan has it. */
async function unlessPlanned<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof RefusedByDryRun) return undefined
    throw error
  }
}

/** A person is at the terminal, so nobody is alerted. Anything that is not a connector's error is a bug and is thrown on. */
function problemOf(channel: string, what: string, error: unknown): RunProblem {
  if (error instanceof StoppedError) return { channel, what, why: error.message, next: `isync ${what} again` }
  if (!isConnectorError(error)) throw error
  return { channel, what, why: error.message, next: nextFor(what, error) }
}

function nextFor(what: string, error: ConnectorError): string {
  switch (error.kind) {
    case 'throttled':
      return `isync ${what} again, in ${Math.ceil(error.waitMs / 1000)} s at the earliest`
    case 'retryable':
      return `isync ${what} again: what is done already is found and not done twice`
    case 'auth':
    case 'permanent':
      return 'isync doctor --channel shipstation'
  }
}
