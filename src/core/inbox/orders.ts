import type { Run } from '../context.ts'
import { knownOrders } from '../db/orders.ts'
import type { ChannelCode } from '../model/channel.ts'
import { type PulledChannel, pullChannels } from '../orders/pull-channels.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type DeliveryResult, type Read, type Results, whenFree } from './hands.ts'
import { retryOf } from './retry.ts'

/** Orders of one reading by number. */
const MOST_ORDERS = 200
/** Enough to find one number among them, and another. */
const MOST_SPLITS = 16
/** When a look for an order that its channel does not show is repeated: what is pushed may be told before it can be read. */
const LOOK_AGAIN_MS: readonly number[] = [3_000, 7_000, 20_000, 60_000]

/** No marketplace takes longer to put an order together: whoever says so has another clock. */
const LONGEST_GROWTH_MS = 10 * 60_000

/** Reads the orders that were spoken of, each channel side by side with the others. Those that may be shown in part only wait until they are whole. */
export async function takeOrders(
  run: Run,
  marketplaces: readonly MarketplaceConnector[],
  spokenOf: readonly Read<'orders'>[],
): Promise<Results> {
  const results: Results = new Map()
  for (const { delivery, trigger } of spokenOf) {
    const inMs = Math.max(...trigger.orders.map(({ order }) => order.wholeFrom ?? 0)) - run.clock.now()
    if (inMs <= 0 || inMs > LONGEST_GROWTH_MS) continue
    const why = 'the order may still be growing'
    results.set(delivery.id, { status: 'later', inMs, why, kind: 'retryable', spends: false })
  }
  const reads = spokenOf.filter(({ delivery }) => !results.has(delivery.id))
  const wanted = Map.groupBy(
    reads.flatMap(({ trigger }) => trigger.orders),
    ({ channel }) => channel,
  )
  const answers = new Map<ChannelCode, Answer>()
  await Promise.all(
    marketplaces.map(async (connector) => {
      const ids = [...new Set(wanted.get(connector.channel)?.map(({ order }) => order.externalOrderId))]
      const answer: Answer = { refused: new Map(), splits: MOST_SPLITS }
      for (let start = 0; start < ids.length; start += MOST_ORDERS)
        await ask(run, connector, ids.slice(start, start + MOST_ORDERS), answer)
      answers.set(connector.channel, answer)
    }),
  )
  for (const read of reads) {
    const result = await resultOf(run, read, answers)
    if (result !== undefined) results.set(read.delivery.id, result)
  }
  return results
}

/** Of all questions to one channel. */
interface Answer {
  /** Of the last question, or of the one that ended the asking. */
  report?: PulledChannel
  /** By number: those that the channel refuses. */
  readonly refused: Map<string, PulledChannel>
  /** How often more a refused question may be asked by halves. */
  splits: number
}

/** Asks for these orders. One number that the channel refuses must not hold the others up: then each half is asked for by itself. */
async function ask(run: Run, connector: MarketplaceConnector, orderIds: readonly string[], answer: Answer): Promise<void> {
  if (run.signal.aborted || (answer.report !== undefined && answer.report.outcome !== 'done')) return
  const { channels } = await pullChannels(run, { connectors: [connector], orderIds })
  const [report] = channels
  if (report?.isRefused !== true) {
    if (report !== undefined) answer.report = report
    return
  }
  if (orderIds.length === 1 || answer.splits === 0) {
    for (const id of orderIds) answer.refused.set(id, report)
    return
  }
  answer.splits -= 1
  const half = Math.ceil(orderIds.length / 2)
  await ask(run, connector, orderIds.slice(0, half), answer)
  await ask(run, connector, orderIds.slice(half), answer)
}

async function resultOf(
  run: Run,
  { delivery, trigger }: Read<'orders'>,
  answers: ReadonlyMap<ChannelCode, Answer>,
): Promise<DeliveryResult | undefined> {
  const channels = [...new Set(trigger.orders.map(({ channel }) => channel))]
  const asked = channels.flatMap((channel) => {
    const { report, refused } = answers.get(channel) ?? {}
    const own = trigger.orders.flatMap((one) => (one.channel === channel ? (refused?.get(one.order.externalOrderId) ?? []) : []))
    return own[0] ?? report ?? []
  })
  if (asked.length === 0) {
    return run.signal.aborted
      ? undefined
      : { status: 'done', outcome: `${channels.join(', ')}: not among the channels that are on` }
  }
  const down = asked.find(({ outcome }) => outcome === 'down')
  if (down !== undefined) return retryOf(down, delivery.attempts)
  if (asked.some(({ outcome }) => outcome === 'held elsewhere')) return whenFree()
  if (asked.every(({ outcome }) => outcome === 'paused'))
    return { status: 'done', outcome: `${channels.join(', ')}: paused; the next pull after the pause brings it` }
  // Refused by number, say, or read and not acknowledged: worth a few tries, and the rest is the polls' and the tasks'.
  const partly = asked.find(({ outcome }) => outcome === 'partly')
  if (partly !== undefined && delivery.attempts < LOOK_AGAIN_MS.length) return retryOf(partly, delivery.attempts)
  const numbers = [...new Set(trigger.orders.map(({ order }) => order.externalOrderId))]
  const known = await knownOrders(run.db, channels, numbers)
  const missing = numbers.filter((number) => !known.has(number))
  if (missing.length === 0) return { status: 'done', outcome: `${numbers.length} order(s) read` }
  const why = `${missing.length} of ${numbers.length} order(s) are not shown by ${channels.join(', ')}`
  const inMs = LOOK_AGAIN_MS[delivery.attempts]
  if (inMs !== undefined) return { status: 'later', inMs, why, kind: 'retryable', spends: true, looked: true }
  return { status: 'done', outcome: `${why}; the polls look on` }
}
