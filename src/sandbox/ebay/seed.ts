import { reader } from './compact.ts'
import { addListings } from './listing-seed.ts'
import { addOrders } from './order-seed.ts'
import { readSettings } from './settings.ts'
import type { State } from './state.ts'

/** A seeded order that gives no time is an hour old; one that is added later happens now. */
const SEEDED_AGO_MS = 3_600_000

/** `{accounts?, settings?, quotas?, orders?, listings?}`; a second seed adds, and its settings win. */
export function applySeed(state: State, document: unknown): void {
  const given = reader('ebay seed', document, ['accounts', 'settings', 'quotas', 'orders', 'listings'])
  for (const account of given.list('accounts') ?? []) state.accounts.put(account)
  if (given.has('settings')) {
    const before = state.settings.quotaResets
    state.settings = readSettings(given.raw('settings'), state.settings)
    if (state.settings.quotaResets !== before) state.quota.setDay(state.settings.quotaResets)
  }
  if (given.has('quotas')) state.quota.configure(given.raw('quotas'))
  addOrders(state, given.list('orders') ?? [], state.clock.now() - SEEDED_AGO_MS)
  addListings(state, given.list('listings') ?? [])
}
