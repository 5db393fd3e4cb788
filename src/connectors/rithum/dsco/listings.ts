import type { Listing } from '../../../core/model/stock.ts'
import { inLanes } from '../../http/lanes.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { given } from './values.ts'
import { wireItem } from './wire.ts'

/** One call per SKU, 300 a minute (contract section 5): only SKUs that were once not listed are looked up so. */
export async function describeListings(
  client: DscoClient,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  return inLanes(skus, async (sku): Promise<Listing> => {
    if (sku.trim() === '') return { sku, listed: false }
    const request: DscoRequest = {
      operation: 'inventory',
      method: 'GET',
      path: '/inventory',
      query: [
        ['itemKey', 'sku'],
        ['value', sku],
      ],
      expect: [404],
    }
    const answer = await client.send(request, signal)
    if (answer.status === 404) return { sku, listed: false }
    const item = client.parse(request, answer, wireItem)
    return { sku, listed: true, fulfilment: 'seller', ...given('quantity', item.quantityAvailable ?? undefined) }
  })
}
