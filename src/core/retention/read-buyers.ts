import type { Run } from '../context.ts'
import {
  askErasure,
  deletionsOf,
  holdDeletionsBack,
  insertAccounts,
  setBuyersRead,
  type UnreadBuyer,
  unreadBuyers,
} from '../db/buyers.ts'
import { addEvents } from '../db/events.ts'
import { OperatorError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import { erasureAsked } from '../orders/buyer-accounts.ts'
import { sealRow } from '../orders/rows.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type AccountDigests, accountDigests } from '../privacy/account-digests.ts'

/** Documents of one transaction. */
const BATCH = 200

/** Who can tell by its document whose order it is. */
export type BuyerReader = Pick<MarketplaceConnector, 'channel' | 'buyerAccountIn'>

/**
 * Finds out, from their documents, whose the orders of these channels are of which nobody has written that down: orders from before accounts
 * were kept, and documents that could not be read as an order. Each is looked at once. May be killed at any time and done again.
 */
export async function readOldBuyers(run: Run, readers: readonly BuyerReader[], channels: readonly ChannelCode[]): Promise<void> {
  for (const reader of readers) {
    if (!channels.includes(reader.channel) || reader.buyerAccountIn === undefined) continue
    const counts = { read: 0, unknown: 0 }
    while (!run.signal.aborted) {
      const batch = await unreadBuyers(run.db, reader.channel, BATCH)
      if (batch.length === 0) break
      counts.unknown += await readBatch(run, reader, batch)
      counts.read += batch.length
    }
    if (counts.read > 0) run.log.info({ step: 'buyers', channel: reader.channel, ...counts }, 'buyers of stored orders were read')
  }
}

/** Returns of how many orders nobody can tell any more whose they are. */
async function readBatch(run: Run, reader: BuyerReader, batch: readonly UnreadBuyer[]): Promise<number> {
  const digestsOf = await accountDigests(run.db, run.vault, run.clock.now())
  const found = batch.map((order) => ({ order, digests: digestsIn(run, reader, order, digestsOf) }))
  await run.db.transaction(async (tx) => {
    await holdDeletionsBack(tx)
    const now = run.clock.now()
    const read = new Set(
      await setBuyersRead(
        tx,
        batch.map(({ id }) => id),
      ),
    )
    const known = found.filter(({ order }) => read.has(order.id))
    await insertAccounts(
      tx,
      known.flatMap(({ order, digests }) => digests.map((digest) => ({ digest, order_id: order.id }))),
    )
    const deletions = await deletionsOf(tx, [...new Set(known.flatMap(({ digests }) => digests))])
    const gone = known.filter(({ order, digests }) =>
      digests.some((digest) => (deletions.get(digest) ?? 0) >= order.order_created_at),
    )
    const marked = new Set(
      await askErasure(
        tx,
        gone.map(({ order }) => order.id),
        now,
      ),
    )
    const noted = gone.filter(({ order }) => marked.has(order.id))
    await addEvents(
      tx,
      noted.map(({ order }) => erasureAsked(run, reader.channel, order.external_order_id)),
    )
  })
  return found.filter(({ digests }) => digests.length === 0).length
}

function digestsIn(run: Run, reader: BuyerReader, order: UnreadBuyer, digestsOf: AccountDigests): readonly string[] {
  if (order.payload === null) return []
  const row = `${sealRow(reader.channel, order.external_order_id)}/${order.version}`
  try {
    const account = reader.buyerAccountIn?.(JSON.parse(run.vault.open('order_payloads', 'payload', row, order.payload)))
    return account === undefined ? [] : digestsOf(account)
  } catch (error) {
    // Damaged, or its key is lost: nobody reads a name in it any more either.
    if (error instanceof OperatorError || error instanceof SyntaxError) return []
    throw error
  }
}
