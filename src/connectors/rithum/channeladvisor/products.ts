import { RetryableError } from '../../../core/errors.ts'
import { type Listing, skuKeyOf } from '../../../core/model/stock.ts'
import { inLanes } from '../../http/lanes.ts'
import { type Centers, externalIn } from './centers.ts'
import { type ChannelAdvisorClient, pathOf, quoted, type Request } from './client.ts'
import { mayBeCut } from './cut.ts'
import type { IsExternal } from './units.ts'
import { wireProduct } from './wire.ts'

/** What the account has under a SKU. */
export type Found =
  /** `centers`: the distribution centers that it is kept in, `units`: and how many in each; empty where that is not told. */
  | {
      readonly kind: 'one'
      readonly productId: string
      readonly centers: readonly number[]
      readonly units: ReadonlyMap<number, number>
    }
  | { readonly kind: 'none' }
  /** Several profiles share one login: which of them is meant is not ours to guess (contract section 10). */
  | { readonly kind: 'several'; readonly productIds: readonly string[] }

export interface Products {
  /** One per SKU, in order. `again`: what this process has found out before is not trusted. */
  find(skus: readonly string[], signal: AbortSignal, again?: boolean): Promise<readonly Found[]>
}

/** Longer addresses are refused with 414 (contract section 11); where that begins is not told. */
const LONGEST_PATH = 1500
const NONE: Found = { kind: 'none' }

/** Quantities need a product's id (contract section 10). Ids do not change, so each process asks once; what was not there is asked again. */
export function createProducts(client: ChannelAdvisorClient): Products {
  const known = new Map<string, Found>()
  return {
    async find(skus, signal, again = false) {
      const unknown = [...new Set(skus)].filter((sku) => again || !known.has(sku))
      const chunks = chunksByLength(unknown)
      const answers = await inLanes(chunks, (chunk) => readProducts(client, chunk, signal))
      const found = new Map<string, Found>()
      for (const [at, chunk] of chunks.entries()) for (const sku of chunk) found.set(sku, match(sku, answers[at] ?? []))
      for (const [sku, one] of found) if (one.kind === 'one') known.set(sku, one)
      return skus.map((sku) => found.get(sku) ?? known.get(sku) ?? NONE)
    },
  }
}

/** What is listed under these SKUs, one per SKU in order; the quantity is that of `center`, which quantities are written to. */
export async function describeListings(
  { products, centers, center }: { readonly products: Products; readonly centers: Centers; readonly center: number },
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const found = await products.find(skus, signal, true)
  const wanted = centersOf(found)
  const isExternal = externalIn(wanted.length === 0 ? [] : await centers.read(wanted, signal))
  return skus.map((sku, at) => {
    const one = found[at] ?? NONE
    if (one.kind === 'none') return { sku, listed: false }
    const fulfilment = liesElsewhere(one, isExternal) ? 'marketplace' : 'seller'
    const quantity = one.kind === 'one' ? one.units.get(center) : undefined
    return { sku, listed: true, fulfilment, ...(quantity === undefined ? {} : { quantity }) }
  })
}

/** Kept in centers of others only (FBA, WFS): a quantity of ours would put it up for sale as if the seller shipped it. */
export function liesElsewhere(found: Found, isExternal: IsExternal): boolean {
  return found.kind === 'one' && found.centers.length > 0 && found.centers.every((id) => isExternal(id) === true)
}

export function centersOf(found: readonly Found[]): readonly number[] {
  return [...new Set(found.flatMap((one) => (one.kind === 'one' ? one.centers : [])))]
}

interface Product {
  readonly id: string
  readonly centers: readonly number[]
  readonly units: ReadonlyMap<number, number>
  readonly sku: string
}

async function readProducts(
  client: ChannelAdvisorClient,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly Product[]> {
  const request: Request = { operation: 'GET Products', method: 'GET', path: pathFor(skus) }
  const raws = await client.readAll(request, signal)
  return raws.map((raw) => {
    const read = wireProduct.safeParse(raw)
    // Without its id a product that is there would count as one that is not.
    if (!read.success) throw new RetryableError('a product came without a readable id', client.factsOf(request))
    const { ID, Sku, DCQuantities } = read.data
    const centers = mayBeCut(raw) ? [] : DCQuantities.map(({ DistributionCenterID }) => DistributionCenterID)
    const units = DCQuantities.flatMap(({ DistributionCenterID: center, AvailableQuantity: count }) =>
      count === undefined || count === null ? [] : [[center, count] as const],
    )
    return { id: ID, sku: Sku ?? '', centers, units: new Map(units) }
  })
}

/** Letters' case makes no difference to the vendor's search: the same spelling first, then the one that differs in case only. */
function match(sku: string, products: readonly Product[]): Found {
  const same = products.filter((product) => product.sku === sku.trim())
  const alike = same.length > 0 ? same : products.filter((product) => skuKeyOf(product.sku) === skuKeyOf(sku))
  const productIds = [...new Set(alike.map(({ id }) => id))]
  const [first] = alike
  if (first === undefined) return NONE
  const { id: productId, centers, units } = first
  return productIds.length === 1 ? { kind: 'one', productId, centers, units } : { kind: 'several', productIds }
}

function pathFor(skus: readonly string[]): string {
  const filter = skus.map((sku) => `Sku eq ${quoted(sku.trim())}`).join(' or ')
  return pathOf('/v1/Products', [
    ['$filter', filter],
    ['$select', 'ID,Sku'],
    ['$expand', 'DCQuantities'],
  ])
}

/** As many in a call as the address may hold. */
function chunksByLength(skus: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = []
  for (const sku of skus) {
    const last = chunks.at(-1)
    if (last !== undefined && pathFor([...last, sku]).length <= LONGEST_PATH) last.push(sku)
    else chunks.push([sku])
  }
  return chunks
}
