import type { Outgoing } from '../stand-in.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import type { Odd } from './answers.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import type { Hook } from './hook.ts'
import { createLimits, type Limits } from './limits.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'

export interface Organization {
  readonly organization_id: string
  readonly name: string
  readonly time_zone: string
  readonly plan_name: string
  readonly is_org_active: boolean
}

export interface Place {
  readonly location_id: string
  readonly location_name: string
  readonly type: 'general' | 'line_item_only'
  readonly status: 'active' | 'inactive'
  readonly is_primary: boolean
}

export interface State {
  readonly accounts: Accounts
  readonly limits: Limits
  readonly catalogue: Catalogue
  /** The first one has the items; the others are empty. */
  organizations: readonly Organization[]
  /** One of them is primary. */
  places: readonly Place[]
  settings: Settings
  /** Odd answers that wait for their request. */
  odd: Odd[]
  hooks: readonly Hook[]
  /** Messages of webhooks that are not given out for sending yet. */
  unsent: Outgoing[]
  /** Events that rules have seen so far; they number the records. */
  hookEvents: number
  /** Items made so far. */
  made: number
  /** Answered calls by `METHOD /shape`, then by the minute they came in (ISO text to the minute). */
  readonly calls: Map<string, Map<string, number>>
  /** Calls that would have changed something: isync only reads. */
  writes: number
}

export const DEFAULT_ORGANIZATION: Organization = {
  organization_id: '10234695',
  name: 'Sandbox Trading',
  time_zone: 'America/Los_Angeles',
  plan_name: 'ENTERPRISE',
  is_org_active: true,
}

export const DEFAULT_PLACES: readonly Place[] = [
  { location_id: '460000000038080', location_name: 'Head Office', type: 'general', status: 'active', is_primary: true },
  { location_id: '460000000041010', location_name: 'Showroom', type: 'general', status: 'active', is_primary: false },
]

export function emptyState(): State {
  return {
    accounts: createAccounts(),
    limits: createLimits(),
    catalogue: createCatalogue(),
    organizations: [DEFAULT_ORGANIZATION],
    places: DEFAULT_PLACES,
    settings: DEFAULT_SETTINGS,
    odd: [],
    hooks: [],
    unsent: [],
    hookEvents: 0,
    made: 0,
    calls: new Map(),
    writes: 0,
  }
}

export function primaryPlace({ places }: State): Place {
  const primary = places.find((place) => place.is_primary) ?? places[0]
  if (primary === undefined) throw new Error('zoho: there is no place')
  return primary
}
