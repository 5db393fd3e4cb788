import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { State } from './state.ts'
import { fail, ok } from './wire.ts'

/** GET /organizations: contract section 1. */
export function listOrganizations({ organizations }: State): SandboxReply {
  return ok({
    organizations: organizations.map((one, i) => ({
      organization_id: one.organization_id,
      name: one.name,
      contact_name: 'Ada Sample',
      email: 'owner@example.com',
      is_default_org: i === 0,
      language_code: 'en',
      fiscal_year_start_month: 0,
      account_created_date: '2024-01-15',
      time_zone: one.time_zone,
      plan_name: one.plan_name,
      plan_period: 'Monthly',
      is_org_active: one.is_org_active,
      currency_code: 'USD',
      currency_symbol: '$',
      price_precision: 2,
    })),
  })
}

/** GET /locations: contract section 4. An organization that still has warehouses has no locations. */
export function listLocations(state: State, request: SandboxRequest, isOwner: boolean): SandboxReply {
  if (state.settings.places === 'warehouses') return fail(404, 5, 'Invalid URL Passed')
  const type = request.query.get('location_type')
  const places = isOwner ? state.places.filter((place) => type === null || place.type === type) : []
  return ok({
    locations: places.map((place) => ({
      location_id: place.location_id,
      location_name: place.location_name,
      type: place.type,
      email: 'place@example.com',
      phone: '555-0100',
      address: {
        attention: '',
        street_address1: '1 Invented Street',
        street_address2: '',
        city: 'Springfield',
        state: 'Illinois',
        state_code: 'IL',
        country: 'U.S.A',
      },
      is_all_users_selected: true,
    })),
  })
}
