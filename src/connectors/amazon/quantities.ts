import { type ConnectorError, isConnectorError, PermanentError, RefusedByDryRun, RetryableError } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { PlannedCall } from '../../core/ports/gate.ts'
import type { QuantityOutcome, QuantityPlan } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { inLanes } from '../http/lanes.ts'
import type { AmazonClient } from './client.ts'
import { acceptedWith, refusedWith } from './issues.ts'
import { operations } from './operations.ts'
import type { Placed, Placement } from './places.ts'
import type { AmazonSettings } from './settings.ts'
import { patchReply } from './wire-stock.ts'

/** So few that a crash leaves little to send again. */
const PATCH_BATCH = 20
/** Most messages that one feed takes (contract section 3). */
const FEED_BATCH = 25_000
/** What a feed takes however small it is: its three calls, its turn in Amazon's queue, some questions 20 s apart, its report. */
const FEED_TAKES_S = 100
/** So many calls in a row that failed without a refusal, and the rest of a batch is not tried. */
const MOST_FAILURES = 3

/**
 * Calls of their own as long as they take no longer than a feed: up to 500 quantities at 5 calls a second in one marketplace, fewer in
 * several, for each of them is a call. `settings.feedAbove` wins.
 */
export function quantityPlan({ feedAbove, marketplaceIds }: AmazonSettings, due: number): QuantityPlan {
  const perSecond = operations.patchListingsItem.rule.perSecond / marketplaceIds.length
  const most = feedAbove ?? Math.floor(FEED_TAKES_S * perSecond)
  return due > most ? { way: 'feed', batch: FEED_BATCH } : { way: 'patch', batch: PATCH_BATCH }
}

/** The change of a quantity and nothing else: a merge leaves the handling time and the restock date as they are (contract section 3). */
export function quantityPatch(quantity: number): object {
  const value = [{ fulfillment_channel_code: 'DEFAULT', quantity }]
  return { op: 'merge', path: '/attributes/fulfillment_availability', value }
}

/** A dry run's line about one quantity. */
export function plannedQuantity(account: string, operation: string, { sku, previous, quantity }: QuantityUpdate): PlannedCall {
  return { account, operation, target: sku, detail: `${previous ?? '?'} -> ${quantity}` }
}

/**
 * One call per SKU and marketplace (contract section 3). A refusal concerns its SKU alone. Refused credentials, a spent limit, or three
 * failures in a row end the batch: what was not tried gets that error. Throws where nothing at all became definite.
 */
export async function patchQuantities(
  client: AmazonClient,
  placements: readonly Placement[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  let broken: ConnectorError | undefined
  let refused: RefusedByDryRun | undefined
  let failures = 0

  async function patch(placement: Placement): Promise<QuantityOutcome | undefined> {
    if ('outcome' in placement) return placement.outcome
    if (broken !== undefined) return { status: 'failed', error: broken }
    try {
      const outcome = await patchEverywhere(client, placement, signal)
      failures = 0
      return outcome
    } catch (error) {
      if (error instanceof RefusedByDryRun) {
        // The others belong into the plan too.
        refused = error
        return undefined
      }
      if (!isConnectorError(error)) throw error
      failures += 1
      if (error.kind !== 'retryable' || failures >= MOST_FAILURES) broken ??= error
      return { status: 'failed', error }
    }
  }

  const tried = await inLanes(placements, patch)
  if (refused !== undefined) throw refused
  const outcomes = tried.filter((outcome) => outcome !== undefined)
  if (broken !== undefined && outcomes.every(isOpen)) throw broken
  return outcomes
}

/** Nobody has said yes or no to it. */
function isOpen(outcome: QuantityOutcome): boolean {
  return outcome.status === 'failed' && outcome.error.kind !== 'permanent'
}

/** A SKU is as well off as in the worst of its marketplaces; one that is listed in some of them is listed. */
async function patchEverywhere(client: AmazonClient, placed: Placed, signal: AbortSignal): Promise<QuantityOutcome> {
  const outcomes: QuantityOutcome[] = []
  for (const marketplaceId of placed.marketplaceIds) outcomes.push(await patchIn(client, placed, marketplaceId, signal))
  const failed = outcomes.find((outcome) => outcome.status === 'failed')
  const accepted = outcomes.filter((outcome) => outcome.status === 'accepted')
  return failed ?? accepted.find((outcome) => outcome.note !== undefined) ?? accepted[0] ?? outcomes[0] ?? { status: 'accepted' }
}

async function patchIn(
  client: AmazonClient,
  { update, productType, marketplaceIds }: Placed,
  marketplaceId: string,
  signal: AbortSignal,
): Promise<QuantityOutcome> {
  const line = plannedQuantity(client.gate.account, 'patchListingsItem', update)
  const request = {
    operation: 'patchListingsItem',
    path: { sellerId: client.settings.sellerId, sku: update.sku },
    query: { marketplaceIds: marketplaceId, issueLocale: 'en_US' },
    body: { productType, patches: [quantityPatch(update.quantity)] },
    // One line tells of all marketplaces: a dry run ends at the first call.
    plan: [marketplaceIds.length > 1 ? { ...line, detail: `${line.detail} in ${marketplaceIds.join(', ')}` } : line],
  } as const
  const facts = { account: client.gate.account, operation: request.operation }
  try {
    const { status, issues } = await client.read(request, patchReply, signal)
    if (status === 'ACCEPTED') return acceptedWith(issues)
    // Not applied, though the call is answered with 200.
    if (status === 'INVALID') return refusedWith(issues, facts)
    throw new RetryableError(`answered with the unknown status ${safeText(status)}`, { ...facts, outcomeUnknown: true })
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    if (error.status === 404) return { status: 'unlisted', detail: error.message }
    return { status: 'failed', error }
  }
}
