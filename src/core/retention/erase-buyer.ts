import type { Run } from '../context.ts'
import { askErasure, insertDeletions, ordersOfAccount } from '../db/buyers.ts'
import { countOfAccount, countRemains, type DueOrders } from '../db/erasure.ts'
import { addEvents } from '../db/events.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { BuyerAccount } from '../model/trigger.ts'
import { erasureAsked } from '../orders/buyer-accounts.ts'
import { accountDigests } from '../privacy/account-digests.ts'
import { eraseBatch } from './erase-orders.ts'
import { type BuyerReader, readOldBuyers } from './read-buyers.ts'

/** Orders of one transaction. */
const BATCH = 200

/** What became of a buyer's orders. */
export interface BuyerErasure {
  /** Erased now. */
  readonly erased: number
  /** Still to be shipped, or with work under way: marked, and erased by the first purge after that is over. */
  readonly later: number
  /** Counted anew afterwards: what could be erased and was not, or was not erased whole. Must be 0. */
  readonly left: number
}

/**
 * Erases the personal data of every order of this buyer on these channels, and has those that are still to be shipped erased as soon as they
 * are over. The account is remembered, by digests, so that an order of it that is read late is marked too. `readers` tell whose the orders are
 * that were stored before accounts were kept. May be killed at any time and done again. Throws OperatorError where the encryption keys do not fit the database.
 */
export async function eraseBuyer(
  run: Run,
  { channels, buyer }: { readonly channels: readonly ChannelCode[]; readonly buyer: BuyerAccount },
  readers: readonly BuyerReader[],
): Promise<BuyerErasure> {
  const now = run.clock.now()
  const digests = (await accountDigests(run.db, run.vault, now))(buyer)
  // First, and by itself: whoever stores an order from now on sees it, and what was stored before is found below.
  await run.db.transaction((tx) => insertDeletions(tx, digests, now))
  await readOldBuyers(run, readers, channels)
  const erased: string[] = []
  for (let last: string | undefined = ''; last !== undefined && !run.signal.aborted; )
    last = await eraseNext(run, channels, digests, last, erased)
  const remaining = await countRemaining(run, channels, digests)
  return { erased: erased.length, later: remaining.later, left: remaining.left + (await countRemains(run.db, erased)) }
}

/** Marks and erases the next orders behind `after`. Returns how far it came; undefined: to the end. */
async function eraseNext(
  run: Run,
  channels: readonly ChannelCode[],
  digests: readonly string[],
  after: string,
  erased: string[],
): Promise<string | undefined> {
  const found = await ordersOfAccount(run.db, channels, digests, after, BATCH)
  const last = found.at(-1)
  if (last === undefined) return undefined
  const gone = await run.db.transaction(async (tx) => {
    const ids = found.map(({ id }) => id)
    const marked = new Set(await askErasure(tx, ids, run.clock.now()))
    const done: string[] = []
    for (const channel of new Set(found.map((order) => order.channel))) {
      const { orders } = await eraseBatch(tx, run, askedUpTo(run, channel), ids)
      done.push(...orders.map(({ id }) => id))
    }
    const waiting = found.filter(({ id }) => marked.has(id) && !done.includes(id))
    await addEvents(
      tx,
      waiting.map((order) => erasureAsked(run, order.channel, order.external_order_id)),
    )
    return done
  })
  erased.push(...gone)
  return last.id
}

async function countRemaining(
  run: Run,
  channels: readonly ChannelCode[],
  digests: readonly string[],
): Promise<{ readonly left: number; readonly later: number }> {
  let left = 0
  let all = 0
  for (const channel of channels) {
    const count = await countOfAccount(run.db, askedUpTo(run, channel), digests)
    left += count.left
    all += count.all
  }
  return { left, later: all - left }
}

function askedUpTo(run: Run, channel: ChannelCode): DueOrders {
  return { why: 'asked', channel, before: run.clock.now() }
}
