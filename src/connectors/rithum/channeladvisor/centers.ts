import type { ChannelAdvisorClient, Request } from './client.ts'
import type { IsExternal } from './units.ts'
import { type Center, keptCenters, wireCenter } from './wire.ts'

export interface Centers {
  /** The account's distribution centers, kept for an hour by all processes together, unless one of the `wanted` is not among them. */
  read(wanted: readonly number[], signal: AbortSignal): Promise<readonly Center[]>
}

const NOTE = 'distribution-centers'
const KEEP_MS = 3600_000

export function createCenters(client: ChannelAdvisorClient): Centers {
  const { shared, clock } = client.gate
  return {
    async read(wanted, signal) {
      const kept = keptCenters.safeParse(JSON.parse((await shared.recall(NOTE)) ?? 'null'))
      if (kept.success && wanted.every((id) => kept.data.some((center) => center.id === id))) return kept.data
      const centers = await readCenters(client, signal)
      await shared.remember(NOTE, JSON.stringify(centers), clock.now() + KEEP_MS)
      return centers
    },
  }
}

/** As the account tells them now, deleted ones too: an old order may lie in one. */
export async function readCenters(client: ChannelAdvisorClient, signal: AbortSignal): Promise<readonly Center[]> {
  const request: Request = { operation: 'GET DistributionCenters', method: 'GET', path: '/v1/DistributionCenters' }
  const centers: Center[] = []
  for (const raw of await client.readAll(request, signal)) {
    const read = wireCenter.safeParse(raw).data
    if (read === undefined) continue
    const { ID, Name, Code, Type, IsExternallyManaged, IsDeleted } = read
    const isExternal = IsExternallyManaged === true || Type === 'ExternallyManaged'
    centers.push({ id: ID, name: Name ?? Code ?? String(ID), isExternal, isDeleted: IsDeleted === true })
  }
  return centers
}

/** Undefined for a center that is not in the list. */
export function externalIn(centers: readonly Center[]): IsExternal {
  const known = new Map(centers.map(({ id, isExternal }) => [id, isExternal]))
  return (centerId) => known.get(centerId)
}

/** `0 Main; 5 Fulfillment by Amazon (not the seller's)`. */
export function listOfCenters(centers: readonly Center[]): string {
  const shown = centers.filter(({ isDeleted }) => !isDeleted).slice(0, 20)
  return shown.map(({ id, name, isExternal }) => `${id} ${name}${isExternal ? " (not the seller's)" : ''}`).join('; ')
}
