import { RetryableError } from '../../../core/errors.ts'
import { type Listing, skuKeyOf } from '../../../core/model/stock.ts'
import { inLanes } from '../../http/lanes.ts'
import { type ChannelAdvisorClient, pathOf, quoted, type Request } from './client.ts'
import { wireProduct } from './wire.ts'

/** What the account has under a SKU. */
export type Found =
  | { readonly kind: 'one'; readonly productId: string }
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

/** What is listed under these SKUs, one per SKU in order. */
export async function describeListings(
  products: Products,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const found = await products.find(skus, signal, true)
  return skus.map((sku, at) =>
    found[at]?.kind === 'none' ? { sku, listed: false } : { sku, listed: true, fulfilment: 'seller' },
  )
}

interface Product {
  readonly id: string
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
    return { id: read.data.ID, sku: read.data.Sku ?? '' }
  })
}

/** Letters' case makes no difference to the vendor's search: the same spelling first, then the one that differs in case only. */
function match(sku: string, products: readonly Product[]): Found {
  const same = products.filter((product) => product.sku === sku.trim())
  const alike = same.length > 0 ? same : products.filter((product) => skuKeyOf(product.sku) === skuKeyOf(sku))
  const productIds = [...new Set(alike.map(({ id }) => id))]
  const [productId] = productIds
  if (productId === undefined) return NONE
  return productIds.length === 1 ? { kind: 'one', productId } : { kind: 'several', productIds }
}

function pathFor(skus: readonly string[]): string {
  const filter = skus.map((sku) => `Sku eq ${quoted(sku.trim())}`).join(' or ')
  return pathOf('/v1/Products', [
    ['$filter', filter],
    ['$select', 'ID,Sku'],
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
