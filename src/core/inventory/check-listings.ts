import type { Run } from '../context.ts'
import { absentSkus, followListings, saveListings, uncheckedSkus } from '../db/listings.ts'
import { StoppedError } from '../errors.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { PublishCounts } from './publish-results.ts'

/** Listings that are asked about before what was learned is written down. A crash repeats so many at most. */
const CHUNK = 200
/** SKUs that are fetched at once: each fetch goes through all that is due. */
const PAGE = 20_000

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
  async function lookAt(next: (after: string) => Promise<readonly string[]>): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const skus: readonly string[] = await next(after)
      for (let start = 0; start < skus.length; start += CHUNK) await look(skus.slice(start, start + CHUNK))
      after = skus.length < PAGE ? undefined : skus.at(-1)
    }
  }
  if (connector.checksListings) await lookAt((after) => uncheckedSkus(run.db, channel, after, PAGE))
  if (!relist) return
  const before = run.clock.now() - run.settings.inventory.listingCheckMs
  await lookAt((after) => absentSkus(run.db, channel, before, after, PAGE))
}
