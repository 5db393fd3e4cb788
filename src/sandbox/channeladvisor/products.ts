import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { CENTERS } from './center.ts'
import { answerEntity, answerList } from './odata-answer.ts'
import { pendingOf } from './pending.ts'
import { PRODUCTS, type Product, type Shelf } from './product.ts'
import { productOf } from './quantity.ts'
import type { State } from './state.ts'
import { noSuchEntity } from './wire.ts'

/** So many properties make an answer small. */
const NARROW = 5

/** GET Products: pages are larger where little is asked for. */
export function listProducts(call: Call): SandboxReply {
  const { state, application } = call
  const { productPageSize, narrowProductPageSize } = state.settings
  return answerList(call, {
    kind: PRODUCTS,
    entities: shelvesOf(state, state.products.visible(application.profiles)),
    pageSize: ({ shape }) =>
      shape.select !== undefined && shape.select.length <= NARROW ? narrowProductPageSize : productPageSize,
  })
}

/** GET Products({ID}) */
export function getProduct(call: Call): SandboxReply {
  const product = productOf(call)
  return product === undefined ? noSuchEntity() : answerEntity(call, PRODUCTS, shelfOf(call.state, product))
}

/** GET DistributionCenters */
export function listCenters(call: Call): SandboxReply {
  return answerList(call, { kind: CENTERS, entities: [...call.state.centers.values()], pageSize: call.state.settings.pageSize })
}

/** By the view of the store: made once for all pages. */
const shelves = new WeakMap<readonly Product[], readonly Shelf[]>()

function shelvesOf(state: State, products: readonly Product[]): readonly Shelf[] {
  const known = shelves.get(products)
  if (known !== undefined) return known
  const made = products.map((product) => shelfOf(state, product))
  shelves.set(products, made)
  return made
}

function shelfOf(state: State, product: Product): Shelf {
  return { product, pending: () => pendingOf(state, product) }
}
