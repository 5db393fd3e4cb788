import { type Reader, reader } from './compact.ts'
import { addItemDocuments, addItems, addWarehouses } from './item-seed.ts'
import { addCompact, addDocuments, seeded } from './order-seed.ts'
import { readSettings } from './settings.ts'
import type { State } from './state.ts'
import { isText, listOf } from './wire.ts'

/** A seeded order that gives no time is an hour old; one that is added later happens now. */
const SEEDED_AGO_MS = 3_600_000
// biome-ignore format: a word list
const KEYS = [
  'accounts', 'settings', 'limits', 'carriers', 'service_levels', 'warehouses', 'orders', 'order_documents', 'items', 'item_documents',
]

/**
 * `{accounts?: [{account_id, client_id, client_secret, token}], settings?, limits? (true), carriers?: {carrier: [methods]}, service_levels?: [],
 * warehouses?, orders?: [compact], order_documents?: [the vendor's own], items?: [compact], item_documents?}`; a second seed adds, and its
 * settings win. Carriers and service levels replace what there is.
 */
export function applySeed(state: State, document: unknown): void {
  const given = reader('dsco seed', document, KEYS)
  for (const account of given.list('accounts') ?? []) state.access.put(account)
  if (given.has('settings')) state.settings = readSettings(given.raw('settings'), state.settings)
  state.limited = given.flag('limits') ?? state.limited
  readCarriage(state, given)
  addWarehouses(state, given.list('warehouses') ?? [])
  const arrival = seeded(state, SEEDED_AGO_MS)
  addCompact(state, given.list('orders') ?? [], arrival)
  addDocuments(state, given.list('order_documents') ?? [], arrival)
  addItems(state, given.list('items') ?? [])
  addItemDocuments(state, given.list('item_documents') ?? [])
}

function readCarriage({ carriers, serviceLevels }: State, given: Reader): void {
  const methods = given.object('carriers')
  if (methods !== undefined) {
    carriers.clear()
    for (const [carrier, names] of Object.entries(methods)) carriers.set(carrier, new Set(listOf(names).filter(isText)))
  }
  const levels = given.texts('service_levels')
  if (levels === undefined) return
  serviceLevels.clear()
  for (const level of levels) serviceLevels.add(level)
}
