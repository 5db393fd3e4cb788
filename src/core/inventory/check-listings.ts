import type { Run } from '../context.ts'
import { absentSkus, followListings, saveListings, uncheckedSkus } from '../db/listings.ts'
import { StoppedError } from '../errors.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { PublishCounts } from './publish-results.ts'

/** Listings that are asked about before what was learned is written down. A crash repeats so many at most. */
const CHUNK = 200

/**
 * Looks at the listings that must be known before anything is written to them: those never looked at, on channels where a write to a listing
 * that is not the seller's does harm. With `relist` also those that were not there, or not ours, when they were last looked at long enough ago.
 */
export async function checkListings(
  run: Run,
  connector: MarketplaceConnector,
  relist: boolean,
  counts: Pick<PublishCounts, 'unlisted' | 'not_ours'>,
): Promise<void> {
  const { channel } = connector
  const describe = connector.describeListings?.bind(connector)
  if (describe === undefined) return
  async function look(skus: readonly string[]): Promise<void> {
    if (run.signal.aborted) throw new StoppedError('told to stop before the next listings')
    const listings = await describe?.(skus, run.signal)
    if (listings?.length !== skus.length)
      throw new Error(`${channel}: asked about ${skus.length} listings, told of ${listings?.length}`)
    await run.db.transaction(async (tx) => {
      await saveListings(tx, channel, listings, run.clock.now())
      await followListings(tx, channel, skus, run.clock.now())
    })
    for (const listing of listings) {
      if (!listing.listed) counts.unlisted += 1
      else if (listing.fulfilment !== 'seller') counts.not_ours += 1
    }
  }
  if (connector.checksListings) {
    for (let after = ''; ; ) {
      const skus = await uncheckedSkus(run.db, channel, after, CHUNK)
      const last = skus.at(-1)
      if (last === undefined) break
      await look(skus)
      after = last
    }
  }
  if (!relist) return
  const before = run.clock.now() - run.settings.inventory.listingCheckMs
  for (;;) {
    const skus = await absentSkus(run.db, channel, before, CHUNK)
    if (skus.length === 0) return
    await look(skus)
  }
}
