import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import type { EbayClient } from './client.ts'
import { confirmByCompleteSale, lookUpInTrading } from './complete-sale.ts'
import { confirmByFulfillment, lookUpFulfillments } from './fulfillments.ts'
import type { OrderSource } from './order-source.ts'

/** Each package goes to the API that its lines' ids come from, also after the channel was switched to the other one. */
export async function confirmShipments(
  client: EbayClient,
  trading: OrderSource,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  return inBoth(
    batch,
    (own) => confirmByCompleteSale(client, trading, own, signal),
    (own) => confirmByFulfillment(client, own, signal),
  )
}

export async function lookUpConfirmations(
  client: EbayClient,
  trading: OrderSource,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  return inBoth(
    batch,
    (own) => lookUpInTrading(trading, own, signal),
    (own) => lookUpFulfillments(client, own, signal),
  )
}

async function inBoth<Result>(
  batch: readonly Confirmation[],
  byTrading: (own: readonly Confirmation[]) => Promise<readonly Result[]>,
  byRest: (own: readonly Confirmation[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const [trading, rest] = [batch.filter(isTrading), batch.filter((one) => !isTrading(one))]
  const results = new Map<Confirmation, Result>()
  const told = trading.length === 0 ? [] : await byTrading(trading)
  for (const [at, result] of told.entries()) if (trading[at] !== undefined) results.set(trading[at], result)
  const added = rest.length === 0 ? [] : await byRest(rest)
  for (const [at, result] of added.entries()) if (rest[at] !== undefined) results.set(rest[at], result)
  return batch.flatMap((one) => results.get(one) ?? [])
}

/** `ItemID-TransactionID`; the Fulfillment API numbers lines without a dash. */
function isTrading({ lines }: Confirmation): boolean {
  return lines.every(({ externalLineId }) => /^\d+-\d+$/.test(externalLineId))
}
