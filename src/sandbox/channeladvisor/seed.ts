import { readCenters } from './centers.ts'
import { reader } from './compact.ts'
import { addOrders } from './order-seed.ts'
import { addProducts } from './product-seed.ts'
import { readSettings } from './settings.ts'
import type { State } from './state.ts'
import { isText } from './wire.ts'

const KEYS = ['applications', 'settings', 'limits', 'distribution_centers', 'carriers', 'products', 'orders']
const IMPORTED_AGO_MS = 3_600_000
/** The platform looks for new orders this often (contract section 9). */
const PULL_MS = 900_000

/**
 * `{applications?, settings?, limits?, distribution_centers?, carriers?: {carrier: [classes]}, products?, orders?}`; a second seed adds, and
 * its settings win. A seeded order was imported an hour ago.
 */
export function applySeed(state: State, document: unknown): void {
  const given = reader('channeladvisor seed', document, KEYS)
  state.version += 1
  for (const application of given.list('applications') ?? []) state.accounts.put(application)
  if (given.has('settings')) state.settings = readSettings(given.raw('settings'), state.settings)
  if (given.has('limits')) state.limits.configure(given.raw('limits'))
  if (given.has('distribution_centers')) readCenters(state, given.list('distribution_centers') ?? [])
  if (given.has('carriers')) state.carriers = readCarriers(given.object('carriers') ?? {})
  addProducts(state, given.list('products') ?? [])
  const importedAt = state.clock.now() - IMPORTED_AGO_MS
  addOrders(state, given.list('orders') ?? [], { importedAt, createdAt: importedAt - PULL_MS })
}

function readCarriers(lists: object): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(lists).map(([carrier, classes]: [string, unknown]) => {
      if (!Array.isArray(classes) || !classes.every(isText)) throw new Error(`carriers.${carrier}: must be a list of texts`)
      return [carrier, classes]
    }),
  )
}
