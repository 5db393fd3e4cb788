import type { Run } from '../../../src/core/context.ts'
import type { Kept } from '../../../src/core/db/inbox-keep.ts'
import type { Hands } from '../../../src/core/inbox/hands.ts'
import { openInbox } from '../../../src/core/inbox/keep.ts'
import { type InboxCounts, workInbox } from '../../../src/core/inbox/work.ts'
import type { Trigger } from '../../../src/core/model/trigger.ts'
import type { Delivery, WebhookSource, WebhookSourceName } from '../../../src/core/ports/webhook.ts'
import { aChannel, type TestChannel } from '../../world/a-channel.ts'
import type { TestRun } from '../../world/a-run.ts'
import { aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { aStock, type TestStock } from '../../world/a-stock.ts'

/** A sender whose messages say themselves what they lead to. */
export function aSource(name: WebhookSourceName): WebhookSource {
  return {
    name,
    methods: ['POST'],
    types: [],
    refusedStatus: 401,
    paths: () => [],
    verify: async () => ({ status: 'refused', reason: 'signature' }),
    read: ({ body }) => {
      const text = body.toString('utf8')
      if (text === 'boom') throw new TypeError('ada@example.org is not a function')
      return JSON.parse(text) as Trigger
    },
  }
}

/** What is to be done with a message, or the text `boom`, on which the program itself fails. */
export function aDelivery(key: string, says: Trigger | 'boom', change: Partial<Delivery> = {}): Delivery {
  const body = Buffer.from(says === 'boom' ? says : JSON.stringify(says))
  return { key, repeated: 'same', topic: 'TEST', body, ...change }
}

export function anOrderHint(channel: string, ...ids: readonly string[]): Trigger {
  return { kind: 'orders', orders: ids.map((externalOrderId) => ({ channel, order: { externalOrderId } })) }
}

export const nothing: Trigger = { kind: 'nothing', why: 'no news' }

export interface TestHands extends Hands {
  readonly shipping: TestShipping
  readonly channel: TestChannel
  readonly shelf: TestStock
}

/** Everybody at work: ShipStation, amazon-us, Zoho, and the senders. */
export function someHands(run: Run, channel: TestChannel = aChannel()): TestHands {
  const shelf = aStock(run.clock)
  return {
    sources: (['shipstation', 'zoho', 'ebay', 'amazon', 'orders'] as const).map(aSource),
    shipping: aShipping(),
    marketplaces: [channel],
    stock: shelf,
    notifiers: [],
    refusals: { note: () => undefined, flush: async () => false },
    calls: { flush: async () => false },
    channel,
    shelf,
  }
}

export function keep(run: Run, provider: WebhookSourceName, ...deliveries: readonly Delivery[]): Promise<readonly Kept[]> {
  return openInbox(run).keep(provider, deliveries)
}

export async function work(
  run: Run,
  hands: Hands,
  provider: WebhookSourceName,
  channel = '',
): Promise<Omit<InboxCounts, 'looked'>> {
  const { done, later, dead } = await workInbox(run, hands, { provider, channel })
  return { done, later, dead }
}

export interface BoxRow {
  readonly id: string
  readonly provider: string
  readonly key: string
  readonly state: string
  readonly attempts: number
  readonly generation: number
  readonly times: number
  readonly body: string
  readonly received_at: number
  readonly next_attempt_at: number
  readonly done_at: number | null
  readonly outcome: string | null
  readonly last_error: string | null
  readonly lease_owner: string | null
}

/** All of the inbox, by key. */
export function box({ db }: Pick<TestRun, 'db'>): Promise<BoxRow[]> {
  return db.rows<BoxRow>('select *, delivery_key as "key" from inbox order by delivery_key')
}

/** `k1 done`, by key. */
export async function states(run: Pick<TestRun, 'db'>): Promise<string[]> {
  return (await box(run)).map(({ key, state }) => `${key} ${state}`)
}
